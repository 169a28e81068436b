// OptionLookup: finds a long option as getopt_long(3) does, among the options that exist at that
// point of a command: those of iptables itself and of every extension loaded so far.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "parser/iptables/global_options.hpp"
#include "parser/iptables/rule_words.hpp"

namespace untrack::iptables {

struct FoundOption {
  enum Kind : std::uint8_t { none, ambiguous, found };
  Kind kind = none;
  const GlobalOptionRow* global = nullptr;
  const catalog::Option* option = nullptr;
  std::uint32_t use = 0;           // of `option`
  std::string_view first, second;  // ambiguous: two of the names that begin so
};

// The whole name wins over abbreviations, the options of iptables over those of extensions, later
// extensions over earlier ones (libxtables, xtables_merge_options, iptables 1.8.9). An abbreviation
// must fit one option only, where two spellings of one option are one.
[[nodiscard]] FoundOption find_long_option(std::string_view name, const RuleWords& words,
                                           IpVersion version);

// The existing option that a mistyped name is nearest to; empty if none is near.
[[nodiscard]] std::string_view nearest_option(std::string_view name, const RuleWords& words,
                                              IpVersion version);

}  // namespace untrack::iptables
