// Lists of boxes against their slow twin: sets of points, one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "analysis/recheck/boxes.hpp"
#include "tests/property/seed.hpp"

namespace untrack::boxwise {
namespace {

using Point = std::vector<std::size_t>;
using Points = std::set<Point>;

const std::vector<std::size_t> sizes = {3, 1, 2, 67, 4};

Box box_at_random(std::mt19937& dice, const Shape& shape) {
  Box box = shape.whole();
  for (std::size_t i = 0; i < shape.dimensions(); ++i) {
    if (dice() % 2 == 0) continue;
    const auto cells = shape.of(box, i);
    std::ranges::fill(cells, 0);
    const std::size_t first = dice() % shape.size(i);
    for (std::size_t cell = first; cell < shape.size(i) && dice() % 4 != 0; ++cell) {
      put_cell(cells, cell);
    }
    put_cell(cells, first);
  }
  return box;
}

void add_points(const Shape& shape, const Box& box, Point& begun, Points& all) {
  if (begun.size() == shape.dimensions()) {
    all.insert(begun);
    return;
  }
  for (std::size_t cell = 0; cell < shape.size(begun.size()); ++cell) {
    if (!has_cell(shape.of(box, begun.size()), cell)) continue;
    begun.push_back(cell);
    add_points(shape, box, begun, all);
    begun.pop_back();
  }
}

Points points_of(const Shape& shape, const BoxList& list) {
  Points all;
  Point begun;
  for (const Box& box : list) add_points(shape, box, begun, all);
  return all;
}

TEST(RecheckBoxesProperty, AreWhatSetsOfPointsAre) {
  std::mt19937 dice = seeded_dice();
  const Shape shape(sizes);
  Work work(100'000'000);
  const Algebra algebra(shape, work);
  std::size_t some = 0;
  for (int i = 0; i < 120; ++i) {
    BoxList a;
    BoxList b;
    for (BoxList* list : {&a, &b}) {
      const std::size_t count = dice() % 5;
      for (std::size_t k = 0; k < count; ++k) list->push_back(box_at_random(dice, shape));
    }
    const Points of_a = points_of(shape, a);
    const Points of_b = points_of(shape, b);
    Points wanted;
    std::ranges::set_intersection(of_a, of_b, std::inserter(wanted, wanted.end()));
    const BoxList common = algebra.both(a, b);
    ASSERT_EQ(points_of(shape, common), wanted);
    ASSERT_EQ(common.empty(), wanted.empty());
    some += wanted.empty() ? 0 : 1;
    wanted.clear();
    std::ranges::set_difference(of_a, of_b, std::inserter(wanted, wanted.end()));
    const BoxList rest = algebra.minus(a, b);
    ASSERT_EQ(points_of(shape, rest), wanted);
    ASSERT_EQ(rest.empty(), wanted.empty());
    wanted = of_a;
    wanted.insert(of_b.begin(), of_b.end());
    ASSERT_EQ(points_of(shape, algebra.either(a, b)), wanted);
    std::vector<bool> gone;
    for (std::size_t k = 0; k < shape.dimensions(); ++k) gone.push_back(dice() % 3 == 0);
    wanted.clear();
    const auto without = [&](Point point) {
      for (std::size_t k = 0; k < point.size(); ++k) {
        if (gone[k]) point[k] = 0;
      }
      return point;
    };
    for (const Point& point : of_a) wanted.insert(without(point));
    Points forgotten;
    for (const Point& point : points_of(shape, algebra.forget(a, gone))) {
      // Any value is as good.
      ASSERT_TRUE(wanted.contains(without(point)));
      forgotten.insert(point);
    }
    std::size_t values = 1;
    for (std::size_t k = 0; k < shape.dimensions(); ++k) values *= gone[k] ? shape.size(k) : 1;
    ASSERT_EQ(forgotten.size(), wanted.size() * values);
  }
  EXPECT_GT(some, 20U);
}

TEST(RecheckBoxesProperty, EndWhereTheWorkIsTooMuch) {
  const Shape shape(sizes);
  Work work(3);
  const Algebra algebra(shape, work);
  const BoxList list(10, shape.whole());
  EXPECT_THROW((void)algebra.both(list, list), TooLarge);
}

}  // namespace
}  // namespace untrack::boxwise
