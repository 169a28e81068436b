#include "analysis/walk/concrete.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

struct Case {
  std::string_view name;
  std::string_view rules;
  std::string_view decision;
  void (*change)(Packet&) = [](Packet&) {};
  bool tracks = true;
  std::string_view sets = {};
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

// tcp 192.0.2.1:40000 > 198.51.100.2:443 SYN, in over eth0.
Packet usual() {
  Packet packet;
  packet.in_interface = "eth0";
  packet[Field::source_address] = 0xc0000201;
  packet[Field::destination_address] = 0xc6336402;
  packet[Field::protocol] = ip_protocol::tcp;
  packet[Field::source_port] = 40000;
  packet[Field::destination_port] = 443;
  packet[Field::tcp_flags] = tcp_flag::syn;
  packet[Field::destination_type] = 2;
  return packet;
}

void make_icmp(Packet& p) {
  p[Field::protocol] = ip_protocol::icmp;
  p[Field::icmp_type_code] = 8 * 256;
}
void make_established(Packet& p) { p.state = CtState::established; }
void make_loopback(Packet& p) { p.in_interface = "lo"; }
void make_fragment(Packet& p) { p[Field::later_fragment] = 1; }
void make_forward(Packet& p) {
  p.path = Path::forward;
  p.out_interface = "eth1";
  p[Field::destination_type] = 1;
}

const Case cases[] = {
    {"policy", "*filter\n:INPUT DROP\nCOMMIT\n", "drop"},
    {"accept", "*filter\n:INPUT DROP\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n", "accept"},
    {"reject", "*filter\n:INPUT ACCEPT\n-A INPUT -p tcp -j REJECT\nCOMMIT\n", "reject"},
    {"accept_ends_one_chain",
     "*mangle\n:INPUT ACCEPT\n-A INPUT -j ACCEPT\nCOMMIT\n*filter\n:INPUT DROP\nCOMMIT\n", "drop"},
    {"return_in_base", "*filter\n:INPUT DROP\n-A INPUT -j RETURN\n-A INPUT -j ACCEPT\nCOMMIT\n",
     "drop"},
    {"jump_comes_back",
     "*filter\n:INPUT DROP\n:a -\n-A INPUT -j a\n-A INPUT -j ACCEPT\n-A a -j RETURN\n-A a -j DROP\n"
     "COMMIT\n",
     "accept"},
    {"goto_does_not",
     "*filter\n:INPUT DROP\n:a -\n-A INPUT -g a\n-A INPUT -j ACCEPT\n-A a -p udp -j DROP\n"
     "COMMIT\n",
     "drop"},
    {"goto_returns_to_the_caller_of_its_chain",
     "*filter\n:INPUT DROP\n:a -\n:b -\n-A INPUT -j a\n-A INPUT -j ACCEPT\n-A a -g b\n-A a -j "
     "DROP\n-A b -p udp -j DROP\nCOMMIT\n",
     "accept"},
    {"marks",
     "*mangle\n:PREROUTING ACCEPT\n-A PREROUTING -j MARK --set-xmark 0x5/0xf\nCOMMIT\n"
     "*filter\n:INPUT DROP\n-A INPUT -m mark --mark 0x5/0xf -j ACCEPT\nCOMMIT\n",
     "accept"},
    {"missing_port_negated",
     "*filter\n:INPUT DROP\n-A INPUT -p icmp -j a\n:a -\n-A a -m multiport ! --dports 22 -j "
     "ACCEPT\nCOMMIT\n",
     "drop", make_icmp},
    {"state", "*filter\n:INPUT DROP\n-A INPUT -m state --state NEW -j ACCEPT\nCOMMIT\n", "accept"},
    {"state_is_another", "*filter\n:INPUT DROP\n-A INPUT -m state --state NEW -j ACCEPT\nCOMMIT\n",
     "drop", make_established},
    {"notrack",
     "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP\n-A INPUT "
     "-m "
     "state --state UNTRACKED -j ACCEPT\nCOMMIT\n",
     "accept"},
    {"before_conntrack_reads_invalid",
     "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -m state --state INVALID -j DROP\nCOMMIT\n", "drop"},
    {"before_conntrack_over_lo_reads_what_output_made",
     "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -m state --state INVALID -j DROP\nCOMMIT\n", "accept",
     make_loopback},
    {"notrack_in_prerouting_of_lo",
     "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP\n-A INPUT "
     "-m "
     "state --state NEW -j ACCEPT\nCOMMIT\n",
     "accept", make_loopback},
    {"notrack_in_output_of_lo",
     "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -o lo -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP\n-A INPUT -m "
     "state --state UNTRACKED -j ACCEPT\nCOMMIT\n",
     "accept", make_loopback},
    {"dnat",
     "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 443 -j DNAT --to-destination "
     "10.0.0.5:8443\nCOMMIT\n*filter\n:FORWARD DROP\n-A FORWARD -d 10.0.0.5 -p tcp --dport 8443 -j "
     "ACCEPT\nCOMMIT\n",
     "accept", make_forward},
    {"nat_not_over_lo",
     "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 443 -j DNAT --to-destination "
     "10.0.0.5\nCOMMIT\n*filter\n:INPUT ACCEPT\n-A INPUT -d 10.0.0.5 -j DROP\nCOMMIT\n",
     "accept", make_loopback},
    {"no_nat_when_established",
     "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j REDIRECT --to-ports 1\nCOMMIT\n"
     "*filter\n:INPUT DROP\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n",
     "accept", make_established},
    {"fragments_reassembled", "*filter\n:INPUT DROP\nCOMMIT\n", "elsewhere", make_fragment},
    {"fragments_end_before_input", "*filter\n:INPUT DROP\nCOMMIT\n", "accept", make_fragment,
     false},
    {"routed_elsewhere", "*filter\n:INPUT ACCEPT\nCOMMIT\n", "elsewhere",
     [](Packet& p) { p[Field::destination_type] = 1; }},
    {"in_a_set", "*filter\n:INPUT DROP\n-A INPUT -m set --match-set s src -j ACCEPT\nCOMMIT\n",
     "accept", [](Packet&) {}, true, "create s hash:ip family inet\nadd s 192.0.2.1\n"},
    {"not_in_a_set_of_ports",
     "*filter\n:INPUT DROP\n-A INPUT -m set ! --match-set s dst -j ACCEPT\nCOMMIT\n", "accept",
     make_icmp, true, "create s bitmap:port range 0-65535\nadd s 80\n"},
};

class ConcreteWalk : public testing::TestWithParam<Case> {};

TEST_P(ConcreteWalk, Decides) {
  Sources sources;
  std::vector<Input> inputs{{sources.add("rules.v4", std::string(GetParam().rules)),
                             Format::iptables_save, IpVersion::ipv4}};
  if (!GetParam().sets.empty()) {
    inputs.push_back(
        {sources.add("sets", std::string(GetParam().sets)), Format::ipset_save, std::nullopt});
  }
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  FreeVariables variables;
  const Program program(ruleset, IpVersion::ipv4, GetParam().tracks, variables);
  Packet packet = usual();
  GetParam().change(packet);
  EXPECT_EQ(to_text(walk(program, packet, {}).decision), GetParam().decision);
}

INSTANTIATE_TEST_SUITE_P(Table, ConcreteWalk, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ConcreteWalkOfIpv6, NeverTracksNeighbourDiscovery) {
  Sources sources;
  const std::vector<Input> inputs{
      {sources.add("rules.v6",
                   "*filter\n:INPUT DROP\n-A INPUT -m state --state UNTRACKED -j ACCEPT\nCOMMIT\n"),
       Format::iptables_save, IpVersion::ipv6}};
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  FreeVariables variables;
  const Program program(ruleset, IpVersion::ipv6, true, variables);
  Packet packet = usual();
  packet.version = IpVersion::ipv6;
  packet[Field::protocol] = ip_protocol::icmpv6;
  // Multicast listeners, routers, neighbours, redirects; around them what is tracked.
  for (unsigned type = 128; type <= 144; ++type) {
    packet[Field::icmp_type_code] = type * 256;
    const bool is_never_tracked = (type >= 130 && type <= 136) || type == 143;
    const Trace trace = walk(program, packet, {});
    EXPECT_EQ(trace.is_untracked, is_never_tracked) << type;
    EXPECT_EQ(to_text(trace.decision), is_never_tracked ? "accept" : "drop") << type;
  }
}

// 2 to the power of 40 rules on the way of what the last chain leaves alone.
TEST(ConcreteWalkLimit, EndsWhereChainsCallEachOtherTooOften) {
  std::string chains;
  std::string rules = "-A INPUT -j c0\n";
  for (int i = 0; i < 40; ++i) {
    const std::string name = "c" + std::to_string(i);
    chains += ":" + name + " -\n";
    if (i == 39) break;
    const std::string call = "-A " + name + " -j c" + std::to_string(i + 1) + "\n";
    rules += call + call;
  }
  Sources sources;
  const std::array inputs{
      Input{sources.add("rules", "*filter\n:INPUT ACCEPT\n" + chains + rules +
                                     "-A c39 -p tcp --dport 22 -j DROP\nCOMMIT\n"),
            Format::iptables_save, IpVersion::ipv4}};
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  FreeVariables variables;
  const Program program(ruleset, IpVersion::ipv4, true, variables);
  Packet packet = usual();
  Trace trace = walk(program, packet, {});
  EXPECT_TRUE(trace.is_cut);
  EXPECT_EQ(trace.decision, Decision::unknown);
  packet[Field::destination_port] = 22;
  trace = walk(program, packet, {});
  EXPECT_FALSE(trace.is_cut);
  EXPECT_EQ(trace.decision, Decision::drop);
}

}  // namespace
}  // namespace untrack
