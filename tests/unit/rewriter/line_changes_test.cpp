#include "rewriter/line_changes.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <ostream>

namespace untrack {

void PrintTo(const LineChange& change, std::ostream* out) {
  *out << change.old_begin << "-" << change.old_end << " to " << change.new_begin << "-"
       << change.new_end;
}

namespace {

using Lines = std::vector<std::uint32_t>;
using Changes = std::vector<LineChange>;

Lines counted(std::uint32_t size) {
  Lines lines(size);
  std::iota(lines.begin(), lines.end(), 0U);
  return lines;
}

TEST(LineChanges, SeesNoneInEqualTexts) {
  EXPECT_EQ(changed_lines({}, {}), Changes{});
  EXPECT_EQ(changed_lines(counted(9), counted(9)), Changes{});
}

TEST(LineChanges, SeesAWholeTextComeAndGo) {
  EXPECT_EQ(changed_lines({}, counted(3)), (Changes{{0, 0, 0, 3}}));
  EXPECT_EQ(changed_lines(counted(3), {}), (Changes{{0, 3, 0, 0}}));
}

TEST(LineChanges, FindsWhatWasRemovedAddedAndReplaced) {
  const Lines old_lines{1, 2, 3, 4, 5, 6, 7};
  const Lines new_lines{1, 3, 4, 9, 9, 6, 7, 8};
  EXPECT_EQ(changed_lines(old_lines, new_lines),
            (Changes{{1, 2, 1, 1}, {4, 5, 3, 5}, {7, 7, 7, 8}}));
}

TEST(LineChanges, FindsEachOfManyChangesInALongText) {
  // More than the bound of minimal changes, all of them between lines that are unique.
  constexpr std::uint32_t size = 100000;
  const Lines old_lines = counted(size);
  Lines new_lines = old_lines;
  Changes expected;
  for (std::uint32_t i = 5; i < size; i += 10) {
    new_lines[i] = size;
    expected.push_back({i, i + 1, i, i + 1});
  }
  ASSERT_GT(expected.size(), most_minimal_changes);
  EXPECT_EQ(changed_lines(old_lines, new_lines), expected);
}

TEST(LineChanges, IsFastForFewChangesFarApart) {
  constexpr std::uint32_t size = 1000000;
  const Lines old_lines = counted(size);
  Lines new_lines = old_lines;
  new_lines.erase(new_lines.begin() + 10);
  new_lines[size - 10] = size;
  EXPECT_EQ(changed_lines(old_lines, new_lines),
            (Changes{{10, 11, 10, 10}, {size - 9, size - 8, size - 10, size - 9}}));
}

TEST(LineChanges, GivesUpWhereNothingIsAlike) {
  const Lines old_lines(3000, 1);
  const Lines new_lines(2000, 2);
  EXPECT_EQ(changed_lines(old_lines, new_lines), (Changes{{0, 3000, 0, 2000}}));
}

}  // namespace
}  // namespace untrack
