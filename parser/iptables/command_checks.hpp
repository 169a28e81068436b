// Checks of iptables(8) that concern a command as a whole and the names in it: which options go
// with which command, chain and target names, interfaces and chains. Used by command.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/iptables/command.hpp"
#include "parser/iptables/global_options.hpp"
#include "parser/iptables/rule_words.hpp"

namespace untrack::iptables {

// The options of iptables itself that a command has.
class UsedOptions {
 public:
  void set(GlobalOption option) { bits_ |= std::uint64_t{1} << static_cast<unsigned>(option); }
  [[nodiscard]] bool has(GlobalOption option) const {
    return (bits_ >> static_cast<unsigned>(option) & 1U) != 0;
  }
  [[nodiscard]] bool has_any_of(std::uint64_t bits) const { return (bits_ & bits) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

// ACCEPT, DROP, RETURN, QUEUE: targets without an extension.
[[nodiscard]] bool is_verdict_name(std::string_view name);

// Of -N and -E: length, first letter, blanks, no name of a target. Reports and returns false if
// iptables refuses it.
bool check_chain_name(Ruleset& ruleset, const Word& name, IpVersion version);

// Of -j and -g: length and blanks.
void check_target_name(Ruleset& ruleset, const Word& name);

// Reports a -m or -j that the catalog does not have, or has only for the other IP version.
void report_unknown_extension(Ruleset& ruleset, const Word& name, catalog::ExtensionKind kind,
                              IpVersion version);

// Which extension has an option of this name: "Write -m conntrack in front of it."; empty if none.
[[nodiscard]] std::string option_owner_hint(std::string_view option, IpVersion version);

// generic_opt_check() and the checks around it in do_parse(), iptables/xshared.c (1.8.9).
void check_command(const Command& command, const UsedOptions& used, const RuleWords& words,
                   Ruleset& ruleset);

}  // namespace untrack::iptables
