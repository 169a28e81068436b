#include "analysis/program/service_ports.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

constexpr Interval clients{32768, 60999};

std::string text_of(const std::vector<Interval>& ports) {
  std::string text;
  for (const Interval& range : ports) {
    text += fmt::format("{}{}-{}", text.empty() ? "" : " ", static_cast<unsigned>(range.first),
                        static_cast<unsigned>(range.last));
  }
  return text;
}

struct Named {
  std::string_view rules;
  std::string_view few;
  std::string_view all;
};
void PrintTo(const Named& named, std::ostream* out) { *out << named.rules; }

class ServicePortsOf : public testing::TestWithParam<Named> {};

TEST_P(ServicePortsOf, AreNamedByRules) {
  const bool is_nft = GetParam().rules.starts_with("table");
  const auto read = is_nft ? read_ruleset(std::string(GetParam().rules), Format::nft_script)
                           : read_ruleset("*filter\n:INPUT DROP\n:OUTPUT ACCEPT\n:user -\n" +
                                              std::string(GetParam().rules) + "\nCOMMIT\n",
                                          Format::iptables_save);
  const ServicePorts found = service_ports(read->ruleset, IpVersion::ipv4, clients);
  EXPECT_EQ(text_of(found.few), GetParam().few);
  EXPECT_EQ(text_of(found.all), GetParam().all);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ServicePortsOf,
    testing::Values(
        Named{"-A INPUT -s 192.0.2.1 -p udp --dport 51820 -j ACCEPT", "51820-51820", "51820-51820"},
        Named{"-A INPUT -p udp --dport 40000 -j DROP", "40000-40000", "40000-40000"},
        Named{"-A INPUT -p udp -m state --state NEW --dport 40000 -j ACCEPT", "40000-40000",
              "40000-40000"},
        Named{"-A INPUT -j user\n-A user -p udp -m multiport --dports 40001,40000,53 -j ACCEPT",
              "40000-40001", "40000-40001"},
        Named{"-A INPUT -p udp --dport 32700:32800 -j ACCEPT", "32768-32800", "32768-32800"},
        // A longer range counts where it lets in, most of all ports nowhere.
        Named{"-A INPUT -p udp --dport 50000:50200 -j ACCEPT", "", "50000-50200"},
        Named{"-A INPUT -p udp --dport 50000:50200 -j DROP", "", ""},
        Named{"-A INPUT -p udp --dport 1024:65535 -j ACCEPT", "", ""},
        Named{"-A INPUT -p udp --dport 33000:60000 -j ACCEPT", "", ""},
        // More than a client can do without.
        Named{"-A INPUT -p udp --dport 40000:40100 -j ACCEPT\n-A INPUT -p udp --dport 41000:41100 "
              "-j ACCEPT\n-A INPUT -p udp --dport 42000:42100 -j ACCEPT",
              "", "40000-40100 41000-41100 42000-42100"},
        // Not of services, or of none of this host by UDP.
        Named{"-A INPUT -p udp --sport 53 --dport 40000 -j ACCEPT", "", ""},
        Named{"-A INPUT -p udp -m state --state ESTABLISHED --dport 40000 -j ACCEPT", "", ""},
        Named{"-A INPUT -p udp -m state ! --state NEW --dport 40000 -j ACCEPT", "", ""},
        Named{"-A INPUT -p tcp --dport 40000 -j ACCEPT", "", ""},
        Named{"-A INPUT -p udp ! --dport 40000 -j ACCEPT", "", ""},
        Named{"-A OUTPUT -p udp --dport 40000 -j ACCEPT", "", ""},
        Named{"-A user -p udp --dport 40000 -j ACCEPT", "", ""},
        Named{"-A INPUT -p udp --dport 1194 -j ACCEPT", "", ""},
        Named{"table inet t {\n set s { type ipv4_addr . inet_service; elements = { 192.0.2.1 . "
              "40000, 192.0.2.2 . 40010-40012 }; flags interval; }\n chain i { type filter hook "
              "input priority 0; ip saddr . udp dport @s accept; }\n}\n",
              "40000-40000 40010-40012", "40000-40000 40010-40012"},
        Named{"table inet t {\n chain c { accept; }\n chain i { type filter hook input priority 0; "
              "udp dport vmap { 40000 : jump c, 40002 : drop }; }\n}\n",
              "40000-40000 40002-40002", "40000-40000 40002-40002"}));

TEST(ServicePorts, LeaveTheOtherPorts) {
  EXPECT_EQ(text_of(without_ports({10, 20}, {})), "10-20");
  EXPECT_EQ(text_of(without_ports({10, 20}, {{1, 5}, {10, 11}, {15, 15}, {20, 30}})),
            "12-14 16-19");
  EXPECT_EQ(text_of(without_ports({10, 20}, {{9, 21}})), "");
}

}  // namespace
}  // namespace untrack
