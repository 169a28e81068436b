#include "analysis/pressure/number_text.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(NumberText, separates_thousands) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(262144), "262,144");
  EXPECT_EQ(with_thousands(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(NumberText, rates_keep_what_matters) {
  EXPECT_EQ(rate_text(2184.5), "2,185/s");
  EXPECT_EQ(rate_text(0.5), "0.5/s");
  EXPECT_EQ(rate_text(0.606), "0.61/s");
  EXPECT_EQ(rate_text(0.001), "less than 0.01/s");
}

// A time until the table is full is never spelled longer than it is.
TEST(NumberText, times_are_rounded_down) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(2.69), "2.6 s");
  EXPECT_EQ(duration_text(26.9), "26 s");
  EXPECT_EQ(duration_text(299.9), "299 s");
  EXPECT_EQ(duration_text(300), "5 min");
  EXPECT_EQ(duration_text(524), "8 min 44 s");
  EXPECT_EQ(duration_text(7440), "2 h 4 min");
  EXPECT_EQ(duration_text(432000), "5 days");
}

TEST(NumberText, sizes_are_binary) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(2097152), "2.0 MiB");
  EXPECT_EQ(bytes_text(61568000), "58.7 MiB");
  EXPECT_EQ(bytes_text(8589934592.0), "8.0 GiB");
}

TEST(NumberText, percent) {
  EXPECT_EQ(percent_text(0), "0 %");
  EXPECT_EQ(percent_text(0.0004), "less than 0.1 %");
  EXPECT_EQ(percent_text(0.0555), "5.5 %");
  EXPECT_EQ(percent_text(0.956), "96 %");
}

}  // namespace
}  // namespace untrack
