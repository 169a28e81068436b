#include "parser/nft/values.hpp"

#include <gtest/gtest.h>

namespace untrack::nft {
namespace {

struct Row {
  std::string_view text;
  std::optional<std::uint64_t> ms;
};

TEST(TimeInMs, ReadsWhatNftWrites) {
  constexpr Row rows[] = {
      {"5", 5'000},
      {"10s", 10'000},
      {"1h30m", 5'400'000},
      {"500ms", 500},
      {"1d12h1s500ms", 129'601'500},
      {"0s", 0},
      {"2m", 120'000},
      {"", std::nullopt},
      {"s", std::nullopt},
      {"1w", std::nullopt},
      {"1h30", 3'630'000},
      {"-1s", std::nullopt},
      {"1sm", std::nullopt},
      {"99999999999999999999s", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(time_in_ms(row.text), row.ms) << row.text;
}

}  // namespace
}  // namespace untrack::nft
