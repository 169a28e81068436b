#include "model/catalog/nft_expressions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

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

// IANA's numbers. Extension headers of IPv6, options and chunks are looked for wherever they stand.
TEST(NftExpressions, AskForTheProtocolOfTheirHeader) {
  const std::map<std::string_view, int> protocols{
      {"icmp", 1}, {"igmp", 2},    {"tcp", 6},    {"udp", 17},   {"dccp", 33},    {"esp", 50},
      {"ah", 51},  {"icmpv6", 58}, {"comp", 108}, {"sctp", 132}, {"udplite", 136}};
  for (const NftExpression& row : nft_expressions()) {
    if (row.name.starts_with("tcp option") || row.name.starts_with("sctp chunk")) continue;
    const auto known = protocols.find(row.name.substr(0, row.name.find(' ')));
    EXPECT_EQ(row.protocol, known == protocols.end() ? 0 : known->second) << row.name;
  }
}

TEST(NftExpressions, FindWholeWords) {
  EXPECT_TRUE(has_word("sport dport", "dport"));
  EXPECT_FALSE(has_word("sport dport", "port"));
  EXPECT_FALSE(has_word("sport dport", ""));
}

// The columns on which verdicts rest, in full, so that a row cannot change them unnoticed;
// tests/lab asks the kernel.
TEST(NftExpressions, WhatTracks) {
  std::map<Tracking, std::set<std::string>> found;
  for (const Extension& row : nft_extensions()) {
    if (row.tracking != Tracking::never) found[row.tracking].insert(std::string(row.name));
  }
  const std::map<Tracking, std::set<std::string>> wanted{
      {Tracking::always, {"ct count",   "ct entry",       "ct expectation", "ct expectation set",
                          "ct helper",  "ct helper read", "ct helper set",  "ct label",
                          "ct mark",    "ct mark set",    "ct set",         "ct state",
                          "ct timeout", "ct timeout set", "ct zone",        "dnat",
                          "flow add",   "masquerade",     "redirect",       "snat",
                          "synproxy"}}};
  EXPECT_EQ(found, wanted);
}

TEST(NftExpressions, WhatEndsTheWay) {
  std::map<TargetEnd, std::set<std::string>> found;
  for (const Extension& row : nft_extensions()) {
    if (row.end != TargetEnd::not_a_target) found[row.end].insert(std::string(row.name));
  }
  const std::map<TargetEnd, std::set<std::string>> wanted{
      {TargetEnd::continues,
       {"ct expectation set", "ct helper set", "ct mark set", "ct set", "ct timeout set", "dup",
        "flow add", "log", "notrack", "set update", "tproxy"}},
      {TargetEnd::ends, {"dnat", "fwd", "masquerade", "queue", "redirect", "reject", "snat"}},
      {TargetEnd::may_end, {"synproxy"}}};
  EXPECT_EQ(found, wanted);
}

TEST(NftExpressions, WhatIsReadInFullOrInPart) {
  std::map<Exactness, std::set<std::string>> found;
  for (const Extension& row : nft_extensions()) {
    if (row.exactness != Exactness::opaque) found[row.exactness].insert(std::string(row.name));
  }
  const std::map<Exactness, std::set<std::string>> wanted{
      {Exactness::exact, {"ct state", "log", "notrack", "reject"}},
      {Exactness::over_approximated, {"dnat", "fib", "masquerade", "queue", "redirect", "snat"}}};
  EXPECT_EQ(found, wanted);
}

TEST(NftExpressions, WhatEachIsFor) {
  std::map<Role, std::set<std::string>> found;
  for (const Extension& row : nft_extensions()) {
    if (row.role != Role::packet_field) found[row.role].insert(std::string(row.name));
  }
  const std::map<Role, std::set<std::string>> wanted{
      {Role::history, {"limit", "numgen", "quota", "set update"}},
      {Role::host_fact, {"fib", "rt", "socket", "xfrm", "xt"}},
      {Role::state_match, {"ct state"}},
      {Role::entry_match, {"ct entry", "ct zone"}},
      {Role::connmark, {"ct label", "ct mark", "ct mark set"}},
      {Role::connection_count, {"ct count"}},
      {Role::helper,
       {"ct expectation", "ct expectation set", "ct helper", "ct helper read", "ct helper set"}},
      {Role::nat, {"dnat", "masquerade", "redirect", "snat"}},
      {Role::tracking_control, {"ct set", "ct timeout", "ct timeout set", "flow add"}},
      {Role::notrack, {"notrack"}},
      {Role::synproxy, {"synproxy"}},
      {Role::verdict, {"fwd", "queue", "reject"}},
      {Role::mangle, {"tproxy"}},
      {Role::observe, {"dup", "log"}}};
  EXPECT_EQ(found, wanted);
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
