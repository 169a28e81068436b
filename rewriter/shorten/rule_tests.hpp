// RuleTests: what one rule asks of a packet, brought into a form in which two rules can be compared
// by their words alone: value sets by field. Used by the search for rules that an earlier one
// covers. Only what no rule of the chain can change in a packet is compared; what cannot be said in
// this form makes the rule no cover for another, but leaves it comparable as the narrower one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

// The field's value is in one of these, which are sorted and have gaps between them.
struct ValueTest {
  Field field{};
  std::vector<Interval> values;
};

struct NamesTest {
  Field field{};
  bool negated = false;
  std::vector<NamePattern> names;
};

// What the packet meets when all conditions hold, of the two kinds of rules that are compared.
enum class RuleEnd : std::uint8_t { accepts, untracks };

struct RuleTests {
  RuleEnd end{};
  std::vector<ValueTest> values;   // by field, each once
  std::vector<NamesTest> names;    // by field, each once
  std::vector<std::string> words;  // conditions that are compared as they are; sorted
  CtStates states;                 // empty: any
  bool is_whole = true;            // false: it asks for more than stands here
};

// None if the rule does anything but accept, or untrack, what it matches.
[[nodiscard]] std::optional<RuleTests> tests_of(const Ruleset& ruleset, const Rule& rule,
                                                IpVersion version);

// Every packet that `narrow` matches is matched by `wide`, and both do the same with it. False
// where that is not certain.
[[nodiscard]] bool covers(const RuleTests& wide, const RuleTests& narrow);

}  // namespace untrack
