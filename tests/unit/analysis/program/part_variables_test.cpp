#include "analysis/program/part_variables.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace untrack {
namespace {

// Against one number for each part: few that have a variable, many, those at the ends of blocks.
TEST(PartVariables, AreThoseThatWereSet) {
  for (const std::uint32_t parts : {1U, 31U, 32U, 33U, 1'000U}) {
    for (const std::uint32_t count : {0U, 1U, 5U, 2'000U}) {
      std::mt19937 dice(parts + count);
      PartVariables variables(parts);
      std::vector<FreeId> twin(parts, no_free_variable);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto part = static_cast<std::uint32_t>(dice() % parts);
        variables.set(part, i);
        twin[part] = i;
      }
      for (std::uint32_t part = 0; part < parts; ++part) {
        ASSERT_EQ(variables[part], twin[part]) << part << " of " << parts;
      }
    }
  }
}

}  // namespace
}  // namespace untrack
