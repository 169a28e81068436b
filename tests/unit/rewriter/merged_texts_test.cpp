#include "rewriter/merged_texts.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(MergedTexts, TakesChangesOfDifferentLines) {
  EXPECT_EQ(merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"), "A\nb\nC\n");
}

TEST(MergedTexts, TakesChangesOfNeighbours) {
  EXPECT_EQ(merged("a\nb\n", "A\nb\n", "a\nB\n"), "A\nB\n");
}

TEST(MergedTexts, PutsWhatBothAddOneBehindTheOther) {
  EXPECT_EQ(merged("a\nb\n", "a\n4\nb\n", "a\n6\nb\n"), "a\n4\n6\nb\n");
}

TEST(MergedTexts, TakesOnceWhatBothDoAlike) {
  EXPECT_EQ(merged("a\nb\n", "A\nb\n", "A\nb\n"), "A\nb\n");
}

TEST(MergedTexts, RefusesTwoTextsForOneLine) {
  EXPECT_EQ(merged("a\nb\n", "4\nb\n", "6\nb\n"), std::nullopt);
}

TEST(MergedTexts, RefusesAnAdditionWithinWhatTheOtherReplaces) {
  EXPECT_EQ(merged("a\nb\nc\n", "x\ny\nc\n", "a\n6\nb\nc\n"), std::nullopt);
}

TEST(MergedTexts, RemovesAndAdds) {
  EXPECT_EQ(merged("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"), "a\nc\nd\n");
}

TEST(MergedTexts, AddsBehindALastLineWithoutNewline) {
  EXPECT_EQ(merged("a", "a\n4\n", "a"), "a\n4\n");
}

}  // namespace
}  // namespace untrack
