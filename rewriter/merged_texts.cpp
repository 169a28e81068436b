#include "rewriter/merged_texts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rewriter/line_changes.hpp"

namespace untrack {
namespace {

using Lines = std::vector<std::string_view>;

// With their newlines.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

using Known = std::unordered_map<std::string_view, std::uint32_t>;

std::vector<std::uint32_t> numbered(const Lines& lines, Known& known) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(lines.size());
  for (const std::string_view line : lines) {
    numbers.push_back(known.emplace(line, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return numbers;
}

// A change of either text.
struct Change {
  LineChange lines;
  const Lines* text = nullptr;

  [[nodiscard]] std::string words() const {
    std::string all;
    for (std::uint32_t i = lines.new_begin; i < lines.new_end; ++i) all += (*text)[i];
    return all;
  }
  // The same lines of the original become the same.
  [[nodiscard]] bool is_like(const Change& other) const {
    return lines.old_begin == other.lines.old_begin && lines.old_end == other.lines.old_end &&
           lines.old_begin != lines.old_end && words() == other.words();
  }
};

// One family's text, on the way through its changes.
struct Side {
  Lines lines;
  std::string_view flag;  // of rules for this family alone
  std::vector<LineChange> changes;
  std::size_t next = 0;    // the first change that was not taken yet
  std::int64_t shift = 0;  // of its lines behind those that were
};

// Lines of the original that changes of either side, or of both together, are about. Changes that
// overlap, or that add at one place, are in one region.
using Region = std::pair<std::uint32_t, std::uint32_t>;

std::optional<Region> next_region(const std::array<Side, 2>& sides) {
  std::optional<Region> region;
  std::array<std::size_t, 2> at = {sides[0].next, sides[1].next};
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (at[i] == sides[i].changes.size()) continue;
      const LineChange& change = sides[i].changes[at[i]];
      const LineChange* other =
          at[1 - i] < sides[1 - i].changes.size() ? &sides[1 - i].changes[at[1 - i]] : nullptr;
      const bool begins =
          !region && (other == nullptr || change.old_begin < other->old_begin ||
                      (change.old_begin == other->old_begin && change.old_end <= other->old_end));
      const bool overlaps =
          region && (change.old_begin < region->second ||
                     (change.old_begin == region->first && change.old_end == region->second));
      if (!begins && !overlaps) continue;
      if (!region) region = Region{change.old_begin, change.old_end};
      region->second = std::max(region->second, change.old_end);
      ++at[i];
      has_grown = true;
    }
  }
  return region;
}

// What became of a region, without the rules that are the other family's business.
Lines part_of(Side& side, const Region& region, std::string_view others) {
  const auto begin = static_cast<std::size_t>(region.first + side.shift);
  while (side.next < side.changes.size()) {
    const LineChange& change = side.changes[side.next];
    const bool is_in = change.old_begin < region.second ||
                       (change.old_begin == region.first && change.old_end == region.second);
    if (!is_in) break;
    side.shift += static_cast<std::int64_t>(change.new_end) - change.new_begin -
                  (static_cast<std::int64_t>(change.old_end) - change.old_begin);
    ++side.next;
  }
  const auto end = static_cast<std::size_t>(region.second + side.shift);
  Lines part;
  for (std::size_t i = begin; i < end; ++i) {
    if (!side.lines[i].starts_with(others)) part.push_back(side.lines[i]);
  }
  return part;
}

// What both have, once; of the rest rules have to be for one family alone.
bool weave(const Lines& four, const Lines& six, Known& known, std::string& text) {
  const auto take = [&](const Lines& lines, std::uint32_t begin, std::uint32_t end,
                        std::string_view flag) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const std::string_view line = lines[i];
      if (line.starts_with('-') && !line.starts_with(flag)) return false;
      text += line;
      if (!line.ends_with('\n')) text += '\n';
    }
    return true;
  };
  std::uint32_t copied = 0;
  for (const LineChange& change : changed_lines(numbered(four, known), numbered(six, known))) {
    for (; copied < change.old_begin; ++copied) text += four[copied];
    if (!take(four, change.old_begin, change.old_end, "-4 ") ||
        !take(six, change.new_begin, change.new_end, "-6 ")) {
      return false;
    }
    copied = change.old_end;
  }
  for (; copied < four.size(); ++copied) text += four[copied];
  return true;
}

// A rule of nft without the family that it is for.
std::string for_both(std::string_view line, std::string_view family) {
  std::string text(line);
  const std::size_t at = text.find(family);
  if (at != std::string::npos) text.erase(at, family.size());
  return text;
}

// What both have, once; the rest as it is, IPv4 first. A line of the original that one of them
// keeps and the other does not is gone: what became of it stands there.
void weave_nft(const Lines& before, const Lines& four, const Lines& six, std::string& text) {
  const auto without = [](const Lines& lines, std::string_view family) {
    std::vector<std::string> all;
    for (const std::string_view line : lines) all.push_back(for_both(line, family));
    return all;
  };
  const std::vector<std::string> of_four = without(four, "meta nfproto ipv4 ");
  const std::vector<std::string> of_six = without(six, "meta nfproto ipv6 ");
  Known known;
  const auto numbers = [&](const std::vector<std::string>& lines) {
    return numbered(Lines(lines.begin(), lines.end()), known);
  };
  const auto take = [&](std::string_view line) {
    if (std::ranges::find(before, line) == before.end()) text += line;
  };
  std::uint32_t copied = 0;
  std::uint32_t other = 0;
  const auto take_common = [&](std::uint32_t end) {
    for (; copied < end; ++copied, ++other) {
      text += four[copied] == six[other] ? four[copied] : std::string_view(of_four[copied]);
    }
  };
  for (const LineChange& change : changed_lines(numbers(of_four), numbers(of_six))) {
    take_common(change.old_begin);
    for (; copied < change.old_end; ++copied) take(four[copied]);
    for (; other < change.new_end; ++other) take(six[other]);
  }
  take_common(static_cast<std::uint32_t>(four.size()));
}

// Puts both sides together, region by region.
template <class Weave>
std::optional<std::string> woven_with(std::string_view original, std::array<Side, 2> sides,
                                      Known& known, Weave&& weave_region) {
  const Lines old_lines = lines_of(original);
  const std::vector<std::uint32_t> old_numbers = numbered(old_lines, known);
  for (Side& side : sides) side.changes = changed_lines(old_numbers, numbered(side.lines, known));
  std::string text;
  std::uint32_t copied = 0;
  while (const auto region = next_region(sides)) {
    for (; copied < region->first; ++copied) text += old_lines[copied];
    const Lines four = part_of(sides[0], *region, sides[1].flag);
    const Lines six = part_of(sides[1], *region, sides[0].flag);
    const Lines before(old_lines.begin() + region->first, old_lines.begin() + region->second);
    if (!weave_region(before, four, six, text)) return std::nullopt;
    copied = region->second;
  }
  for (; copied < old_lines.size(); ++copied) text += old_lines[copied];
  return text;
}

}  // namespace

std::optional<std::string> merged(std::string_view original, std::string_view one,
                                  std::string_view other) {
  Known known;
  const Lines old_lines = lines_of(original);
  const std::vector<std::uint32_t> old_numbers = numbered(old_lines, known);
  std::vector<Change> changes;
  const Lines first = lines_of(one);
  const Lines second = lines_of(other);
  for (const Lines* lines : {&first, &second}) {
    for (const LineChange& change : changed_lines(old_numbers, numbered(*lines, known))) {
      changes.push_back({change, lines});
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::pair(a.lines.old_begin, a.lines.old_end) <
           std::pair(b.lines.old_begin, b.lines.old_end);
  });
  std::string text;
  std::uint32_t copied = 0;
  const Change* before = nullptr;
  for (const Change& change : changes) {
    if (before != nullptr && before->is_like(change)) continue;
    if (change.lines.old_begin < copied) return std::nullopt;
    for (; copied < change.lines.old_begin; ++copied) text += old_lines[copied];
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += change.words();
    copied = change.lines.old_end;
    before = &change;
  }
  for (; copied < old_lines.size(); ++copied) text += old_lines[copied];
  return text;
}

std::optional<std::string> woven(std::string_view original, std::string_view of_ipv4,
                                 std::string_view of_ipv6) {
  Known known;
  return woven_with(
      original,
      {Side{lines_of(of_ipv4), "-4 ", {}, 0, 0}, Side{lines_of(of_ipv6), "-6 ", {}, 0, 0}}, known,
      [&](const Lines&, const Lines& four, const Lines& six, std::string& text) {
        return weave(four, six, known, text);
      });
}

std::optional<std::string> woven_nft(std::string_view original, std::string_view of_ipv4,
                                     std::string_view of_ipv6) {
  Known known;
  // No line of nft begins so.
  constexpr std::string_view none = "\n\n";
  return woven_with(
      original, {Side{lines_of(of_ipv4), none, {}, 0, 0}, Side{lines_of(of_ipv6), none, {}, 0, 0}},
      known, [](const Lines& before, const Lines& four, const Lines& six, std::string& text) {
        if (four != before && six != before) {
          weave_nft(before, four, six, text);
        } else {
          for (const std::string_view line : four == before ? six : four) text += line;
        }
        return true;
      });
}

}  // namespace untrack
