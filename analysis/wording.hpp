// Wording: what iptables and nftables call the same thing, for messages and advice about a rule in
// the words of its own language. Used by checks and whatever tells the purpose of a construct.
#pragma once

#include <string_view>

#include "model/ruleset.hpp"

namespace untrack {

struct Wording {
  std::string_view notrack;       // the target, or the statement
  std::string_view raw;           // where it works
  std::string_view prerouting;    // the hook
  std::string_view output;        // the hook
  std::string_view input;         // the hook
  std::string_view first_packet;  // the test of a TCP packet that begins a connection
  std::string_view odd_flags;     // one that no stack sends
};

[[nodiscard]] const Wording& wording_of(Language language);

[[nodiscard]] inline Language language_of(const Ruleset& ruleset, RuleId rule) {
  return ruleset.table_of(ruleset[rule]).language;
}
[[nodiscard]] inline const Wording& wording_of(const Ruleset& ruleset, RuleId rule) {
  return wording_of(language_of(ruleset, rule));
}

}  // namespace untrack
