// SetFacts: what has to be known of the elements of a set before a test of it can be judged, found
// once for each set, however many rules look into it. Used by Program while it is made.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

struct SetFacts {
  std::vector<bool> has_range;  // by the parts of the key: some element has more than one value
  bool has_exceptions = false;  // nomatch elements
};

class SetFactsOf {
 public:
  explicit SetFactsOf(const Ruleset& ruleset) : ruleset_(ruleset) {}

  // References hold as long as this does.
  [[nodiscard]] const SetFacts& operator[](SetId id);
  // Tells sets of one name in two rulesets apart, which may hold different elements. Empty: it
  // holds what the host puts there.
  [[nodiscard]] const std::string& contents(SetId id);
  // "set inet filter blocked #1f source address": of two rulesets the same text where the same is
  // looked up in the same set.
  [[nodiscard]] std::string look_up_text(const SetTest& test);

 private:
  const Ruleset& ruleset_;
  std::unordered_map<std::uint32_t, SetFacts> known_;        // by SetId
  std::unordered_map<std::uint32_t, std::string> contents_;  // by SetId
};

}  // namespace untrack
