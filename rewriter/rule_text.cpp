#include "rewriter/rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rewriter/nft_rule_text.hpp"

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

bool RuleText::is_nft() const {
  return ruleset_.table_of(ruleset_[rule_]).language == Language::nft;
}

NftRuleText RuleText::nft() const { return {ruleset_, sources_, rule_}; }

std::vector<Edit> RuleText::without(const Construct& construct) const {
  if (is_nft()) return {nft().without(construct.span)};
  std::vector<Edit> edits{{with_space(head_of(construct)), ""}};
  for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
    edits.push_back(without(option));
  }
  return edits;
}

Edit RuleText::without(const OptionUse& option) const { return {with_space(option.span), ""}; }

std::vector<Edit> RuleText::replaced(const Construct& construct, std::string_view text) const {
  if (is_nft()) return {{construct.span, std::string(text)}};
  std::vector<Edit> edits = without(construct);
  edits.front() = {head_of(construct), std::string(text)};
  return edits;
}

Span RuleText::line() const { return is_nft() ? nft().line() : ruleset_[rule_].line; }

Edit RuleText::removed() const { return {line(), ""}; }

std::string RuleText::target() const {
  if (is_nft()) return nft().target();
  std::string_view text;
  const Rule& rule = ruleset_[rule_];
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
    if (std::holds_alternative<Statement>(part.what)) {
      text = sources_.text(part.construct.names_something() ? ruleset_[part.construct].span
                                                            : part.span_in(rule));
    }
  }
  return std::string(text);
}

std::string RuleText::beside(std::string_view conditions, std::string_view target) const {
  if (is_nft()) return nft().beside(conditions, target);
  const Rule& rule = ruleset_[rule_];
  const RuleStyle style = style_of(ruleset_, sources_, rule_);
  return fmt::format("{}{} {}{}{} {}", style.lead(ruleset_.table_of(rule).name),
                     style.is_inserted ? "-I" : "-A",
                     chain_word(ruleset_[rule.chain].name, style.is_command),
                     conditions.empty() ? "" : " ", conditions, target);
}

std::string RuleText::comment(std::string_view words) const {
  std::string indentation;
  if (is_nft()) {
    const std::string lead = nft().lead();
    indentation = lead.substr(0, std::min(lead.find_first_not_of(" \t"), lead.size()));
  }
  return fmt::format("{}# {}", indentation, words);
}

bool RuleText::is_inserted() const {
  return is_nft() ? nft().is_inserted() : style_of(ruleset_, sources_, rule_).is_inserted;
}

std::string RuleText::in_one_line() const {
  if (is_nft()) return nft().in_one_line();
  std::string line;
  std::string_view text = sources_.text(ruleset_[rule_].text);
  while (!text.empty()) {
    const std::size_t at = text.find("\\\n");
    line += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 2);
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (!line.empty() && !is_space(line.back())) line += ' ';
  }
  // Nothing in quotes may end the comment.
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string RuleText::in_order(const std::vector<std::string>& lines) const {
  // Each comment with its lines; of rules that are inserted, the last comes first.
  std::vector<std::string> groups;
  std::vector<std::string> comments;
  const bool is_inserted = this->is_inserted();
  for (const std::string& line : lines) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string::npos && line[first] == '#') {
      comments.push_back(line + '\n');
      groups.emplace_back();
      continue;
    }
    if (groups.empty()) {
      comments.emplace_back();
      groups.emplace_back();
    }
    std::string& group = groups.back();
    const std::size_t at = is_inserted ? 0 : group.size();
    group.insert(at, line);
    group.insert(at + line.size(), 1, '\n');
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    comments[i] += groups[i];
    text.insert(is_inserted ? 0 : text.size(), comments[i]);
  }
  return text;
}

Span RuleText::ahead() const {
  const Span line = this->line();
  const std::uint32_t at = is_inserted() ? line.end : line.begin;
  return {line.source, at, at};
}

Span RuleText::behind() const {
  const Span line = this->line();
  const std::uint32_t at = is_inserted() ? line.begin : line.end;
  return {line.source, at, at};
}

}  // namespace untrack
