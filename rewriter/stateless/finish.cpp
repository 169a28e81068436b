#include "rewriter/stateless/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "rewriter/rule_text.hpp"
#include "rewriter/table_text.hpp"

namespace untrack {
namespace {

void add(EditSet& edits, Edit edit) {
  if (edits.add(std::move(edit))) throw std::logic_error("edits of a rewrite conflict");
}

EditSet common_edits(const Draft& draft) {
  EditSet edits;
  for (const Edit& edit : draft.edits) add(edits, edit);
  return edits;
}

std::string_view heading(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::fragments:
      return "fragments, which nothing puts together without tracking";
    case ReplyKind::replies:
      return "replies, and the rest of what began";
    case ReplyKind::reject_resets:
      return "answers of the REJECT";
    case ReplyKind::errors:
      return "ICMP errors, path MTU among them";
  }
  return {};
}

std::string text_of(const Ruleset& ruleset, const Sources& sources, const Place& place,
                    const PlaceRules& rules) {
  const RuleText rule(ruleset, sources, place.rule);
  std::vector<std::string> lines = place.ahead;
  for (const ReplyKind kind :
       {ReplyKind::fragments, ReplyKind::replies, ReplyKind::reject_resets, ReplyKind::errors}) {
    bool is_first = true;
    for (const ReplyRule& row : rules.rules) {
      if (row.kind != kind) continue;
      if (is_first) lines.push_back(rule.comment(heading(kind)));
      is_first = false;
      lines.push_back(rule.beside(row.conditions, row.target.empty() ? place.target : row.target));
    }
  }
  lines.insert(lines.end(), place.behind.begin(), place.behind.end());
  if (lines.empty()) return {};
  return fmt::format("{}\n{}", rule.comment("in place of: " + rule.in_one_line()),
                     rule.in_order(lines));
}

constexpr std::string_view reassembly =
    "# fragments are put together, as connection tracking did; the rule itself decides nothing\n"
    "-A PREROUTING -i lo -m socket\n";

}  // namespace

EditSet draft_edits(const Ruleset& ruleset, const Sources& sources, const Draft& draft) {
  EditSet edits = common_edits(draft);
  for (const Place& place : draft.places) {
    const RuleText rule(ruleset, sources, place.rule);
    std::vector<std::string> lines = place.ahead;
    lines.insert(lines.end(), place.behind.begin(), place.behind.end());
    add(edits, {rule.line(), lines.empty() ? std::string() : rule.in_order(lines)});
  }
  return edits;
}

EditSet final_edits(const Ruleset& ruleset, const Sources& sources, const Draft& draft,
                    const Replies& replies, const std::vector<Edit>& mirrors, IpVersion version) {
  EditSet edits = common_edits(draft);
  // What all rules need stands in front of what some of them need.
  const InsertionGroup group = edits.new_group();
  const auto insert = [&](Edit edit) {
    if (edits.add(std::move(edit), group)) throw std::logic_error("edits of a rewrite conflict");
  };
  if (replies.needs_reassembly) {
    insert(added_to_table(ruleset, sources, version, "mangle", reassembly));
  }
  for (const Edit& edit : mirrors) insert(edit);
  for (std::size_t i = 0; i < draft.places.size(); ++i) {
    const Place& place = draft.places[i];
    const PlaceRules& rules = replies.places[i];
    add(edits,
        {RuleText(ruleset, sources, place.rule).line(), text_of(ruleset, sources, place, rules)});
  }
  return edits;
}

}  // namespace untrack
