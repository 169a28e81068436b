#include "model/text_ref.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "model/ruleset.hpp"

namespace untrack {
namespace {

TEST(KeptText, IsTheTextItWasMadeOf) {
  Ruleset ruleset;
  const std::string words = "meta mark set ct mark";
  const KeptText text = ruleset.short_form(words);
  EXPECT_EQ(text, "meta mark set ct mark");
  EXPECT_FALSE(text == "meta mark");
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.view().data(), words.data());
  std::ostringstream out;
  out << text;
  EXPECT_EQ(out.str(), words);
}

TEST(KeptText, OfNothingIsEmpty) {
  Ruleset ruleset;
  EXPECT_TRUE(KeptText().empty());
  EXPECT_EQ(KeptText(), "");
  EXPECT_TRUE(ruleset.short_form("").empty());
}

// Parts hold them, and parts move with their ruleset.
TEST(KeptText, StaysWhereManyAreKeptAndTheRulesetMoves) {
  Ruleset ruleset;
  std::vector<KeptText> texts;
  for (int i = 0; i < 5'000; ++i) {
    texts.push_back(ruleset.short_form(ruleset.keep("key " + std::to_string(i))));
  }
  const Ruleset moved = std::move(ruleset);
  for (int i = 0; i < 5'000; ++i) {
    EXPECT_EQ(texts[static_cast<std::size_t>(i)], "key " + std::to_string(i));
  }
}

TEST(RulePart, StandsInTheSourceOfItsRule) {
  Rule rule;
  rule.line = {SourceId(3), 100, 200};
  const RulePart part{Span{SourceId(3), 110, 120}, {}, Statement(VerdictStatement{})};
  EXPECT_EQ(part.span_in(rule), (Span{SourceId(3), 110, 120}));
}

}  // namespace
}  // namespace untrack
