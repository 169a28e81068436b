// SetFacts: what has to be known of the elements of a set before a test of it can be judged, found
// once for each set, however many rules look into it. Used by Program while it is made.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/program/ipset_names.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct SetFacts {
  std::vector<bool> has_range;  // by the parts of the key: some element has more than one value
  bool has_exceptions = false;  // nomatch elements
};

class SetFactsOf {
 public:
  explicit SetFactsOf(const Ruleset& ruleset) : ruleset_(ruleset), names_(ruleset) {}

  [[nodiscard]] const IpsetNames& names() const { return names_; }

  // References hold as long as this does.
  [[nodiscard]] const SetFacts& operator[](SetId id);
  // Tells sets of one name in two rulesets apart, which may hold different elements. Empty: it
  // holds what the host puts there. A list:set holds what its members do.
  [[nodiscard]] const std::string& contents(SetId id);
  // The same of an ipset of this name, with its type; empty: it is not given.
  [[nodiscard]] std::string contents(std::string_view ipset);
  // "set inet filter blocked #1f source address": of two rulesets the same text where the same is
  // looked up in the same set.
  [[nodiscard]] std::string look_up_text(const SetTest& test);

 private:
  [[nodiscard]] std::string members_of(const NamedSet& list);

  const Ruleset& ruleset_;
  IpsetNames names_;
  std::unordered_map<std::uint32_t, SetFacts> known_;        // by SetId
  std::unordered_map<std::uint32_t, std::string> contents_;  // by SetId
};

}  // namespace untrack
