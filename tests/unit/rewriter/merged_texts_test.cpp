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

TEST(WovenTexts, KeepsBothAnswersToALineForBoth) {
  EXPECT_EQ(woven("a\n-P\nb\n", "a\n# P\n-4 x\nb\n", "a\n# P\n-6 y\nb\n"),
            "a\n# P\n-4 x\n-6 y\nb\n");
}

TEST(WovenTexts, TakesOnceWhatBothMakeOfALine) {
  EXPECT_EQ(woven("-A s\n-4 s\n-6 s\n", "-A\n-4 t\n-6 s\n", "-A\n-4 s\n-6 t\n"),
            "-A\n-4 t\n-6 t\n");
}

TEST(WovenTexts, PutsRulesIntoOneNewTable) {
  EXPECT_EQ(woven("*f\n", "*raw\n-4 x\nCOMMIT\n*f\n", "*raw\n-6 y\nCOMMIT\n*f\n"),
            "*raw\n-4 x\n-6 y\nCOMMIT\n*f\n");
}

TEST(WovenTexts, KeepsTheOrderOfChangesOfOneSide) {
  EXPECT_EQ(woven("-4 a\n-A b\n-6 c\n-A d\n", "-4 A\n-A b\n-6 c\n-A d\n-4 e\n",
                  "-4 a\n-A b\n-6 C\n-A d\n"),
            "-4 A\n-A b\n-6 C\n-A d\n-4 e\n");
}

TEST(WovenTexts, RefusesARuleForBothThatOneOfThemChangesAlone) {
  EXPECT_EQ(woven("-A s\n", "-A\n", "-A t\n"), std::nullopt);
}

TEST(WovenTextsOfNft, SayOnceWhatBothHave) {
  EXPECT_EQ(woven_nft("a\nP\nb\n", "a\n# P\n\tmeta nfproto ipv4 udp x\n\tip y\nb\n",
                      "a\n# P\n\tmeta nfproto ipv6 udp x\n\tip6 z\nb\n"),
            "a\n# P\n\tudp x\n\tip y\n\tip6 z\nb\n");
}

TEST(WovenTextsOfNft, KeepTheFamilyOfWhatOneAloneHas) {
  EXPECT_EQ(woven_nft("P\n", "meta nfproto ipv4 udp x\n", "meta nfproto ipv6 udp y\n"),
            "meta nfproto ipv4 udp x\nmeta nfproto ipv6 udp y\n");
}

TEST(WovenTextsOfNft, TakeTheChangeOfEitherSide) {
  EXPECT_EQ(woven_nft("new a\nnew b\nc\n", "new,untracked a\nnew,untracked b\nc\n",
                      "new a\nnew,untracked b\nc\n"),
            "new,untracked a\nnew,untracked b\nc\n");
  EXPECT_EQ(woven_nft("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"), "a\nc\nd\n");
}

}  // namespace
}  // namespace untrack
