// Command: the arguments of one iptables or ip6tables call, understood by the same rules as
// iptables(8) itself: getopt_long with abbreviations, options that exist only after their -m, the
// match that -p implies. Reads words, builds the rule; does not know chains or files: lines,
// scripts and the effect of commands on the ruleset are the callers' part.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/ruleset.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

enum class CommandKind {
  append,
  insert,
  replace,
  delete_rule,
  delete_number,
  check,
  new_chain,
  delete_chain,
  flush,
  zero,
  rename_chain,
  policy,
  list,  // -L, -S: looks only
  none,  // an error was reported; do nothing, but know that something was there
};

struct Command {
  CommandKind kind = CommandKind::none;
  std::optional<std::string_view> table;  // of -t; none: the table the line stands in, or filter
  Span table_span;
  std::string_view chain;  // empty: all chains (-F, -X, -Z)
  Span chain_span;
  std::string_view new_name;  // rename_chain
  Policy policy = Policy::accept;
  std::uint32_t rule_number = 0;         // from 1; 0: not given (-I means 1)
  std::optional<Counters> counters;      // -c, or [packets:bytes] in front of the rule
  IpVersions only = IpVersions::both();  // narrowed by -4 and -6
  Rule rule;  // append, insert, replace, delete_rule, check: parts and constructs are in the pools;
              // line, chain and Construct::rule are left for the caller
  Span span;  // first to last word
};

struct CommandContext {
  IpVersion ip_version{};
  std::string_view table;  // the table the line stands in, for checks of a target's table
};

// Reads one call; `words` does not hold the program's name. Problems go to ruleset.problems; a rule
// with a problem still carries all parts that were understood, and an OpaqueTest or OpaqueStatement
// for each that was not, so that a doubtful rule never counts as one that matches everything.
[[nodiscard]] Command read_command(std::span<const Word> words, const CommandContext& context,
                                   Ruleset& ruleset);

}  // namespace untrack::iptables
