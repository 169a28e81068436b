#include "rewriter/stateless/generated_chains.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack {
namespace {

constexpr std::size_t longest_name = 28;  // XT_EXTENSION_MAXNAMELEN, without its end

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '+' || c == '~' || c == ':' || c == '@';
}

bool has_lower(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string_view last_word(std::string_view rule) {
  const std::size_t space = rule.find_last_of(' ');
  return space == std::string_view::npos ? rule : rule.substr(space + 1);
}

}  // namespace

GeneratedChains::GeneratedChains(const Ruleset& ruleset, TableId table) {
  std::size_t underscores = 0;
  std::size_t dashes = 0;
  bool has_small = false;
  bool has_capital = false;
  for (const ChainId id : ruleset[table].chains) {
    const std::string_view name = ruleset[id].name;
    names_.emplace(name);
    if (ruleset[id].base) continue;
    underscores += name.find('_') != std::string_view::npos ? 1U : 0U;
    dashes += name.find('-') != std::string_view::npos ? 1U : 0U;
    has_small = has_small || has_lower(name);
    has_capital = has_capital || !has_lower(name);
  }
  has_underscores_ = underscores > dashes;
  is_upper_ = has_capital && !has_small;
}

std::string GeneratedChains::ending(std::string_view suffix) const {
  std::string tail = fmt::format("-{}", suffix);
  for (char& c : tail) {
    if (c == '-' && has_underscores_) c = '_';
    if (is_upper_ && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return tail;
}

std::string GeneratedChains::name_for(std::string_view chain, const std::string& tail) {
  for (std::size_t number = 1;; ++number) {
    const std::string end = number == 1 ? tail : fmt::format("{}{}", tail, number);
    std::string name(chain.substr(0, longest_name - std::min(longest_name, end.size())));
    for (char& c : name) {
      if (!is_plain(c)) c = '_';
    }
    name += end;
    if (names_.insert(name).second) return name;
  }
}

std::string GeneratedChains::add(std::string_view chain, std::string about,
                                 std::vector<std::string> rules, std::string_view suffix) {
  const auto known = by_rules_.find(rules);
  if (known != by_rules_.end()) return known->second;
  rule_count_ += rules.size();
  const std::string tail = ending(suffix);
  std::string name = name_for(chain, tail);
  by_rules_.emplace(rules, name);
  chains_.push_back({name, std::move(about), std::move(rules), fmt::format("{}{}", chain, tail)});
  return name;
}

std::vector<GeneratedChain> GeneratedChains::callers_first() const {
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < chains_.size(); ++i) by_name.emplace(chains_[i].name, i);
  std::vector<GeneratedChain> sorted;
  std::vector<bool> is_taken(chains_.size());
  const auto take = [&](std::size_t i) {
    if (is_taken[i]) return;
    is_taken[i] = true;
    sorted.push_back(chains_[i]);
  };
  std::vector<std::size_t> order;
  for (const std::string& name : entries_) {
    if (by_name.contains(name)) order.push_back(by_name[name]);
  }
  for (std::size_t i = 0; i < chains_.size(); ++i) order.push_back(i);
  for (const std::size_t i : order) {
    const std::size_t known = sorted.size();
    take(i);
    for (std::size_t next = known; next < sorted.size(); ++next) {
      for (const std::string& rule : std::vector<std::string>(sorted[next].rules)) {
        const auto at = by_name.find(last_word(rule));
        if (at != by_name.end()) take(at->second);
      }
    }
  }
  return sorted;
}

std::vector<GeneratedChain> GeneratedChains::in_order(
    std::map<std::string, std::string>& renamed) const {
  std::map<std::string, std::vector<std::string>> names;
  for (const GeneratedChain& chain : chains_) names[chain.stem].push_back(chain.name);
  std::vector<GeneratedChain> sorted = callers_first();
  std::map<std::string, std::size_t> used;
  for (GeneratedChain& chain : sorted) {
    const std::string& name = names[chain.stem][used[chain.stem]++];
    renamed[chain.name] = name;
    chain.name = name;
  }
  for (GeneratedChain& chain : sorted) {
    for (std::string& rule : chain.rules) {
      const std::string_view word = last_word(rule);
      const auto at = renamed.find(std::string(word));
      if (at == renamed.end()) continue;
      rule = rule.substr(0, rule.size() - word.size()) + at->second;
    }
  }
  return sorted;
}

}  // namespace untrack
