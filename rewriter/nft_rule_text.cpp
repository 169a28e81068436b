#include "rewriter/nft_rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace untrack {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

// The next word behind `at`, which goes to its end.
std::string_view next_word(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_space(text[at])) ++at;
  const std::size_t begin = at;
  while (at < text.size() && !is_space(text[at])) ++at;
  return text.substr(begin, at - begin);
}

std::string in_single_blanks(std::string_view text) {
  std::string words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool goes_on = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!is_space(text[i]) && !goes_on) {
      words += text[i];
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

}  // namespace

std::string nft_verdict(const Statement& statement) {
  if (const auto* jump = std::get_if<JumpStatement>(&statement)) {
    return fmt::format("{} {}", jump->is_goto ? "goto" : "jump", jump->chain_name);
  }
  const auto* verdict = std::get_if<VerdictStatement>(&statement);
  return verdict == nullptr ? std::string() : std::string(to_text(verdict->verdict));
}

NftRuleText::NftRuleText(const Ruleset& ruleset, const Sources& sources, RuleId rule)
    : ruleset_(ruleset), sources_(sources), rule_(ruleset[rule]) {
  see_command();
  see_line();
}

void NftRuleText::see_command() {
  const std::string_view text = sources_.text(rule_.text);
  statements_ = rule_.text;
  std::size_t at = 0;
  const std::string_view action = next_word(text, at);
  if ((action != "add" && action != "insert" && action != "create" && action != "replace") ||
      next_word(text, at) != "rule") {
    return;
  }
  is_command_ = true;
  is_inserted_ = action == "insert";
  names_a_place_ = action == "replace";
  constexpr std::array<std::string_view, 6> families = {"ip",  "ip6",    "inet",
                                                        "arp", "bridge", "netdev"};
  const std::string_view family = next_word(text, at);
  if (std::ranges::find(families, family) != families.end()) next_word(text, at);  // the table
  next_word(text, at);                                                             // the chain
  lead_ = in_single_blanks(text.substr(0, at));
  std::size_t behind = at;
  const std::string_view place = next_word(text, behind);
  if (place == "position" || place == "handle" || place == "index") names_a_place_ = true;
  while (at < text.size() && is_space(text[at])) ++at;
  statements_.begin += static_cast<std::uint32_t>(at);
}

void NftRuleText::see_line() {
  const std::string_view all = sources_[rule_.text.source].text();
  std::size_t begin = rule_.text.begin;
  while (begin > 0 && is_blank(all[begin - 1])) --begin;
  std::size_t end = rule_.text.end;
  while (end < all.size() && is_blank(all[end])) ++end;
  if (end < all.size() && all[end] == ';') ++end;
  while (end < all.size() && (is_blank(all[end]) || all[end] == '\r')) ++end;
  const bool is_last = end == all.size() || all[end] == '\n' || all[end] == '#';
  stands_alone_ = is_last && (begin == 0 || all[begin - 1] == '\n');
  line_ = rule_.text;
  if (!stands_alone_) return;
  const std::size_t newline = std::min(all.find('\n', end), all.size() - 1);
  line_.begin = static_cast<std::uint32_t>(begin);
  line_.end = static_cast<std::uint32_t>(newline + 1);
  const std::string_view indentation = all.substr(begin, rule_.text.begin - begin);
  lead_.insert(0, indentation);
}

bool NftRuleText::holds(const Span& span) const {
  return span.source == statements_.source && span.begin >= statements_.begin &&
         span.end <= statements_.end && span.begin < span.end &&
         sources_.text(span).find('$') == std::string_view::npos;
}

Edit NftRuleText::without(const Span& words) const {
  const std::string_view all = sources_[words.source].text();
  Span wider = words;
  if (words.begin > statements_.begin) {
    while (wider.begin > statements_.begin && is_blank(all[wider.begin - 1])) --wider.begin;
  } else {
    while (wider.end < statements_.end && is_blank(all[wider.end])) ++wider.end;
  }
  return {wider, ""};
}

std::string NftRuleText::target() const {
  std::string verdict;
  for (const RulePart& part : slice(ruleset_.parts, rule_.parts)) {
    if (const auto* statement = std::get_if<Statement>(&part.what)) {
      if (std::string text = nft_verdict(*statement); !text.empty()) verdict = std::move(text);
    }
  }
  return target(verdict);
}

std::string NftRuleText::target(std::string_view verdict) const {
  std::string text;
  for (const RulePart& part : slice(ruleset_.parts, rule_.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    const auto* passive = std::get_if<PassiveStatement>(statement);
    if (passive == nullptr || passive->what != "counter") continue;
    const std::string words = in_single_blanks(sources_.text(part.span_in(rule_)));
    text += words.starts_with("counter packets") ? "counter" : words;
    text += ' ';
  }
  return text + std::string(verdict);
}

std::string NftRuleText::head_of(const Span& words) const {
  if (words.begin <= statements_.begin) return {};
  return in_single_blanks(
      sources_.text({words.source, statements_.begin, std::min(words.begin, statements_.end)}));
}

std::string NftRuleText::beside(std::string_view conditions, std::string_view target) const {
  std::string text = lead_;
  for (const std::string_view words : {conditions, target}) {
    if (words.empty()) continue;
    if (!text.empty() && !is_blank(text.back())) text += ' ';
    text += words;
  }
  return text;
}

std::string NftRuleText::in_one_line() const { return in_single_blanks(sources_.text(rule_.text)); }

}  // namespace untrack
