// The dice of the property tests: a fixed seed, printed with every failure, and UNTRACK_SEED to
// vary it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

namespace untrack {

inline std::mt19937 seeded_dice() {
  const char* wanted = std::getenv("UNTRACK_SEED");
  const unsigned long seed = wanted == nullptr ? 20250301UL : std::strtoul(wanted, nullptr, 10);
  testing::Test::RecordProperty("seed", std::to_string(seed));
  return std::mt19937(static_cast<std::mt19937::result_type>(seed));
}

}  // namespace untrack
