// What the JSON reports of `diff` and `verify` promise of a witness: who decided it, and on which
// conditions that no packet tells. Included by report/*_json.cpp only.
#pragma once

#include "analysis/flows/witness.hpp"
#include "analysis/packet/sent.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"
#include "report/json_parts.hpp"

namespace untrack::json {

// `location` of the rule, or the chain whose policy it was; both null if nothing with rules did.
[[nodiscard]] inline Json cause_of(const ComparedSide& side, const Decider& by) {
  Json json = {{"location", nullptr}, {"policy_of", nullptr}};
  if (by.rule.names_something()) {
    json["location"] = location_of(*side.sources, side.ruleset[by.rule].text);
  } else if (by.chain.names_something()) {
    json["policy_of"] = side.ruleset[by.chain].name;
  }
  return json;
}

[[nodiscard]] inline Json decider_of(const ComparedSide& side, Decision decision,
                                     const Decider& by) {
  Json json = {{"decision", to_text(decision)}};
  json.update(cause_of(side, by));
  return json;
}

[[nodiscard]] inline Json conditions_of(const FreeVariables& variables, const Witness& witness) {
  Json list = Json::array();
  for (std::size_t i = 0; i < witness.free.size(); ++i) {
    if (witness.free[i]) list.push_back(variables[static_cast<FreeId>(i)].text);
  }
  return list;
}

// Said only where no host sends the packet, and no better one was found.
inline void add_unlikely(Json& json, const Witness& witness) {
  const std::string_view why = why_not_sent(witness.packet);
  if (!why.empty()) json["unlikely"] = why;
}

}  // namespace untrack::json
