#include "analysis/pressure/units.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(Rate, reads_numbers_per_unit_of_time) {
  EXPECT_DOUBLE_EQ(*parse_rate("500/s").value, 500);
  EXPECT_DOUBLE_EQ(*parse_rate("2,000/s").value, 2000);
  EXPECT_DOUBLE_EQ(*parse_rate("30/min").value, 0.5);
  EXPECT_DOUBLE_EQ(*parse_rate("36/h").value, 0.01);
  EXPECT_DOUBLE_EQ(*parse_rate("0.5/second").value, 0.5);
}

struct Refusal {
  const char* text;
  const char* message;
  std::size_t begin, end;
};

TEST(Rate, says_what_is_wrong_and_where) {
  const Refusal refusals[] = {
      {"500", "a rate needs its unit of time", 3, 3},
      {"500/x", "not a unit of time: \"x\"", 4, 5},
      {"500/ms", "not a unit of time: \"ms\"", 4, 6},
      {"/s", "not a rate: \"/s\"", 0, 0},
      {"-5/s", "not a rate: \"-5/s\"", 0, 2},
      {"1,00/s", "not a rate: \"1,00/s\"", 0, 4},
      {"0/s", "rate out of range: \"0/s\"", 0, 3},
      {"99999999999/s", "rate out of range: \"99999999999/s\"", 0, 13},
  };
  for (const Refusal& refusal : refusals) {
    const auto parsed = parse_rate(refusal.text);
    EXPECT_FALSE(parsed.value) << refusal.text;
    EXPECT_EQ(parsed.error.message, refusal.message);
    EXPECT_EQ(parsed.error.begin, refusal.begin) << refusal.text;
    EXPECT_EQ(parsed.error.end, refusal.end) << refusal.text;
    EXPECT_FALSE(parsed.error.expected.empty());
  }
}

TEST(Duration, needs_its_unit) {
  EXPECT_DOUBLE_EQ(*parse_duration("60s").value, 60);
  EXPECT_DOUBLE_EQ(*parse_duration("5m").value, 300);
  EXPECT_DOUBLE_EQ(*parse_duration("5min").value, 300);
  EXPECT_DOUBLE_EQ(*parse_duration("2h").value, 7200);
  EXPECT_DOUBLE_EQ(*parse_duration("1d").value, 86400);
  EXPECT_DOUBLE_EQ(*parse_duration("250ms").value, 0.25);
  EXPECT_DOUBLE_EQ(*parse_duration("0s").value, 0);
  EXPECT_EQ(parse_duration("60").error.message, "a duration needs a unit");
  EXPECT_EQ(parse_duration("60x").error.message, "not a unit here: \"x\"");
  EXPECT_EQ(parse_duration("11000d").error.message, "out of range: \"11000d\"");
  EXPECT_EQ(parse_duration("").error.message, "not a duration: \"\"");
}

TEST(Size, takes_binary_multiples) {
  EXPECT_EQ(*parse_size("8G").value, 8ULL << 30);
  EXPECT_EQ(*parse_size("512M").value, 512ULL << 20);
  EXPECT_EQ(*parse_size("512MiB").value, 512ULL << 20);
  EXPECT_EQ(*parse_size("1.5G").value, 3ULL << 29);
  EXPECT_EQ(*parse_size("24684084k").value, 24684084ULL << 10);
  EXPECT_EQ(*parse_size("1").value, 1U);
  EXPECT_FALSE(parse_size("0G").value);
  EXPECT_FALSE(parse_size("8X").value);
  EXPECT_FALSE(parse_size("0.3").value);
  EXPECT_FALSE(parse_size("9999999999999T").value);
}

TEST(Count, is_a_whole_number_within_the_kernels_limits) {
  EXPECT_EQ(*parse_count("262144").value, 262144U);
  EXPECT_EQ(*parse_count("262,144").value, 262144U);
  EXPECT_EQ(*parse_count("250k").value, 250000U);
  EXPECT_EQ(*parse_count("0", 0).value, 0U);
  EXPECT_FALSE(parse_count("0").value);
  EXPECT_FALSE(parse_count("2147483648").value);
  EXPECT_FALSE(parse_count("12abc").value);
  EXPECT_FALSE(parse_count("1.5").value);
}

}  // namespace
}  // namespace untrack
