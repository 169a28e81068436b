#include "parser/iptables/line_shapes.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "parser/iptables/pages_ahead.hpp"

namespace untrack::iptables {
namespace {

// Words at one place, where all but the value of the option in front are the same. More say that
// these are values that no slot is for.
constexpr std::size_t most_literals = 32;
constexpr std::size_t most_nodes = 20'000;

// Bytes that mean the same to all who split such a line into words.
bool is_literal_word(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '\'';
  });
}

}  // namespace

LineShapes::LineShapes(Document& document)
    : readable_(document.text.data() + document.text.size()) {
  nodes_.resize(2);  // 0 is none, 1 the beginning
  nodes_[1].kinds = {SlotKind::counters, SlotKind::none};
  // Usual lines have so many at most; what is not used takes no memory.
  values_.reserve(4 * document.lines.size());
  PagesAhead pages;
  for (Line& line : document.lines) {
    if (line.kind != LineKind::rule) continue;
    pages.follow(values_);
    std::string_view text = document.text_of(line);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.size() > SlotValue::longest_line) continue;
    const std::size_t before = values_.size();
    line.shape = find(text);
    if (line.shape != 0) continue;
    values_.resize(before);
    line.shape = add(text);
    if (line.shape == 0) values_.resize(before);
  }
}

LineShapes::Literal LineShapes::literal(std::string_view word, std::uint32_t next) {
  Literal made{word, next};
  constexpr std::size_t most_bytes = sizeof(made.bytes);
  if (word.size() >= most_bytes) return made;
  const std::string with_blank = std::string(word) + ' ';
  const std::string ones(with_blank.size(), '\xff');
  std::memcpy(&made.bytes, with_blank.data(), with_blank.size());
  std::memcpy(&made.mask, ones.data(), ones.size());
  return made;
}

// What stands at one place of a line.
struct LineShapes::Here {
  const char* at;
  std::size_t left;
  std::uint64_t bytes;  // the first ones, with blanks behind the end of the line

  Here(const char* begin, const char* end)
      : at(begin), left(static_cast<std::size_t>(end - begin)), bytes(0x2020202020202020U) {
    if (left >= sizeof(bytes)) {
      std::memcpy(&bytes, at, sizeof(bytes));
    } else {
      std::memcpy(&bytes, at, left);
    }
  }

  // Whether it is this word, alone.
  [[nodiscard]] bool is(const Literal& literal) const {
    if (literal.mask != 0) return (bytes & literal.mask) == literal.bytes;
    const std::size_t size = literal.word.size();
    return size <= left && std::memcmp(at, literal.word.data(), size) == 0 &&
           (size == left || at[size] == ' ');
  }
};

std::uint16_t LineShapes::find(std::string_view line) {
  const char* at = line.data();
  const char* const end = at + line.size();
  std::uint32_t at_node = 1;
  while (true) {
    const Node& node = nodes_[at_node];
    const Here here(at, end);
    const auto is_here = [&](const Literal& word) { return here.is(word); };
    std::uint32_t next = 0;
    std::size_t size = 0;
    if (node.first.next != 0 && here.is(node.first)) {
      next = node.first.next;
      size = node.first.word.size();
    } else if (const auto found = std::ranges::find_if(node.more, is_here);
               found != node.more.end()) {
      next = found->next;
      size = found->word.size();
    } else {
      const std::string_view rest(at, here.left);
      for (std::size_t i = 0; i < 2 && size == 0; ++i) {
        if (node.next[i] == 0) continue;
        SlotValue value;
        size = slot_size(node.kinds[i], rest, readable_, value);
        if (size == 0) continue;
        const std::size_t around = quotes(node.kinds[i]);
        value.begin =
            static_cast<std::uint16_t>(static_cast<std::size_t>(at - line.data()) + around);
        value.size = static_cast<std::uint16_t>(size);
        values_.push_back(value);
        size += 2 * around;
        next = node.next[i];
      }
      if (size == 0) return 0;
    }
    at += size;
    at_node = next;
    if (at == end) return nodes_[at_node].shape;
    ++at;  // the blank
  }
}

std::uint32_t LineShapes::add_literal(std::uint32_t node, std::string_view word) {
  Node& here = nodes_[node];
  if (here.first.next != 0 && here.first.word == word) return here.first.next;
  const auto known = std::ranges::find(here.more, word, &Literal::word);
  if (known != here.more.end()) return known->next;
  if (here.more.size() + 1 >= most_literals || nodes_.size() >= most_nodes) return 0;
  const auto next = static_cast<std::uint32_t>(nodes_.size());
  if (here.first.next == 0) {
    here.first = literal(word, next);
  } else {
    here.more.push_back(literal(word, next));
  }
  nodes_.emplace_back().kinds = slot_kinds_behind(word);
  return next;
}

std::uint16_t LineShapes::add(std::string_view line) {
  // Only what appends, which is all that iptables-save writes.
  const std::size_t command = line.starts_with('[') ? line.find(' ') + 1 : 0;
  if (shapes_.size() >= most || !line.substr(command).starts_with("-A ")) return 0;
  LineShape shape;
  shape.line = line;
  std::uint32_t node = 1;
  for (std::size_t at = 0;; ++at) {
    const std::string_view rest = line.substr(at);
    std::size_t size = 0;
    for (std::size_t i = 0; i < 2 && size == 0; ++i) {
      const SlotKind kind = nodes_[node].kinds[i];
      SlotValue value;
      size = slot_size(kind, rest, readable_, value);
      if (size == 0) continue;
      const std::size_t around = quotes(kind);
      shape.slots.push_back({kind, static_cast<std::uint32_t>(at + around),
                             static_cast<std::uint32_t>(at + around + size)});
      value.begin = static_cast<std::uint16_t>(at + around);
      value.size = static_cast<std::uint16_t>(size);
      values_.push_back(value);
      size += 2 * around;
      if (nodes_[node].next[i] == 0) {
        if (nodes_.size() >= most_nodes) return 0;
        nodes_[node].next[i] = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
      }
      node = nodes_[node].next[i];
    }
    if (size == 0) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      if (!is_literal_word(word)) return 0;
      node = add_literal(node, word);
      if (node == 0) return 0;
      size = word.size();
    }
    at += size;
    if (at == line.size()) break;
  }
  shapes_.push_back(std::move(shape));
  return nodes_[node].shape = static_cast<std::uint16_t>(shapes_.size());
}

}  // namespace untrack::iptables
