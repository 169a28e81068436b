#include "parser/iptables/restore_words.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace untrack::iptables {
namespace {

// add_param_to_argv of iptables 1.8.9 (xshared.c), kept as close to it as C++ allows: the slow
// twin.
std::vector<std::string> as_iptables_splits(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool is_open = false;
  bool is_escaped = false;
  bool is_quoted = false;
  for (const char c : line) {
    if (is_open) {
      if (is_escaped) {
        word += c;
        is_escaped = false;
        continue;
      }
      if (c == '\\') {
        is_escaped = true;
        continue;
      }
      if (c != '"') {
        word += c;
        continue;
      }
      is_open = false;
    } else if (c == '"') {
      is_open = is_quoted = true;
      continue;
    }
    if (c == '"' || c == ' ' || c == '\t' || c == '\n') {
      if (word.empty() && !is_quoted) continue;
      words.push_back(word);
      word.clear();
      is_quoted = false;
      continue;
    }
    word += c;
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::vector<std::string> split(const std::string& line, bool* is_closed = nullptr) {
  Ruleset ruleset;
  std::vector<Word> words;
  const bool closed = split_restore_line(
      line, {SourceId{}, 0, static_cast<std::uint32_t>(line.size())}, ruleset, &words);
  if (is_closed != nullptr) *is_closed = closed;
  std::vector<std::string> texts;
  for (const Word& word : words) {
    texts.emplace_back(word.text);
    if (word.is_verbatim) {
      EXPECT_EQ(word.text, line.substr(word.span.begin, word.span.size()));
    }
  }
  return texts;
}

using Words = std::vector<std::string>;

// Measured with iptables-legacy-restore and iptables-nft-restore 1.8.9.
TEST(RestoreWords, AClosingQuoteEndsTheWord) {
  EXPECT_EQ(split(R"(a "b c"d e)"), (Words{"a", "b c", "d", "e"}));
  EXPECT_EQ(split(R"("x"-j"ACCEPT")"), (Words{"x", "-jACCEPT"}));
}

TEST(RestoreWords, ABackslashEscapesOnlyInsideQuotes) {
  EXPECT_EQ(split(R"(a\ b)"), (Words{"a\\", "b"}));
  EXPECT_EQ(split(R"("a\"b\\c\d")"), (Words{R"(a"b\cd)"}));
}

TEST(RestoreWords, SingleQuotesAreOrdinary) { EXPECT_EQ(split("'a b'"), (Words{"'a", "b'"})); }

TEST(RestoreWords, AnEmptyQuotedWordCounts) {
  EXPECT_EQ(split(R"(a "" b)"), (Words{"a", "", "b"}));
}

TEST(RestoreWords, AnOpenQuoteTakesTheNewline) {
  bool is_closed = true;
  EXPECT_EQ(split("a \"b c\n", &is_closed), (Words{"a", "b c\n"}));
  EXPECT_FALSE(is_closed);
}

TEST(RestoreWords, SplitsLikeIptablesWhateverTheBytes) {
  // Every line of up to 6 signs that matter.
  constexpr std::string_view signs = "a \"\\\n";
  std::vector<std::string> lines{""};
  for (std::size_t length = 0; length < 6; ++length) {
    std::vector<std::string> longer;
    for (const std::string& line : lines) {
      for (const char sign : signs) longer.push_back(line + sign);
    }
    for (const std::string& line : longer) {
      Words expected = as_iptables_splits(line);
      // Quotes that are open and empty at the end: iptables drops the word.
      Words found = split(line);
      if (found.size() == expected.size() + 1 && found.back().empty()) found.pop_back();
      ASSERT_EQ(found, expected) << line;
    }
    lines = std::move(longer);
  }
}

}  // namespace
}  // namespace untrack::iptables
