#include "parser/iptables/document.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace untrack::iptables {
namespace {

void expect_tiles(const std::string& text) {
  const Document document = read_lines(SourceId{}, text);
  std::uint32_t at = 0;
  for (const Line& line : document.lines) {
    ASSERT_EQ(line.begin, at);
    ASSERT_GT(line.end, line.begin);
    at = line.end;
  }
  ASSERT_EQ(at, text.size());
  ASSERT_EQ(print(document), text);
}

TEST(Document, TilesWhateverTheBytes) {
  std::mt19937 random(7);
  constexpr std::string_view signs("\n\r\0 \t#*:-[]COMMIT\"\\a\xff$", 22);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t length = random() % 60;
    for (std::size_t i = 0; i < length; ++i) text += signs[random() % signs.size()];
    expect_tiles(text);
  }
}

TEST(Document, TilesWithoutFinalNewlineAndWithCarriageReturns) {
  expect_tiles("");
  expect_tiles("\n");
  expect_tiles("*filter\r\n-A INPUT -j ACCEPT\r\nCOMMIT");
  expect_tiles(std::string("*filter\0\n-A INPUT\nCOMMIT\n", 25));
}

TEST(Document, KnowsWhatEachLineIs) {
  const Document document = read_lines(
      SourceId{},
      "# c\n\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\n[1:2] -A INPUT\nCOMMIT\nCOMMITS\n"
      "iptables -F\n?\n");
  std::vector<LineKind> kinds;
  for (const Line& line : document.lines) kinds.push_back(line.kind);
  EXPECT_EQ(kinds,
            (std::vector{LineKind::comment, LineKind::blank, LineKind::table_header,
                         LineKind::chain_declaration, LineKind::rule, LineKind::rule,
                         LineKind::commit, LineKind::command, LineKind::command, LineKind::other}));
}

}  // namespace
}  // namespace untrack::iptables
