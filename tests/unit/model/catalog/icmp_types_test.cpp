#include "model/catalog/icmp_types.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace untrack::catalog {
namespace {

TEST(IcmpTypes, FindsNamesAliasesAndBeginnings) {
  const IcmpType* ping = find_icmp_type("ping", IpVersion::ipv4).found;
  ASSERT_NE(ping, nullptr);
  EXPECT_EQ(ping->first_type, 8);
  EXPECT_TRUE(ping->is_alias);
  EXPECT_EQ(find_icmp_type("ECHO-REQ", IpVersion::ipv6).found->first_type, 128);
  EXPECT_EQ(find_icmp_type("fragmentation-needed", IpVersion::ipv4).found->first_code, 4);
  EXPECT_EQ(find_icmp_type("packet-too-big", IpVersion::ipv4).found, nullptr);
}

TEST(IcmpTypes, SaysWhenABeginningFitsTwo) {
  const IcmpTypeSearch search = find_icmp_type("echo", IpVersion::ipv4);
  EXPECT_EQ(search.found, nullptr);
  ASSERT_NE(search.first, nullptr);
  ASSERT_NE(search.second, nullptr);
  EXPECT_EQ(search.first->name, "echo-reply");
  EXPECT_EQ(search.second->name, "echo-request");
  EXPECT_EQ(find_icmp_type("", IpVersion::ipv4).first, nullptr);
}

// Otherwise a full name would be ambiguous.
TEST(IcmpTypes, NoNameIsTheBeginningOfAnother) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    for (const IcmpType& row : icmp_types(version)) {
      EXPECT_EQ(find_icmp_type(row.name, version).found, &row) << row.name;
    }
  }
}

TEST(IcmpTypes, PrintsWhatItReads) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    for (const IcmpType& row : icmp_types(version)) {
      if (row.is_alias || row.first_type != row.last_type) continue;
      EXPECT_EQ(icmp_type_name(row.first_type, row.first_code, row.last_code, version), row.name);
    }
  }
  EXPECT_EQ(icmp_type_name(250, 0, 255, IpVersion::ipv4), "");
}

}  // namespace
}  // namespace untrack::catalog
