#include <gtest/gtest.h>

#include <ostream>
#include <string_view>

#include "tests/unit/parser/read_text.hpp"

namespace untrack::test {
namespace {

struct PartsCase {
  std::string_view text;
  std::string_view parts;
  IpVersion version = IpVersion::ipv4;
  std::string_view table = "filter";
};

void PrintTo(const PartsCase& one, std::ostream* out) { *out << one.text; }

class Parts : public testing::TestWithParam<PartsCase> {};

TEST_P(Parts, AreInKernelOrder) {
  const Read result = read(GetParam().text, GetParam().version, GetParam().table);
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.parts, GetParam().parts) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Command, Parts,
    testing::Values(
        PartsCase{"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
                  "protocol 6 | destination port 22 | accept"},
        PartsCase{"-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
                  "state RELATED,ESTABLISHED | accept"},
        PartsCase{"-A INPUT ! -i eth+ -d 192.0.2.0/24 -s 10/8 -p udp --sport domain -j RETURN",
                  "source address 167772160-184549375 | destination address "
                  "3221225984-3221226239 | ! in-interface eth* | protocol 17 | source port 53 | "
                  "return"},
        PartsCase{"-A FORWARD -p tcp ! --syn -m conntrack --ctstate NEW -j DROP",
                  "protocol 6 | ! tcp flags&0x17 2 | state NEW | drop"},
        PartsCase{"-A INPUT -m limit --limit 3/hour --limit-burst 10 -j LOG --log-prefix x",
                  "opaque <limit --limit 3/hour --limit-burst 10> history | passive LOG"},
        PartsCase{"-A INPUT -m set --match-set bad src,dst -g chain",
                  "set bad src dst | goto chain"},
        PartsCase{"-A PREROUTING -j CT --notrack", "notrack", IpVersion::ipv4, "raw"},
        PartsCase{"-A POSTROUTING -p tcp -j SNAT --to-source 192.0.2.1-192.0.2.9:1024-2048",
                  "protocol 6 | snat 3221225985-3221225993 :1024-2048", IpVersion::ipv4, "nat"},
        PartsCase{"-A INPUT -s 10.0.0.1/255.0.255.0 -j DROP",
                  "opaque <--source 10.0.0.0/255.0.255.0> | drop"},
        PartsCase{"-A INPUT ! -s 10.0.0.1/255.0.255.0 -j DROP",
                  "! opaque <--source 10.0.0.0/255.0.255.0> | drop"},
        PartsCase{"-A INPUT -s 1.2.3.4,5.6.0.0/16 -j DROP",
                  "source address 16909060 84279296-84344831 | drop"},
        PartsCase{"-A INPUT -p all -j ACCEPT", "accept"},
        PartsCase{"-A INPUT ! -p icmp -j ACCEPT", "! protocol 1 | accept"},
        PartsCase{"-A INPUT -f -j DROP", "later fragment 1 | drop"},
        PartsCase{"-A INPUT -p tcp -m multiport ! --dports 22,80:90,https -j DROP",
                  "protocol 6 | ! destination port 22 80-90 443 | drop"},
        PartsCase{"-A INPUT -p tcp -m multiport --ports 22 -j DROP",
                  "protocol 6 | source or destination port 22 | drop"},
        PartsCase{"-A INPUT -p tcp --tcp-flags ALL NONE -j DROP",
                  "protocol 6 | tcp flags&0x3f 0 | drop"},
        PartsCase{"-A INPUT -p tcp --dport 1: --sport :9 -j DROP",
                  "protocol 6 | destination port 1-65535 | source port 0-9 | drop"},
        PartsCase{"-A INPUT -p icmp --icmp-type 8 -j ACCEPT",
                  "protocol 1 | icmp type 2048-2303 | accept"},
        PartsCase{"-A INPUT -p icmp --icmp-type 3/4 -j ACCEPT",
                  "protocol 1 | icmp type 772 | accept"},
        PartsCase{"-A INPUT -p icmp --icmp-type any -j ACCEPT",
                  "protocol 1 | icmp type 0-65535 | accept"},
        PartsCase{"-A INPUT -p icmpv6 --icmpv6-type router-advertisement -j ACCEPT",
                  "protocol 58 | icmp type 34304-34559 | accept", IpVersion::ipv6},
        PartsCase{"-A INPUT -m iprange --src-range 1.2.3.4-1.2.3.9 -j DROP",
                  "source address 16909060-16909065 | drop"},
        PartsCase{"-A INPUT -m mark ! --mark 0x10/0xf0 -j DROP", "! mark&0xf0 16 | drop"},
        PartsCase{"-A INPUT -m ttl --ttl-lt 5 -j DROP", "ttl 0-4 | drop"},
        PartsCase{"-A INPUT -m ttl --ttl-gt 5 -j DROP", "ttl 6-255 | drop"},
        PartsCase{"-A INPUT -m ttl --ttl-lt 0 -j DROP", "ttl | drop"},
        PartsCase{"-A INPUT -m addrtype --dst-type LOCAL -j DROP",
                  "destination address type 2 | drop"},
        PartsCase{"-A INPUT -m addrtype --limit-iface-in --dst-type LOCAL -j DROP",
                  "opaque <addrtype --dst-type 2 --limit-iface-in> | drop"},
        PartsCase{"-A INPUT -m pkttype --pkt-type mcast -j DROP", "packet type 2 | drop"},
        PartsCase{"-A INPUT -m dscp --dscp-class EF -j DROP", "dscp 46 | drop"},
        PartsCase{"-A INPUT -m conntrack --ctstatus conf,ASSURED ! --ctstate INVALID,SNAT -j DROP",
                  "! state INVALID,SNAT | opaque <conntrack --ctstatus ASSURED,CONFIRMED> | drop"},
        PartsCase{"-A INPUT -m conntrack ! --ctorigdstport http -j DROP",
                  "opaque <conntrack ! --ctorigdstport 80> | drop"},
        PartsCase{"-A INPUT -m set ! --match-set bad dst,src --return-nomatch -j DROP",
                  "opaque <set ! --match-set bad dst,src --return-nomatch> | drop"},
        PartsCase{"-A INPUT -m limit -j ACCEPT", "opaque <limit> history | accept"},
        PartsCase{"-A INPUT -m socket -j ACCEPT", "opaque <socket> | accept"},
        PartsCase{"-A INPUT -p tcp -m tcp -j ACCEPT", "protocol 6 | accept"},
        PartsCase{"-A INPUT -m comment --comment \"a b\" -j ACCEPT", "accept"},
        PartsCase{"-A INPUT -m mark --mark 1 -m connmark --mark 2 -j ACCEPT",
                  "mark 1 | opaque <connmark --mark 2> | accept"},
        PartsCase{"-A INPUT -j REJECT", "reject <>"},
        PartsCase{"-A INPUT -j REJECT --reject-with port-unreach",
                  "reject <icmp-port-unreachable>"},
        PartsCase{"-A INPUT -j NFQUEUE --queue-num 1", "queue"},
        PartsCase{"-A INPUT -j NFQUEUE --queue-bypass", "opaque <NFQUEUE --queue-bypass> may end"},
        PartsCase{"-A INPUT -j MARK --or-mark 0x3", "mark 0x3/0x3"},
        PartsCase{"-A INPUT -j MARK --and-mark 0xff", "mark 0x0/0xffffff00"},
        PartsCase{"-A INPUT -j MARK --xor-mark 0x3", "mark 0x3/0x0"},
        PartsCase{"-A INPUT -j MARK --set-mark 0x1/0x3", "mark 0x1/0x3"},
        PartsCase{"-A INPUT -j MARK --set-xmark 0x4/0x3", "mark 0x4/0x3"},
        PartsCase{"-A INPUT -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf",
                  "ct save-mark <--nfmask 0xff --ctmask 0xf>"},
        PartsCase{"-A PREROUTING -j CT --helper ftp --zone 3", "ct helper <ftp> | ct zone <3>",
                  IpVersion::ipv4, "raw"},
        PartsCase{"-A PREROUTING -j NOTRACK", "notrack", IpVersion::ipv4, "raw"},
        PartsCase{"-A PREROUTING -p tcp -j DNAT --to-destination :8080",
                  "protocol 6 | dnat "
                  ":8080-8080",
                  IpVersion::ipv4, "nat"},
        PartsCase{"-A PREROUTING -p tcp -j REDIRECT --to-ports 1-2", "protocol 6 | redirect :1-2",
                  IpVersion::ipv4, "nat"},
        PartsCase{"-A PREROUTING -d 10.0.0.0/8 -j NETMAP --to 11.0.0.0/8",
                  "destination address 167772160-184549375 | netmap 184549376-201326591",
                  IpVersion::ipv4, "nat"},
        PartsCase{"-A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu",
                  "protocol 6 | opaque <TCPMSS --clamp-mss-to-pmtu>", IpVersion::ipv4, "mangle"},
        PartsCase{"-A INPUT -j DROP", "drop"}));

}  // namespace
}  // namespace untrack::test
