#include "parser/iptables/values/value.hpp"

#include <fmt/format.h>

#include <utility>

#include "parser/iptables/problems.hpp"

namespace untrack::iptables {

Word part_of(const Word& word, std::size_t begin, std::size_t size) {
  Word part = word;
  part.text = word.text.substr(begin, size);
  if (word.is_verbatim) {
    part.span.begin = word.span.begin + static_cast<std::uint32_t>(begin);
    part.span.end = part.span.begin + static_cast<std::uint32_t>(part.text.size());
  }
  return part;
}

void refuse(ValueContext& context, const Word& word, std::string_view message, std::string label,
            std::string cure) {
  add_error(context.ruleset, word.span, fmt::format("{}: \"{}\"", message, word.text),
            std::move(label), std::move(cure));
}

void note_empty_range(ValueContext& context, const Word& word, std::string turned_round) {
  add_note(context.ruleset, word.span,
           fmt::format("range that ends before it begins: \"{}\"", word.text),
           fmt::format("no packet is in it; did you mean \"{}\"?", turned_round));
}

void add_interval(ValueContext& context, Value& value, Number first, Number last) {
  IntervalPool& pool = context.ruleset.intervals;
  if (value.intervals.count == 0) value.intervals.first = static_cast<std::uint32_t>(pool.size());
  pool.push_back({first, last});
  ++value.intervals.count;
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && begins_as(a, b);
}

bool begins_as(std::string_view text, std::string_view beginning) {
  if (text.size() < beginning.size()) return false;
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  for (std::size_t i = 0; i < beginning.size(); ++i) {
    if (beginning[i] != text[i] && lower(beginning[i]) != lower(text[i])) return false;
  }
  return true;
}

}  // namespace untrack::iptables
