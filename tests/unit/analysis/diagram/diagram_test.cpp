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

// A wide node is the one that asks for each run by itself, whatever its functions ask: something
// above it, below it, or of its own level, with edges that end where runs do.
TEST(Diagram, ChoosesWhatEachRunByItselfWould) {
  Diagram d({3, 6, 3});
  const Ref above = d.interval(0, 1, 1);
  const Ref below = d.interval(2, 0, 1);
  const std::vector<Ref> functions{Diagram::no, d.interval(1, 0, 2), below,
                                   d.disj(d.conj(above, d.interval(1, 3, 3)), below),
                                   d.ite(above, d.interval(1, 2, 4), Diagram::yes)};
  const std::vector<std::vector<Diagram::Run>> all{
      {{2, 2}, {5, 1}},
      {{0, 1}, {2, 0}, {3, 3}, {4, 1}, {5, 4}},
      {{1, 4}, {2, 3}, {3, 1}, {5, 3}},
      {{5, 3}},
  };
  for (const auto& runs : all) {
    Ref wanted = Diagram::no;
    Diagram::Atom first = 0;
    for (const Diagram::Run& run : runs) {
      wanted = d.ite(d.interval(1, first, run.last), functions[run.function], wanted);
      first = run.last + 1;
    }
    EXPECT_EQ(d.choose(1, runs, functions), wanted);
  }
}

}  // namespace
}  // namespace untrack
