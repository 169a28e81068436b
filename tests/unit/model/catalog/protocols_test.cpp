#include "model/catalog/protocols.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace untrack::catalog {
namespace {

TEST(Protocols, KnowsTheNamesOfTheFileAndOfIptables) {
  EXPECT_EQ(protocol_of_name("tcp"), 6);
  EXPECT_EQ(protocol_of_name("all"), 0);
  EXPECT_EQ(protocol_of_name("icmpv6"), 58);
  EXPECT_EQ(protocol_of_name("ipv6-icmp"), 58);
  EXPECT_EQ(protocol_of_name("mh"), 135);
  EXPECT_EQ(protocol_of_name("ipv6-mh"), 135);
  EXPECT_EQ(protocol_of_name("ipsec-esp"), 50);
  EXPECT_EQ(protocol_of_name("tpc"), std::nullopt);
  EXPECT_EQ(protocol_of_name(""), std::nullopt);
}

TEST(Protocols, PrintsOneNameForANumber) {
  EXPECT_EQ(protocol_name(6), "tcp");
  EXPECT_EQ(protocol_name(58), "ipv6-icmp");
  EXPECT_EQ(protocol_name(0), "all");
  EXPECT_EQ(protocol_name(255), "");
  std::set<int> preferred;
  for (const ProtocolName& row : protocols()) {
    if (!row.is_preferred) continue;
    EXPECT_TRUE(preferred.insert(row.number).second) << row.name;
  }
  for (const ProtocolName& row : protocols())
    EXPECT_TRUE(preferred.contains(row.number)) << row.name;
}

TEST(Protocols, HasWhatTheFileOfDebian12Has) {
  std::ifstream file("/etc/protocols");
  if (!file) GTEST_SKIP() << "no /etc/protocols on this host";
  std::string line;
  int names = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    int number = 0;
    if (!(words >> name >> number) || number > 255) continue;
    ++names;
    EXPECT_EQ(protocol_of_name(name), number) << name;
    for (std::string alias; words >> alias;) {
      std::ranges::transform(alias, alias.begin(), [](unsigned char c) { return std::tolower(c); });
      EXPECT_EQ(protocol_of_name(alias).value_or(number), number) << alias;
    }
  }
  EXPECT_GT(names, 40);
}

}  // namespace
}  // namespace untrack::catalog
