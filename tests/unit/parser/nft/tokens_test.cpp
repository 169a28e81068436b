#include "parser/nft/tokens.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace untrack::nft {
namespace {

std::string texts(std::string_view text, Dialect dialect = Dialect::script) {
  std::string all;
  for (const Token& token : read_tokens(text, dialect).tokens) {
    if (token.kind == TokenKind::end) break;
    if (!all.empty()) all += '|';
    all += token.kind == TokenKind::newline ? "\\n"
                                            : text.substr(token.begin, token.end - token.begin);
  }
  return all;
}

struct Row {
  std::string_view text;
  std::string_view tokens;
};

TEST(Tokens, AreThoseOfNftsScanner) {
  constexpr Row rows[] = {
      {"tcp dport 22", "tcp|dport|22"},
      {"ip saddr 10.0.0.0/8", "ip|saddr|10.0.0.0|/|8"},
      {"10.0.0.1-10.0.0.9", "10.0.0.1|-|10.0.0.9"},
      {"22-25", "22|-|25"},
      {"fe80::1/64", "fe80::1|/|64"},
      {"::1", "::1"},
      {"00:11:22:33:44:55", "00:11:22:33:44:55"},
      {"22:accept", "22|:|accept"},
      {"1:bbf8", "1|:|bbf8"},
      {"1:bbf8 x", "1:bbf8|x"},
      {"chain c:d {", "chain|c:d|{"},
      {"c:d;", "c|:|d|;"},
      {"12345:1 x", "12345|:|1|x"},
      {"ip saddr . tcp dport", "ip|saddr|.|tcp|dport"},
      {"ip saddr .tcp", "ip|saddr|.tcp"},
      {"10/second", "10|/|second"},
      {"iifname eth*", "iifname|eth*"},
      {"iifname \"eth0\"", "iifname|\"eth0\""},
      {"icmp-host-prohibited", "icmp-host-prohibited"},
      {"a != b == c", "a|!=|b|==|c"},
      {"! syn", "!|syn"},
      {"x # comment { }\ny", "x|\\n|y"},
      {"x \\\n y", "x|y"},
      {"{a;b}", "{|a|;|b|}"},
      {"1h30m", "1h30m"},
      {"@th,16,16", "@|th|,|16|,|16"},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(texts(row.text), row.tokens) << row.text;
}

TEST(Tokens, OfCallsLoseTheQuotesOfTheShell) {
  EXPECT_EQ(texts("nft add rule '{ a \\; b }' \\!= x", Dialect::commands),
            "nft|add|rule|{|a|;|b|}|!=|x");
  EXPECT_EQ(texts("'"), "'");  // a bad byte for nft itself
}

TEST(Tokens, TellOfTheFirstCarriageReturnThatIsInNoCommentAndNoQuotes) {
  EXPECT_EQ(read_tokens("a # b\r\nc", Dialect::script).first_carriage_return, std::nullopt);
  EXPECT_EQ(read_tokens("a \"b\r\" c", Dialect::script).first_carriage_return, std::nullopt);
  EXPECT_EQ(read_tokens("a # b\r\nc\r\nd\r\n", Dialect::script).first_carriage_return, 8U);
  EXPECT_EQ(texts("a\r\nb"), "a|\\n|b");
}

TEST(Tokens, KeepWhatIsNoWord) {
  const std::vector<Token> tokens = read_tokens("a ` b", Dialect::script).tokens;
  ASSERT_EQ(tokens.size(), 4U);
  EXPECT_EQ(tokens[1].kind, TokenKind::bad);
  EXPECT_EQ(tokens[3].kind, TokenKind::end);
}

}  // namespace
}  // namespace untrack::nft
