#include "model/catalog/nft_expressions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/catalog/nft_symbols.hpp"

namespace untrack::catalog {
namespace {

TEST(NftExpressions, AreSortedAndHaveEvidence) {
  EXPECT_TRUE(std::ranges::is_sorted(nft_extensions(), {}, &Extension::name));
  for (const Extension& row : nft_extensions()) {
    EXPECT_FALSE(row.evidence.empty()) << row.name;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_EQ(find_nft_extension(row.name), &row);
  }
  EXPECT_EQ(find_nft_extension("ct"), nullptr);
}

TEST(NftExpressions, NameFieldsThatTheirHeadersHave) {
  for (const NftExpression& row : nft_expressions()) {
    EXPECT_EQ(find_nft_expression(row.name), &row);
    const std::string_view head = row.name.substr(0, row.name.find(' '));
    const std::string_view rest = row.name.substr(row.name.find(' ') + 1);
    const std::string_view field = rest.substr(0, rest.find(' '));
    if (const NftHeader* header = find_nft_header(head)) {
      EXPECT_TRUE(has_word(header->fields, field)) << row.name;
    } else if (head == "meta") {
      EXPECT_TRUE(has_word(nft_meta_keys, field)) << row.name;
    }
    if (!row.extension.empty()) {
      EXPECT_NE(find_nft_extension(row.extension), nullptr) << row.name;
    }
  }
}

TEST(NftExpressions, FindWholeWords) {
  EXPECT_TRUE(has_word("sport dport", "dport"));
  EXPECT_FALSE(has_word("sport dport", "port"));
  EXPECT_FALSE(has_word("sport dport", ""));
}

TEST(NftSymbols, DependOnTypeAndFamily) {
  EXPECT_EQ(nft_symbol(NftType::icmp_type, "echo-request"), 8U);
  EXPECT_EQ(nft_symbol(NftType::icmpv6_type, "echo-request"), 128U);
  EXPECT_EQ(nft_symbol(NftType::icmp_type, "nd-redirect"), std::nullopt);
  EXPECT_EQ(nft_priority(Family::inet, "raw"), -300);
  EXPECT_EQ(nft_priority(Family::bridge, "filter"), -200);
  EXPECT_EQ(nft_priority(Family::bridge, "raw"), std::nullopt);
  EXPECT_EQ(nft_priority(Family::ip, "out"), std::nullopt);
}

}  // namespace
}  // namespace untrack::catalog
