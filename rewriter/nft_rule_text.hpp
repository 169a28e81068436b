// NftRuleText: the words of one rule of nft as they stand in the text: in a block of its chain, or
// behind `add rule` and the names. What RuleText does for rules of iptables; used through it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

class NftRuleText {
 public:
  NftRuleText(const Ruleset& ruleset, const Sources& sources, RuleId rule);

  // Nothing but the rule stands in its lines, a comment behind it apart.
  [[nodiscard]] bool stands_alone() const { return stands_alone_; }
  // With its newline; the rule itself where it does not stand alone.
  [[nodiscard]] const Span& line() const { return line_; }
  [[nodiscard]] bool is_command() const { return is_command_; }
  // A command that says where in the chain the rule goes, by a number.
  [[nodiscard]] bool names_a_place() const { return names_a_place_; }
  [[nodiscard]] bool is_inserted() const { return is_inserted_; }
  // The statements stand in it as they are, and not in a variable's definition.
  [[nodiscard]] bool holds(const Span& span) const;

  // What takes the words out of the rule, with the space beside them.
  [[nodiscard]] Edit without(const Span& words) const;
  // The verdict, with a counter in front of it if the rule has one.
  [[nodiscard]] std::string target() const;
  // The same with another verdict.
  [[nodiscard]] std::string target(std::string_view verdict) const;
  // What stands ahead of the words: their conditions.
  [[nodiscard]] std::string head_of(const Span& words) const;
  // "add rule inet filter input", or the indentation of the block.
  [[nodiscard]] const std::string& lead() const { return lead_; }
  // A rule of the same chain, a line without its newline.
  [[nodiscard]] std::string beside(std::string_view conditions, std::string_view target) const;
  [[nodiscard]] std::string in_one_line() const;

 private:
  void see_line();
  void see_command();

  const Ruleset& ruleset_;
  const Sources& sources_;
  const Rule& rule_;
  Span line_;
  Span statements_;  // the rule without the command and the names
  std::string lead_;
  bool stands_alone_ = false;
  bool is_command_ = false;
  bool is_inserted_ = false;
  bool names_a_place_ = false;
};

// "accept", "jump CHAIN"; empty for what is no verdict.
[[nodiscard]] std::string nft_verdict(const Statement& statement);

}  // namespace untrack
