#include "app/config/toml_characters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace untrack {
namespace {

// "BEGIN-END WHY", or nothing.
std::string wrong(std::string_view text) {
  const auto found = misplaced_character(text);
  if (!found) return {};
  return std::to_string(found->begin) + "-" + std::to_string(found->end) + " " +
         std::string(found->why);
}

TEST(TomlCharacters, strings_and_comments_hold_any) {
  EXPECT_EQ("", wrong("# Größe ҍ '\"\na = \"ä \\\" ä\" # ä\nb = 'ä\\' \n"));
  EXPECT_EQ("", wrong("a = \"\"\"ä\n\" ä \"\" \\\"\"\" ä ä\"\"\"\"\"\nb = '''ä\n'' ä'''\n# \"ä\n"));
  EXPECT_EQ("", wrong("\xef\xbb\xbf# ä\n"));
  EXPECT_EQ("", wrong("a = \"never ended ä"));
  EXPECT_EQ("", wrong(""));
}

TEST(TomlCharacters, nothing_else_does) {
  const std::string outside = "only strings and comments hold such a character";
  EXPECT_EQ("5-7 " + outside, wrong("[re.\n\xd2\x8dino]"));
  EXPECT_EQ("8-10 " + outside, wrong("a = \"ä\"ä"));
  EXPECT_EQ("12-14 " + outside, wrong("a = '''b''''ä"));
  EXPECT_EQ("9-11 " + outside, wrong("a = \"end\nä\" = 1"));
  EXPECT_EQ("0-1 " + outside, wrong("\xff"));
  EXPECT_EQ("6-8 a backslash stands before such a character", wrong("a = \"\\ä\""));
  EXPECT_EQ("11-13 a backslash stands before such a character", wrong("a = \"\"\"\\\n  ä\"\"\""));
  EXPECT_EQ("3-4 it holds a zero byte", wrong(std::string("abc\0", 4)));
}

}  // namespace
}  // namespace untrack
