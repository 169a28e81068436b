#include "parser/iptables/script/shell_tokens.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace untrack::iptables {
namespace {

// Words as one text each, operators as their sign, lines with a bar in front.
std::string shown(const std::string& script) {
  std::string result;
  ShellLines lines(script);
  ShellLine line;
  while (lines.next(&line)) {
    result += "|";
    for (const Token& token : line.tokens) {
      if (token.kind != TokenKind::word) {
        result += " <" + script.substr(token.begin, token.end - token.begin) + ">";
        continue;
      }
      result += " [";
      for (std::uint32_t i = 0; i < token.part_count; ++i) {
        const WordPart& part = line.parts[token.first_part + i];
        if (part.kind == PartKind::parameter) result += "$";
        if (part.kind == PartKind::expansion) result += "!";
        result += part.text;
      }
      result += "]";
    }
  }
  return result;
}

TEST(ShellTokens, QuotesJoinAndOperatorsSplit) {
  EXPECT_EQ(shown("a 'b c'\"d e\"f\\ g;h&&i||j|k&l"),
            "| [a] [b cd ef g] <;> [h] <&&> [i] <||> [j] <|> [k] <&> [l]");
}

TEST(ShellTokens, ExpansionsAreParts) {
  EXPECT_EQ(shown("$A ${B}c \"$D\" ${E:-f} $(g \"h)\") `i` $((1+(2))) $1 $ \\$x '$y'"),
            "| [$A] [$Bc] [$D] [!${E:-f}] [!$(g \"h)\")] [!`i`] [!$((1+(2)))] [!$1] [$] [$x] [$y]");
}

TEST(ShellTokens, RedirectionsAreNoWords) {
  EXPECT_EQ(shown("a >b 2>&1 2>/dev/null <c 22 x2"),
            "| [a] <>> [b] <2>&> [1] <2>> [/dev/null] <<> [c] [22] [x2]");
}

TEST(ShellTokens, CommentsStartWordsOnly) { EXPECT_EQ(shown("a#b # c\n# d\ne"), "| [a#b]|| [e]"); }

TEST(ShellTokens, ContinuationsAndQuotesGoOverLines) {
  EXPECT_EQ(shown("a \\\n  b\nc 'd\ne'\n"), "| [a] [b]| [c] [d\ne]");
}

TEST(ShellTokens, HereDocumentsBelongToTheirLine) {
  const std::string script = "cat <<A <<-'B' x\nfirst\nA\n\tsecond\n\tB\nnext\n";
  ShellLines lines(script);
  ShellLine line;
  ASSERT_TRUE(lines.next(&line));
  EXPECT_EQ(
      script.substr(line.tokens[1].body_begin, line.tokens[1].body_end - line.tokens[1].body_begin),
      "first\n");
  EXPECT_TRUE(line.tokens[1].is_expanded);
  EXPECT_EQ(
      script.substr(line.tokens[3].body_begin, line.tokens[3].body_end - line.tokens[3].body_begin),
      "\tsecond\n");
  EXPECT_FALSE(line.tokens[3].is_expanded);
  ASSERT_TRUE(lines.next(&line));
  EXPECT_EQ(line.tokens.size(), 1U);
  EXPECT_FALSE(lines.next(&line));
}

TEST(ShellTokens, WhatIsNotClosedIsMarked) {
  for (const char* script : {"a 'b", "a \"b", "a $(b", "a `b", "a <<E\nb\n"}) {
    ShellLines lines(script);
    ShellLine line;
    ASSERT_TRUE(lines.next(&line));
    EXPECT_TRUE(line.is_unclosed) << script;
    EXPECT_FALSE(lines.next(&line)) << script;
  }
}

TEST(ShellTokens, DeepBracketsEndTheReading) {
  const std::string script = "a $(" + std::string(100'000, '(');
  ShellLines lines(script);
  ShellLine line;
  ASSERT_TRUE(lines.next(&line));
  EXPECT_TRUE(line.is_too_deep);
  EXPECT_FALSE(lines.next(&line));
}

TEST(ShellTokens, LinesTileAnyText) {
  std::mt19937 random(5);
  constexpr std::string_view signs("\n\r\0 \t#'\"\\$(){}`;&|<>aEF=", 24);
  for (int round = 0; round < 20'000; ++round) {
    std::string script;
    const std::size_t length = random() % 40;
    for (std::size_t i = 0; i < length; ++i) script += signs[random() % signs.size()];
    ShellLines lines(script);
    ShellLine line;
    std::uint32_t at = 0;
    while (lines.next(&line)) {
      ASSERT_EQ(line.begin, at);
      ASSERT_GT(line.end, line.begin) << script;
      at = line.end;
    }
    ASSERT_EQ(at, script.size());
  }
}

}  // namespace
}  // namespace untrack::iptables
