// The classes of TCP flags: what FlagDomain cuts set by set, against the answers of every value.
#include "analysis/packet/flag_domain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/property/seed.hpp"

namespace untrack {
namespace {

TEST(FlagDomain, AsksEachValueForFlagsUnderAMask) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    for (unsigned value = 0; value < 256; ++value) {
      FlagSet wanted;
      for (unsigned flags = 0; flags < 256; ++flags) wanted[flags] = (flags & mask) == value;
      ASSERT_EQ(flags_where(static_cast<std::uint8_t>(mask), static_cast<std::uint8_t>(value)),
                wanted)
          << mask << " " << value;
    }
  }
}

TEST(FlagDomain, HasTheClassesOfAllAnswersInTheirOrder) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 100; ++round) {
    std::vector<FlagSet> sets;
    FlagDomain domain;
    for (auto count = dice() % 12; count > 0; --count) {
      const auto mask = static_cast<std::uint8_t>(dice() % 256);
      FlagSet set = flags_where(mask, static_cast<std::uint8_t>(dice() % 256 & mask));
      if (dice() % 3 == 0) set[dice() % 256] = true;
      if (std::ranges::find(sets, set) == sets.end()) sets.push_back(set);
      domain.distinguish(set);
    }
    domain.finish();
    // As texts of bits, the highest value first.
    std::ranges::sort(sets, {}, [](const FlagSet& set) { return set.to_string(); });
    std::map<std::vector<bool>, FlagSet> classes;
    for (unsigned flags = 0; flags < 256; ++flags) {
      std::vector<bool> answers;
      for (const FlagSet& set : sets) answers.push_back(set[flags]);
      classes[answers][flags] = true;
    }
    ASSERT_EQ(domain.size(), classes.size());
    FlagDomain::Atom atom = 0;
    for (const auto& [answers, values] : classes) {
      EXPECT_EQ(domain.values_of(atom), values);
      for (unsigned flags = 0; flags < 256; ++flags) {
        if (values[flags]) {
          EXPECT_EQ(domain.atom_of(static_cast<std::uint8_t>(flags)), atom);
        }
      }
      ++atom;
    }
  }
}

}  // namespace
}  // namespace untrack
