#include "parser/nft/element_conflicts.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace untrack::nft {
namespace {

using catalog::NftType;

struct Range {
  unsigned first;
  unsigned last;
  unsigned value;
};

// The obvious twin: each element beside each earlier one.
bool is_refused(const std::vector<Range>& ranges, bool merges) {
  for (const Range& later : ranges) {
    for (const Range& earlier : ranges) {
      const bool is_equal = later.first == earlier.first && later.last == earlier.last;
      if (is_equal && later.value != earlier.value) return true;
      if (!is_equal && !merges && later.first <= earlier.last && earlier.first <= later.last) {
        return true;
      }
    }
  }
  return false;
}

class Elements {
 public:
  void add(ElementConflicts& conflicts, const Range& range, bool has_value) {
    Node key{NodeKind::range, {}, {}, {number(range.first), number(range.last)}, false};
    if (range.first == range.last) key = number(range.first);
    if (has_value) {
      key = Node{NodeKind::mapping, {}, {}, {std::move(key), number(range.value)}, false};
    }
    conflicts.add(key, {NftType::inet_service});
  }

 private:
  Node number(unsigned value) {
    return {NodeKind::symbol, {}, texts_.emplace_back(std::to_string(value)), {}, false};
  }
  std::deque<std::string> texts_;
};

TEST(ElementConflicts, AreThoseOfEachPair) {
  std::mt19937 chance(1);
  const auto below = [&](unsigned bound) { return static_cast<unsigned>(chance() % bound); };
  std::size_t refused = 0;
  constexpr int rounds = 4000;
  for (int round = 0; round < rounds; ++round) {
    const bool is_map = below(2) == 0;
    const bool merges = !is_map && below(2) == 0;
    std::vector<Range> ranges;
    Elements elements;
    ElementConflicts conflicts;
    if (merges) conflicts.merge();
    for (unsigned i = below(6); i > 0; --i) {
      const unsigned first = below(30);
      ranges.push_back({first, first + below(3) * below(3), is_map ? 1 + below(2) : 0});
      elements.add(conflicts, ranges.back(), is_map);
    }
    const bool wanted = is_refused(ranges, merges);
    refused += wanted ? 1 : 0;
    ASSERT_EQ(conflicts.find().has_value(), wanted) << "round " << round;
  }
  EXPECT_GT(refused, 500U);
  EXPECT_LT(refused, 3500U);
}

}  // namespace
}  // namespace untrack::nft
