#include "parser/iptables/restore_text.hpp"

#include <gtest/gtest.h>

#include "model/source_text.hpp"

namespace untrack::iptables {
namespace {

std::optional<std::string> of_script(const std::string& text, IpVersion version = IpVersion::ipv4) {
  Sources sources;
  const SourceId source = sources.add("a.sh", text);
  return restore_text_of_script(source, sources[source].text(), version);
}

TEST(RestoreText, HasTheWordsOfCallsTableByTable) {
  const auto text = of_script(
      "#!/bin/sh\n"
      "IPT='sudo /sbin/iptables -w 5'\n"
      "$IPT -P INPUT DROP; echo done\n"
      "$IPT -t raw -A PREROUTING -p udp --dport 53 -j NOTRACK || exit 1\n"
      "$IPT -A INPUT -m comment --comment 'a \"b\" \\ c' -j ACCEPT\n"
      "iptables -L -n\n"
      "ip6tables -A INPUT -j DROP\n"
      "ipset create x hash:ip\n");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            "*filter\n-P INPUT DROP\n"
            "-A INPUT -m comment --comment \"a \\\"b\\\" \\\\ c\" -j ACCEPT\nCOMMIT\n"
            "*raw\n-A PREROUTING -p udp --dport 53 -j NOTRACK\nCOMMIT\n");
  EXPECT_EQ(*of_script("ip6tables -A INPUT -j DROP\n", IpVersion::ipv6),
            "*filter\n-A INPUT -j DROP\nCOMMIT\n");
}

TEST(RestoreText, LeavesOutWhatIsNotThereToBeTakenAway) {
  EXPECT_EQ(*of_script("iptables -F\niptables -X\niptables -F INPUT\niptables -F old\n"
                       "iptables -X old\niptables -N new\niptables -F new\niptables -X new\n"),
            "*filter\n-F\n-X\n-F INPUT\n-N new\n-F new\n-X new\nCOMMIT\n");
}

TEST(RestoreText, GivesUpWhatNoLineCanSay) {
  EXPECT_FALSE(of_script("iptables-restore <<X\n*filter\nCOMMIT\nX\n").has_value());
  EXPECT_FALSE(of_script("iptables -A INPUT -m comment --comment 'a\nb' -j DROP\n").has_value());
}

TEST(RestoreText, TakesListings) {
  Sources sources;
  const SourceId source =
      sources.add("a", "-P INPUT DROP\n-N x\n-t raw -A OUTPUT -j NOTRACK\n-A INPUT -j x\n");
  EXPECT_EQ(*restore_text_of_listing(source, sources[source].text(), IpVersion::ipv4),
            "*filter\n-P INPUT DROP\n-N x\n-A INPUT -j x\nCOMMIT\n"
            "*raw\n-A OUTPUT -j NOTRACK\nCOMMIT\n");
}

}  // namespace
}  // namespace untrack::iptables
