#include "model/source_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace untrack {
namespace {

TEST(SourceText, HasTheLinesOfItsText) {
  const SourceText text("rules", "*filter\n-A INPUT\r\nCOMMIT");
  EXPECT_EQ(text.line(1), "*filter");
  EXPECT_EQ(text.line(3), "COMMIT");
  EXPECT_EQ(text.line(0), "");
  EXPECT_EQ(text.line(4), "");
  EXPECT_EQ(text.line(400), "");
}

}  // namespace
}  // namespace untrack
