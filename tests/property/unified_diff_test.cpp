// A diff, applied to the old text, gives the new one, and is no longer than it has to be. The twins
// here read the diff as a file and count common lines the long way.
#include "rewriter/unified_diff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <stdexcept>

#include "rewriter/line_changes.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

// Takes "WORD,WORD" or "WORD" after `sign` out of a hunk's header.
std::pair<std::size_t, std::size_t> range_of(const std::string& header, char sign) {
  const char* at = header.data() + header.find(sign) + 1;
  const char* const end = header.data() + header.size();
  std::pair<std::size_t, std::size_t> range{0, 1};
  at = std::from_chars(at, end, range.first).ptr;
  if (*at == ',') std::from_chars(at + 1, end, range.second);
  return range;
}

// Believes nothing: each line of the diff must be where the header of its hunk says.
std::string patched(const std::string& old_text, const std::string& diff) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
  };
  const std::vector<std::string> old_lines = lines_of(old_text);
  const std::vector<std::string> commands = lines_of(diff);
  std::vector<std::string> new_lines;
  std::size_t old_at = 0;
  std::size_t i = diff.empty() ? 0 : 2;
  while (i < commands.size()) {
    const std::string header = commands[i++];
    require(header.starts_with("@@ -"), "no header");
    const auto old_range = range_of(header, '-');
    const auto new_range = range_of(header, '+');
    const std::size_t old_begin = old_range.first - (old_range.second == 0 ? 0 : 1);
    require(old_begin >= old_at, "hunks overlap");
    while (old_at < old_begin) new_lines.push_back(old_lines.at(old_at++));
    const std::size_t new_begin = new_lines.size();
    require(new_range.first == new_begin + (new_range.second == 0 ? 0 : 1), "new line number");
    while (i < commands.size() && !commands[i].starts_with("@@")) {
      const char sign = commands[i][0];
      std::string line = commands[i++].substr(1);
      if (i < commands.size() && commands[i][0] == '\\') {
        line.pop_back();
        ++i;
      }
      if (sign != '+') require(old_lines.at(old_at++) == line, "old line differs");
      if (sign != '-') new_lines.push_back(line);
    }
    require(old_at - old_begin == old_range.second, "count of old lines");
    require(new_lines.size() - new_begin == new_range.second, "count of new lines");
  }
  while (old_at < old_lines.size()) new_lines.push_back(old_lines[old_at++]);
  std::string text;
  for (const std::string& line : new_lines) text += line;
  return text;
}

// Removed and added lines of the shortest difference.
std::size_t fewest_changes(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<std::size_t>> common(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      common[i + 1][j + 1] =
          a[i] == b[j] ? common[i][j] + 1 : std::max(common[i][j + 1], common[i + 1][j]);
    }
  }
  return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

std::size_t changes_in(const UnifiedDiff& diff) {
  std::size_t count = 0;
  for (const Hunk& hunk : diff.hunks) {
    count += hunk.lines.size() -
             static_cast<std::size_t>(std::count_if(
                 hunk.lines.begin(), hunk.lines.end(),
                 [](const DiffLine& line) { return line.kind == DiffLineKind::context; }));
  }
  return count;
}

class Dice {
 public:
  std::size_t below(std::size_t limit) { return dice_() % limit; }

  std::string line(std::size_t alphabet) {
    static const char* const odd[] = {"", "@@ -1 +1 @@", "\\ No", "-", "+", " ", "\r", "a\r"};
    const std::size_t which = below(alphabet + 2);
    return which < alphabet ? "line " + std::to_string(which) : odd[below(8)];
  }
  std::string text(std::size_t lines, std::size_t alphabet) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += line(alphabet) + '\n';
    return cut(text);
  }
  std::string changed(const std::string& text, std::size_t one_in, std::size_t alphabet) {
    std::string other;
    for (const std::string& old_line : lines_of(text)) {
      const std::size_t kind = below(one_in) == 0 ? below(3) : 3;
      if (kind == 0 || kind == 1) other += line(alphabet) + '\n';
      if (kind == 1 || kind == 3) other += old_line;
      if (!other.empty() && other.back() != '\n') other += '\n';
    }
    return cut(other);
  }

 private:
  // Sometimes without the last newline.
  std::string cut(std::string text) {
    if (!text.empty() && below(3) == 0) text.pop_back();
    return text;
  }

  std::mt19937 dice_ = seeded_dice();
};

TEST(UnifiedDiffProperty, AppliedToTheOldTextGivesTheNewOne) {
  Dice dice;
  for (int round = 0; round < 4000; ++round) {
    const std::size_t alphabet = 1 + dice.below(30);
    const std::string before = dice.text(dice.below(40), alphabet);
    const std::string after = dice.below(4) == 0
                                  ? dice.text(dice.below(40), alphabet)
                                  : dice.changed(before, 1 + dice.below(12), alphabet);
    const UnifiedDiff diff = unified_diff("a", before, "b", after);
    const std::string text = raw_text(diff);
    ASSERT_EQ(patched(before, text), after) << before << "=======\n" << text;
    ASSERT_EQ(changes_in(diff), fewest_changes(lines_of(before), lines_of(after)))
        << before << "=======\n"
        << text;
  }
}

TEST(UnifiedDiffProperty, HoldsBeyondTheBoundOfMinimalChanges) {
  Dice dice;
  for (int round = 0; round < 30; ++round) {
    const std::size_t alphabet = round % 3 == 0 ? 5 : 4000;
    const std::size_t lines = 2000 + dice.below(3000);
    const std::string before = dice.text(lines, alphabet);
    const std::string after = round % 2 == 0 ? dice.text(lines, alphabet)
                                             : dice.changed(before, 1 + dice.below(3), alphabet);
    const UnifiedDiff diff = unified_diff("a", before, "b", after);
    ASSERT_GT(changes_in(diff), most_minimal_changes);
    ASSERT_EQ(patched(before, raw_text(diff)), after) << round;
  }
}

}  // namespace
}  // namespace untrack
