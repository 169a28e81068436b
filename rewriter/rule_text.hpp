// RuleText: the words of one rule as they stand in the text, for edits that take some of them away
// or put others in their place. Used by the planners of rewrites, for both languages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"
#include "rewriter/rule_style.hpp"

namespace untrack {

class NftRuleText;

class RuleText {
 public:
  RuleText(const Ruleset& ruleset, const Sources& sources, RuleId rule)
      : ruleset_(ruleset), sources_(sources), rule_(rule) {}

  // What takes the construct out of the rule, with the spaces in front of it; words of others that
  // stand between its words stay.
  [[nodiscard]] std::vector<Edit> without(const Construct& construct) const;
  // The same of one option; of iptables alone.
  [[nodiscard]] Edit without(const OptionUse& option) const;
  // The construct's first words give way to `text`, and the rest of its words go.
  [[nodiscard]] std::vector<Edit> replaced(const Construct& construct, std::string_view text) const;
  // The whole line, newline included.
  [[nodiscard]] Span line() const;
  [[nodiscard]] Edit removed() const;
  // "-j ACCEPT" with its options, "-g CHAIN"; "accept"; empty: no target.
  [[nodiscard]] std::string target() const;
  // A rule of the same chain, in the way of this one: a line without its newline.
  [[nodiscard]] std::string beside(std::string_view conditions, std::string_view target) const;
  // A line with a comment, likewise.
  [[nodiscard]] std::string comment(std::string_view words) const;
  // The rule, for a comment: lines that go on in the next are one.
  [[nodiscard]] std::string in_one_line() const;
  // Lines about the same chain, with comments in front of those that they are about, in the order
  // in which packets are to meet them; as they have to stand in the text.
  [[nodiscard]] std::string in_order(const std::vector<std::string>& lines) const;
  // Where rules go that packets meet before it, or behind it.
  [[nodiscard]] Span ahead() const;
  [[nodiscard]] Span behind() const;

 private:
  [[nodiscard]] bool is_nft() const;
  [[nodiscard]] NftRuleText nft() const;
  // What is written later stands first.
  [[nodiscard]] bool is_inserted() const;
  // `span` and the spaces in front of it.
  [[nodiscard]] Span with_space(const Span& span) const;
  // "-m NAME", "--match=NAME".
  [[nodiscard]] Span head_of(const Construct& construct) const;

  const Ruleset& ruleset_;
  const Sources& sources_;
  RuleId rule_;
};

}  // namespace untrack
