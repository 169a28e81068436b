#include "analysis/program/set_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/text_hash.hpp"

namespace untrack {
namespace {

// Of one element; interfaces and sets by their names.
std::uint64_t hash_of_element(const NamedSet& set, std::size_t element, std::uint64_t before) {
  const std::size_t fields = set.fields.size();
  const bool is_exception = element < set.is_exception.size() && set.is_exception[element];
  std::string text = is_exception ? "nomatch" : "";
  for (std::size_t k = element * fields; k < (element + 1) * fields; ++k) {
    const Interval& values = set.keys[k];
    const std::string_view field = set.fields[k % fields];
    const bool is_name = field == "iface" || field == "set";
    if (is_name && values.first < set.words.size()) {
      text += fmt::format(" {}", set.words[static_cast<std::size_t>(values.first)]);
      continue;
    }
    fmt::format_to(
        std::back_inserter(text), " {:x}{:016x}-{:x}{:016x}",
        static_cast<std::uint64_t>(values.first >> 64U), static_cast<std::uint64_t>(values.first),
        static_cast<std::uint64_t>(values.last >> 64U), static_cast<std::uint64_t>(values.last));
  }
  return text_hash(text, before);
}

// Of a set whose elements come and go, those that it has when it is loaded. The order counts in
// maps alone, whose verdicts are told by it: ipset lists as its hash has them.
std::string contents_of(const NamedSet& set) {
  std::string text = set.is_dynamic ? to_text(set.bounds) : std::string();
  const bool is_ordered = !set.verdicts.empty();
  std::uint64_t elements = text_hash({});
  for (std::size_t i = 0; i < set.element_count(); ++i) {
    elements = is_ordered ? hash_of_element(set, i, elements)
                          : elements + hash_of_element(set, i, text_hash({}));
  }
  if (set.element_count() != 0) text += fmt::format(" {:x}", elements);
  std::vector<std::string_view> words = set.words;
  std::ranges::sort(words);
  for (const std::string_view word : words) text += fmt::format(" {}", word);
  return text.empty() ? text : fmt::format(" #{:x}", text_hash(text));
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

std::string SetFactsOf::look_up_text(const SetTest& test) {
  const bool is_known = test.set.names_something();
  std::string text = fmt::format("set {}", test.set_name);
  if (is_known && ruleset_[test.set].kind != SetKind::ipset) {
    const Table& table = ruleset_[ruleset_[test.set].table];
    text = fmt::format("set {} {} {}", to_text(table.family), table.name, test.set_name);
  } else if (is_known) {
    text += fmt::format(" {}", ruleset_[test.set].type);
  }
  if (is_known) text += contents(test.set);
  if (test.dimension_count == 0) {
    for (std::size_t i = 0; i < test.field_count; ++i) {
      text += fmt::format(" {}", to_text(test.fields[i]));
    }
  }
  for (unsigned i = 0; i < test.dimension_count; ++i) {
    text += (test.destination_dimensions >> i & 1U) != 0 ? " dst" : " src";
  }
  return text;
}

const std::string& SetFactsOf::contents(SetId id) {
  if (const auto known = contents_.find(id.value); known != contents_.end()) return known->second;
  const NamedSet& set = ruleset_[id];
  std::string text = contents_of(set);
  if (set.type == "list:set") text += members_of(set);
  return contents_.emplace(id.value, std::move(text)).first->second;
}

std::string SetFactsOf::contents(std::string_view ipset) {
  const SetId id = names_.find(ipset);
  if (!id.names_something()) return {};
  return fmt::format(" {}{}", ruleset_[id].type, contents(id));
}

// The kernel takes no list:set for a member of one.
std::string SetFactsOf::members_of(const NamedSet& list) {
  std::string text;
  for (const std::string_view word : list.words) {
    const SetId id = names_.find(word);
    if (!id.names_something() || ruleset_[id].type == "list:set") continue;
    text += fmt::format(" {}{}", ruleset_[id].type, contents(id));
  }
  return text.empty() ? text : fmt::format(" of #{:x}", text_hash(text));
}

}  // namespace untrack
