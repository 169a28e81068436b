#include "analysis/diagram/diagram.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace untrack {
namespace {

// One diagram remembers what it has renamed: by the same table, but of another level, is another
// question.
TEST(Diagram, RenamesTheAtomsOfTheLevelThatIsAsked) {
  Diagram d({2, 2});
  const auto both = [&](Diagram::Atom upper, Diagram::Atom lower) {
    return d.conj(d.interval(0, upper, upper), d.interval(1, lower, lower));
  };
  const std::vector<Diagram::Level> as_they_are{0, 1};
  const std::vector<Diagram::Atom> swapped{1, 0};
  EXPECT_EQ(d.rename(both(0, 0), as_they_are, {swapped, {}}), both(1, 0));
  EXPECT_EQ(d.rename(both(0, 0), as_they_are, {{}, swapped}), both(0, 1));
  EXPECT_EQ(d.rename(both(0, 0), as_they_are, {swapped, swapped}), both(1, 1));
}

}  // namespace
}  // namespace untrack
