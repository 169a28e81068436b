#include "analysis/program/set_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/text_hash.hpp"

namespace untrack {
namespace {

std::string contents_of(const NamedSet& set) {
  if (set.is_dynamic || (set.keys.empty() && set.words.empty())) return {};
  std::string text;
  for (const Interval& values : set.keys) {
    fmt::format_to(
        std::back_inserter(text), " {:x}{:016x}-{:x}{:016x}",
        static_cast<std::uint64_t>(values.first >> 64U), static_cast<std::uint64_t>(values.first),
        static_cast<std::uint64_t>(values.last >> 64U), static_cast<std::uint64_t>(values.last));
  }
  for (const std::string_view word : set.words) text += fmt::format(" {}", word);
  return fmt::format(" #{:x}", text_hash(text));
}

}  // namespace

const SetFacts& SetFactsOf::operator[](SetId id) {
  const auto [at, is_new] = known_.try_emplace(id.value);
  SetFacts& facts = at->second;
  if (!is_new) return facts;
  const NamedSet& set = ruleset_[id];
  facts.has_range.resize(set.fields.size());
  for (std::size_t k = 0; k < set.keys.size(); ++k) {
    if (set.keys[k].first != set.keys[k].last) facts.has_range[k % set.fields.size()] = true;
  }
  facts.has_exceptions = std::ranges::find(set.is_exception, true) != set.is_exception.end();
  return facts;
}

const std::string& SetFactsOf::contents(SetId id) {
  const auto [at, is_new] = contents_.try_emplace(id.value);
  if (is_new) at->second = contents_of(ruleset_[id]);
  return at->second;
}

}  // namespace untrack
