// Two rules that differ in one word are not the same: each way in which they can differ, held
// against rules_that_matter, which would leave out what it takes for unchanged.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/difference/changed_rules.hpp"
#include "tests/property/random_packet.hpp"

namespace untrack {
namespace {

struct Row {
  std::string_view one;
  std::string_view other;
};

std::optional<RulesOfBoth> matter_of(const Program& before, const Program& after) {
  const auto pairs = pair_rules(before.ruleset(), after.ruleset(), before.version());
  return pairs ? rules_that_matter(before, after, *pairs) : std::nullopt;
}

// `changed`: the place of the rule among all.
void expect_both_matter(const Row& row, const std::string& ahead, const std::string& behind,
                        std::size_t changed) {
  const auto text = [&](std::string_view rule) { return ahead + std::string(rule) + behind; };
  const auto variables = std::make_shared<FreeVariables>();
  const auto before = read(text(row.one), IpVersion::ipv4, variables);
  const auto after = read(text(row.other), IpVersion::ipv4, variables);
  const auto matter = matter_of(*before->program, *after->program);
  if (!matter) return;  // all of them do
  EXPECT_TRUE((*matter)[0][changed]) << row.one << " | " << row.other;
  EXPECT_TRUE((*matter)[1][changed]) << row.one << " | " << row.other;
  const auto same = matter_of(*before->program, *before->program);
  ASSERT_TRUE(same);
  EXPECT_FALSE((*same)[0][changed]) << row.one;
}

void expect_all_matter(std::span<const Row> rows, const std::string& ahead,
                       const std::string& behind, std::size_t changed) {
  for (const Row& row : rows) {
    expect_both_matter(row, ahead, behind, changed);
    expect_both_matter({row.other, row.one}, ahead, behind, changed);
  }
}

TEST(ChangedConditions, MatterHoweverLittleTheyChange) {
  constexpr std::array rows = {
      Row{"-s 192.0.2.0/24 -j DROP", "! -s 192.0.2.0/24 -j DROP"},
      Row{"-s 192.0.2.0/24 -j DROP", "-s 192.0.2.0/25 -j DROP"},
      Row{"-s 192.0.2.0/24 -j DROP", "-d 192.0.2.0/24 -j DROP"},
      Row{"-i eth0 -j DROP", "! -i eth0 -j DROP"},
      Row{"-i eth0 -j DROP", "-i eth0+ -j DROP"},
      Row{"-i eth0 -j DROP", "-o eth0 -j DROP"},
      Row{"-p tcp -m tcp --dport 22 -j DROP", "-p tcp -m tcp --sport 22 -j DROP"},
      Row{"-p tcp -m tcp --dport 22 -j DROP", "-p tcp -m tcp --dport 22:23 -j DROP"},
      Row{"-p tcp -m tcp --tcp-flags SYN,ACK SYN -j DROP",
          "-p tcp -m tcp --tcp-flags SYN,ACK ACK -j DROP"},
      Row{"-p tcp -m tcp --tcp-flags SYN,ACK SYN -j DROP",
          "-p tcp -m tcp --tcp-flags SYN,RST SYN -j DROP"},
      Row{"-m mark --mark 0x2 -j DROP", "-m mark --mark 0x2/0x2 -j DROP"},
      Row{"-m conntrack --ctstate NEW -j DROP", "-m conntrack ! --ctstate NEW -j DROP"},
      Row{"-m conntrack --ctstate NEW -j DROP", "-m conntrack --ctstate NEW,RELATED -j DROP"},
      Row{"-m set --match-set some src -j DROP", "-m set ! --match-set some src -j DROP"},
      Row{"-m set --match-set some src -j DROP", "-m set --match-set some dst -j DROP"},
      Row{"-m set --match-set some src -j DROP", "-m set --match-set some src,src -j DROP"},
      Row{"-m set --match-set some src -j DROP", "-m set --match-set others src -j DROP"},
      Row{"-m physdev --physdev-in eth0 -j DROP", "-m physdev ! --physdev-in eth0 -j DROP"},
      Row{"-m physdev --physdev-in eth0 -j DROP", "-m physdev --physdev-in eth1 -j DROP"},
      Row{"-m helper --helper ftp -j DROP", "-m helper ! --helper ftp -j DROP"},
      Row{"-m limit --limit 3/min -j DROP", "-m limit --limit 4/min -j DROP"},
      Row{"-p udp -j DROP", "-p udp -j ACCEPT"},
      Row{"-p udp -j DROP", "-p udp -j RETURN"},
      Row{"-p udp -j other", "-p udp -g other"},
      Row{"-p udp -j other", "-p udp -j third"},
      Row{"-j MARK --set-xmark 0x1/0xffffffff", "-j MARK --set-xmark 0x2/0xffffffff"},
      Row{"-j MARK --set-xmark 0x1/0xffffffff", "-j MARK --set-xmark 0x1/0x1"},
  };
  const std::string ahead =
      "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
      ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:other - [0:0]\n:third - [0:0]\n"
      "-A other -p udp -j DROP\n-A third -p tcp -j DROP\n-A FORWARD ";
  const std::string behind = "\n-A FORWARD -m mark --mark 0x1 -j DROP\nCOMMIT\n";
  expect_all_matter(rows, ahead, behind, 2);
}

TEST(ChangedConditions, OfNftMatterHoweverLittleTheyChange) {
  constexpr std::array rows = {
      Row{"ip saddr 192.0.2.0/24 drop", "ip saddr != 192.0.2.0/24 drop"},
      Row{"ip saddr @nets drop", "ip saddr != @nets drop"},
      Row{"ip saddr @nets drop", "ip daddr @nets drop"},
      Row{"iifname \"eth0\" drop", "iifname != \"eth0\" drop"},
      Row{"ct state new drop", "ct state != new drop"},
      Row{"ct helper \"ftp\" drop", "ct helper != \"ftp\" drop"},
      Row{"socket transparent 1 drop", "socket transparent != 1 drop"},
      Row{"meta protocol ip drop", "meta protocol arp drop"},
      Row{"limit rate 1/second drop", "limit rate over 1/second drop"},
      Row{"limit rate 1/second drop", "limit rate 2/second drop"},
      Row{"meta mark set 0x1", "meta mark set 0x2"},
      Row{"ip saddr 192.0.2.1 drop", "ip saddr 192.0.2.1 continue"},
      Row{"ip saddr 192.0.2.1 jump other", "ip saddr 192.0.2.1 goto other"},
      Row{"tcp dport vmap { 22 : drop }", "tcp dport vmap { 22 : accept }"},
      Row{"tcp dport vmap { 22 : drop }", "tcp sport vmap { 22 : drop }"},
  };
  const std::string ahead =
      "table ip t {\n set nets { type ipv4_addr; elements = { 192.0.2.1 }; }\n"
      " chain other { meta l4proto udp drop\n }\n"
      " chain forward { type filter hook forward priority filter; policy accept;\n";
  const std::string behind = "\n  meta mark 0x1 drop\n }\n}\n";
  expect_all_matter(rows, ahead, behind, 1);
}

}  // namespace
}  // namespace untrack
