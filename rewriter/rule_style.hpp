// RuleStyle: how an input spells its rules: as lines that iptables-restore reads, or as commands,
// each with a program and options of its own in front. Used by all that writes rules beside those
// of the input, so that they look like them; guarantees that the new rule is for the same program.
#pragma once

#include <string>
#include <string_view>

#include "model/ruleset.hpp"

namespace untrack {

struct RuleStyle {
  // "sudo iptables -w", as written, with the options that are about no rule; empty: the lines of
  // the input are rules without a program, as in a listing.
  std::string program;
  std::string table;         // "-t filter", as written; empty: the rule does not name its table
  bool is_command = false;   // the shell reads it
  bool is_inserted = false;  // by -I: what is written later stands first

  // What stands in front of "-A" in a rule of the table: nothing, or ends with a space.
  [[nodiscard]] std::string lead(std::string_view table_name) const;
};

[[nodiscard]] RuleStyle style_of(const Ruleset& ruleset, const Sources& sources, RuleId rule);

// The input has tables, declared and committed, as iptables-save prints them.
[[nodiscard]] bool has_table_headers(const Ruleset& ruleset, SourceId source);

// Its lines are for both families, but for those that begin with -4 or -6.
[[nodiscard]] bool serves_both(const Ruleset& ruleset, SourceId source);

// A chain's name as a word of a rule: in quotes if it needs them.
[[nodiscard]] std::string chain_word(std::string_view name, bool is_command = false);

}  // namespace untrack
