#include "model/spelling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace untrack {
namespace {

// The definition, without a table and without a limit.
std::size_t slow_distance(const std::string& a, const std::string& b) {
  if (a.empty()) return b.size();
  if (b.empty()) return a.size();
  const std::string a1 = a.substr(1);
  const std::string b1 = b.substr(1);
  std::size_t best = std::min({slow_distance(a1, b) + 1, slow_distance(a, b1) + 1,
                               slow_distance(a1, b1) + (a[0] == b[0] ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0]) {
    best = std::min(best, slow_distance(a.substr(2), b.substr(2)) + 1);
  }
  return best;
}

TEST(EditDistance, IsThatOfTheDefinition) {
  const std::string words[] = {"", "a", "ab", "ba", "abc", "acb", "bca", "http", "htpp", "pthh"};
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      EXPECT_EQ(edit_distance(a, b, 9), slow_distance(a, b)) << a << ' ' << b;
      EXPECT_EQ(edit_distance(a, b, 1), std::min<std::size_t>(slow_distance(a, b), 2))
          << a << ' ' << b;
    }
  }
}

TEST(EditDistance, IgnoresCase) { EXPECT_EQ(edit_distance("DROP", "drop", 3), 0U); }

TEST(EditDistance, GivesUpOnLongWords) {
  EXPECT_EQ(edit_distance(std::string(10'000, 'a'), "a", 3), 4U);
}

TEST(Nearest, KeepsTheFirstOfTheNearest) {
  Nearest nearest("htpp");
  nearest.offer("ftp");
  nearest.offer("http");
  nearest.offer("htcp");
  EXPECT_EQ(nearest.best(), "http");
}

TEST(Nearest, StaysWithTheNearestWhereMoreEditsAreAllowed) {
  Nearest nearest("htppss");  // two edits
  nearest.offer("httpss");
  nearest.offer("htpps");
  EXPECT_EQ(nearest.best(), "httpss");
}

TEST(Nearest, OffersNothingForWhatIsFar) {
  Nearest far("zzz");
  far.offer("http");
  EXPECT_EQ(far.best(), "");
  Nearest letter("a");
  letter.offer("b");
  EXPECT_EQ(letter.best(), "");
}

}  // namespace
}  // namespace untrack
