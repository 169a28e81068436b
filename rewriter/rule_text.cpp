#include "rewriter/rule_text.hpp"

#include <algorithm>

namespace untrack {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Span RuleText::with_space(const Span& span) const {
  const std::string_view text = sources_[span.source].text();
  Span wider = span;
  while (wider.begin > 0 && is_space(text[wider.begin - 1])) --wider.begin;
  return wider;
}

Span RuleText::head_of(const Construct& construct) const {
  const std::string_view text = sources_.text(construct.span);
  std::size_t end = 0;
  const auto word = [&] {
    while (end < text.size() && !is_space(text[end])) ++end;
  };
  word();
  // "-m NAME" is two words, "-mNAME" and "--match=NAME" are one.
  if (text.substr(0, end) == "-m" || text.substr(0, end) == "--match" ||
      text.substr(0, end) == "-j" || text.substr(0, end) == "--jump") {
    while (end < text.size() && is_space(text[end])) ++end;
    word();
  }
  return {construct.span.source, construct.span.begin,
          construct.span.begin + static_cast<std::uint32_t>(end)};
}

std::vector<Edit> RuleText::without(const Construct& construct) const {
  std::vector<Edit> edits{{with_space(head_of(construct)), ""}};
  for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
    edits.push_back(without(option));
  }
  return edits;
}

Edit RuleText::without(const OptionUse& option) const { return {with_space(option.span), ""}; }

std::vector<Edit> RuleText::replaced(const Construct& construct, std::string_view text) const {
  std::vector<Edit> edits = without(construct);
  edits.front() = {head_of(construct), std::string(text)};
  return edits;
}

Edit RuleText::removed() const { return {ruleset_[rule_].line, ""}; }

std::string RuleText::target() const {
  std::string_view text;
  for (const RulePart& part : slice(ruleset_.parts, ruleset_[rule_].parts)) {
    if (std::holds_alternative<Statement>(part.what)) {
      text = sources_.text(part.construct.names_something() ? ruleset_[part.construct].span
                                                            : part.span);
    }
  }
  return std::string(text);
}

std::string RuleText::append() const {
  return "-A " + chain_word(ruleset_[ruleset_[rule_].chain].name);
}

std::string chain_word(std::string_view name) {
  const bool is_plain = std::ranges::all_of(
      name, [](char c) { return c > ' ' && c != '"' && c != '\'' && c != '\\' && c != '\x7f'; });
  if (is_plain) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace untrack
