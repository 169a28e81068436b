#include "report/terminal.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(EscapeControl, KeepsPlainAndForeignText) {
  EXPECT_EQ(escape_control("-A INPUT -j \"Grüße 日本\""), "-A INPUT -j \"Grüße 日本\"");
}

TEST(EscapeControl, SpellsWhatWouldDriveATerminal) {
  struct Case {
    std::string_view text;
    std::string_view escaped;
  };
  const Case cases[] = {
      {"\x1b[31mred", "\\x1b[31mred"},
      {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
      {std::string_view("\0", 1), "\\x00"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m"},  // CSI as a C1 control
      {"\xe2\x80\xae"
       "evil",
       "\\xe2\\x80\\xaeevil"},              // right-to-left override
      {"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},  // zero-width space
      {"\xff\xfe", "\\xff\\xfe"},           // no UTF-8 at all
      {"\xc0\xaf", "\\xc0\\xaf"},           // overlong slash
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // surrogate
      {"\xe6\x97", "\\xe6\\x97"},           // cut off
  };
  for (const Case& c : cases) EXPECT_EQ(escape_control(c.text), c.escaped);
}

TEST(ColumnsOf, CountsWhatATerminalShows) {
  EXPECT_EQ(columns_of("abc"), 3);
  EXPECT_EQ(columns_of("日本"), 4);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1);  // e with a combining acute accent
  EXPECT_EQ(columns_of("\x1b"), 4);
}

TEST(Paint, AddsNothingWithoutColour) {
  EXPECT_EQ(paint(Style::error, "x", {false, 80}), "x");
  EXPECT_EQ(paint(Style::error, "x", {true, 80}), "\x1b[1;31mx\x1b[0m");
}

TEST(Wrap, BreaksBetweenWordsOnly) {
  EXPECT_EQ(wrap("one two three four five", "= ", "  ", {false, 22}),
            "= one two three four\n  five\n");
  EXPECT_EQ(wrap("a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", "= ", "  ", {false, 22}),
            "= a\n  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  b\n");
  EXPECT_EQ(wrap("", "= ", "  ", {false, 22}), "= \n");
}

}  // namespace
}  // namespace untrack
