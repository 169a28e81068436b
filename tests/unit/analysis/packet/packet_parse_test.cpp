// What people and other programs write of a packet: how it is read, and every error in full.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "analysis/packet/packet_text.hpp"

namespace untrack {
namespace {

struct Row {
  std::string_view text;
  std::string_view expected;
};

// The packet as it is printed, and what was assumed; or "BEGIN-END: MESSAGE; CURE".
std::string outcome(std::string_view text) {
  const ParsedPacket parsed = parse_packet(text);
  if (!parsed.packet) {
    const PacketError& error = parsed.error;
    return fmt::format("{}-{}: {}{}{}", error.begin, error.end, error.message,
                       error.cure.empty() ? "" : "; ", error.cure);
  }
  std::string all = to_text(*parsed.packet);
  for (const std::string& assumed : parsed.assumed) all += "; " + assumed;
  return all;
}

TEST(ParsePacket, SaysWhatItAssumes) {
  constexpr Row rows[] = {
      {"in tcp > :http",
       "in tcp 192.0.2.1:40000 > 198.51.100.2:80 syn iif eth0 state new; no state: new; no iif: "
       "eth0; no source address: one of documentation; no destination address: one of "
       "documentation; no source port: 40000; no TCP flags: syn"},
      {"in icmp fe80::1 > fe80::2 echo-request",
       "in icmpv6 fe80::1 > fe80::2 echo-request iif eth0 state new; no state: new; no iif: eth0"},
      {"in icmp",
       "in icmp 192.0.2.1 > 198.51.100.2 echo-request iif eth0 state new; no state: new; no iif: "
       "eth0; no source address: one of documentation; no destination address: one of "
       "documentation; no ICMP type: echo-request"},
      {"in icmp 192.0.2.1 > 192.0.2.2 fragmentation-needed",
       "in icmp 192.0.2.1 > 192.0.2.2 type 3 code 4 iif eth0 state invalid; no state: invalid; "
       "no iif: eth0"},
      {"tcp > :22 iif a oif b",
       "forward tcp 192.0.2.1:40000 > 198.51.100.2:22 syn iif a oif b state new; no state: new; no "
       "source address: one of documentation; no destination address: one of documentation; no "
       "source port: 40000; no TCP flags: syn"},
      {"udp > :53 oif b",
       "out udp 192.0.2.1:40000 > 198.51.100.2:53 oif b state new; no state: new; no source "
       "address: one of documentation; no destination address: one of documentation; no source "
       "port: 40000"},
      {"in icmpv6 > * ",
       "in icmpv6 2001:db8::1 > 2001:db8::2 echo-request iif eth0 state new; no state: new; no "
       "iif: eth0; no source address: one of documentation; no destination address: one of "
       "documentation; no ICMP type: echo-request"},
      {"12:00:01.000000 IP 192.0.2.1.40000 > 198.51.100.2.443: Flags [P.], seq 1, win 64240, "
       "length 0",
       "in tcp 192.0.2.1:40000 > 198.51.100.2:443 psh,ack iif eth0 state new; read from a line of "
       "tcpdump; no way: in; no state: new; no iif: eth0"},
      {"12:00:01.000000 IP6 2001:db8::1.40000 > 2001:db8::2.443: Flags [S.], seq 1",
       "in tcp [2001:db8::1]:40000 > [2001:db8::2]:443 syn,ack iif eth0 state invalid; read "
       "from a line of tcpdump; no way: in; no state: invalid; no iif: eth0"},
      {"12:00:01.000000 eth0  Out IP 192.0.2.1.5353 > 198.51.100.2.53: 1+ A? example.org. (29)",
       "out udp 192.0.2.1:5353 > 198.51.100.2:53 oif eth0 state new; read from a line of tcpdump; "
       "no state: new"},
      {"12:00:01.000000 IP 192.0.2.1 > 198.51.100.2: ICMP echo reply, id 1, seq 1, length 64",
       "in icmp 192.0.2.1 > 198.51.100.2 echo-reply iif eth0 state invalid; read from a line "
       "of tcpdump; no way: in; no state: invalid; no iif: eth0"},
      {"12:00:01.000000 IP 192.0.2.1 > 198.51.100.2: ICMP 198.51.100.2 udp port 53 unreachable, "
       "length 36",
       "in icmp 192.0.2.1 > 198.51.100.2 type 3 code 3 iif eth0 state invalid; read from a "
       "line of tcpdump; no way: in; no state: invalid; no iif: eth0"},
      {"12:00:01.000000 IP6 fe80::1 > fe80::2: ICMP6, neighbor solicitation, who has fe80::2, "
       "length 32",
       "in icmpv6 fe80::1 > fe80::2 neighbour-solicitation iif eth0 state new; read from a line of "
       "tcpdump; no way: in; no state: new; no iif: eth0"},
      {"kernel: IN=eth0 OUT=eth1 SRC=192.0.2.1 DST=198.51.100.2 LEN=84 TTL=63 PROTO=ICMP TYPE=8 "
       "CODE=0 ID=1 SEQ=1",
       "forward icmp 192.0.2.1 > 198.51.100.2 echo-request iif eth0 oif eth1 state new ttl 63 "
       "length 84; read from a line of the LOG target; no state: new"},
      {"kernel: IN= OUT=lo SRC=::1 DST=::1 LEN=84 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=1 DPT=2 "
       "LEN=44",
       "out udp [::1]:1 > [::1]:2 oif lo state new length 84; read from a line of the LOG target; "
       "no state: new"},
      {"kernel: IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TTL=64 FRAG:185 PROTO=UDP",
       "in udp 192.0.2.1 > 192.0.2.2 frag iif eth0 state new; read from a line of the LOG target; "
       "no state: new"},
      {"2001:db8::7 - bob [27/Nov/2026:12:00:01 +0000] \"GET / HTTP/1.1\" 200 612",
       "in tcp [2001:db8::7]:40000 > [2001:db8::2]:443 syn iif eth0 state new; read from an access "
       "log; no state: new; no iif: eth0; no destination address: one of documentation; no source "
       "port: 40000; no TCP flags: syn; no port: 443"},
      {"12:00:01.000000 IP 192.0.2.1 > 198.51.100.2: ICMP redirect 203.0.113.1 to host "
       "203.0.113.2, length 36",
       "in icmp 192.0.2.1 > 198.51.100.2 redirect iif eth0 state invalid; read from a line of "
       "tcpdump; no way: in; no state: invalid; no iif: eth0"},
  };
  for (const Row& row : rows) EXPECT_EQ(outcome(row.text), row.expected) << row.text;
}

TEST(ParsePacket, SaysWhatIsWrongAndWhere) {
  constexpr Row rows[] = {
      {"",
       "0-0: an empty packet; Write it as: in tcp 192.0.2.1:40000 > 198.51.100.2:443 syn iif eth0"},
      {"tcp > :22 in eth0",
       "10-12: the way of a packet stands at its start, \"in\" does not; Write in first; "
       "interfaces are iif NAME and oif NAME."},
      {"tcp > :22 -i eth0",
       "10-12: not a word of a packet: \"-i\"; Write iif and the name of the interface."},
      {"in",
       "2-2: no protocol; expected tcp, udp, icmp or another one; Write it as: in tcp "
       "192.0.2.1:40000 > 198.51.100.2:443 syn iif eth0"},
      {"tpc > :1",
       "0-3: not a way (in, forward, out) or a protocol: \"tpc\"; Did you mean \"tcp\"?"},
      {"in tcp 192.0.2.1 198.51.100.2:1", "17-31: expected > between source and destination"},
      {"in tcp 192.0.2.1 >", "18-18: no destination behind >"},
      {"in tcp > [2001:db8::1", "9-21: no ] behind the address"},
      {"in tcp > [2001:db8::1]1", "9-23: expected :PORT behind ]"},
      {"in tcp > :65536",
       "10-15: not a port: \"65536\"; A port is 0 to 65535, or the name of a service."},
      {"in icmp 192.0.2.1:1 > 192.0.2.2", "8-19: a port, and the protocol has none"},
      {"in tcp 192.0.2.1 > [2001:db8::1]:1",
       "19-34: an address of the other family than what stands before it"},
      {"in tcp 192.0.2 > :1",
       "7-14: not an address: \"192.0.2\"; Write it as 192.0.2.1 or 2001:db8::1."},
      {"in tcp > 2001:db8::1:g",
       "9-22: not an address: \"2001:db8::1:g\"; Write IPv6 with a port as [2001:db8::1]:443."},
      {"in tcp > :1 iif", "15-15: no value behind iif"},
      {"in tcp > :1 iif a\\x",
       "16-19: wrong value of iif: \"a\\x\"; expected the name of an interface, at most 15 "
       "characters"},
      {"in tcp > :1 iif abcdefghijklmnop",
       "16-32: wrong value of iif: \"abcdefghijklmnop\"; expected the name of an interface, at "
       "most 15 characters"},
      {"in tcp > :1 state untracked",
       "18-27: wrong value of state: \"untracked\"; expected new, established, related or invalid; "
       "NOTRACK rules make it untracked"},
      {"in tcp > :1 flags sin",
       "18-21: wrong value of flags: \"sin\"; expected TCP flags such as syn,ack"},
      {"in udp > :1 syn", "12-15: TCP flags, and the protocol is not tcp"},
      {"in tcp > :1 type 3", "17-18: an ICMP type, and the protocol is not ICMP"},
      {"in icmp > 192.0.2.1 type 256",
       "25-28: wrong value of type: \"256\"; expected a number of 0 to 255"},
      {"in tcp > :1 mark 0x100000000", "17-28: wrong value of mark: \"0x100000000\""},
      {"in tcp > :1 mac 1:2", "16-19: wrong value of mac: \"1:2\""},
      {"in tcp > :1 mac 02-00-00-00-00-01", "16-33: wrong value of mac: \"02-00-00-00-00-01\""},
      {"in tcp > :1 dst-type locl",
       "21-25: wrong value of dst-type: \"locl\"; Did you mean \"local\"?"},
      {"in tcp > :1 sta new", "12-15: not a word of a packet: \"sta\""},
      {"in tcp > 198.51.100.2",
       "21-21: no destination port; Write it behind the destination: 198.51.100.2:443."},
      {"in tcp > :1 oif eth0", "0-20: an oif in a packet on the way \"in\", which has none"},
      {"out tcp > :1 iif eth0", "0-21: an iif in a packet on the way \"out\", which has none"},
      {"in udp 192.0.2.1:1 > 192.0.2.2:2 frag",
       "0-37: a later fragment has no ports, flags or ICMP type; Leave them out, or leave out "
       "frag."},
      {"in tcp > :1 esp-spi 1", "12-19: esp-spi, and the protocol has none"},
      {"in icmp 192.0.2.1 > 192.0.2.2 echo-re", "30-37: not a word of a packet: \"echo-re\""},
      {"in icmpv6 192.0.2.1 > 192.0.2.2",
       "10-19: an address of the other family than what stands before it"},
      {"in tcp > :1 type 3 code", "17-18: an ICMP type, and the protocol is not ICMP"},
      {"in tcp > :1 > :2", "12-13: not a word of a packet: \">\""},
      {"in tcp > :1 iif a iif b", "18-21: \"iif\" stands twice"},
      {"12:00:01.000000 IP 192.0.2.999.1 > 198.51.100.2.443: Flags [S]",
       "19-32: not an address and port"},
      {"12:00:01.000000 IP 192.0.2.1 > 198.51.100.2: ESP(spi=0x1,seq=0x1), length 100",
       "44-77: no protocol that is known here"},
      {"kernel: IN=eth0 OUT= SRC=192.0.2.1 DST=bad PROTO=TCP SPT=1 DPT=2", "39-42: not an address"},
      {"kernel: IN= OUT=sixteen-letters0 SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=2",
       "16-32: not the name of an interface, which has at most 15 characters"},
      {"12:00:01.000000 sixteen-letters0 In IP 192.0.2.1.1 > 192.0.2.2.2: Flags [S], seq 1",
       "16-32: not the name of an interface, which has at most 15 characters"},
      {"in tcp > :htpps",
       "10-15: not a port: \"htpps\"; A port is 0 to 65535, or the name of a service."},
      {"in tcp > :1 syn ack", "16-19: TCP flags stand twice; Join them with commas: syn,ack."},
      {"in tcp > :1 synn", "12-16: not a word of a packet: \"synn\"; Did you mean \"syn\"?"},
      {"12:00:01.000000 IP 192.0.2.1 > 198.51.100.2: ICMP photuris, length 36",
       "45-69: not an ICMP message known here"},
      {"kernel: IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=UDP LEN=20",
       "55-58: no DPT, which this protocol has"},
  };
  for (const Row& row : rows) EXPECT_EQ(outcome(row.text), row.expected) << row.text;
}

TEST(ParsePacket, TakesTypesOfAddressesFromTheWayAndTheAddresses) {
  const auto value = [](std::string_view text, Field field) {
    return static_cast<int>((*parse_packet(text).packet)[field]);
  };
  EXPECT_EQ(value("in tcp > :1", Field::destination_type), 2);
  EXPECT_EQ(value("in tcp > :1", Field::source_type), 1);
  EXPECT_EQ(value("in tcp > :1 iif lo", Field::source_type), 2);
  EXPECT_EQ(value("out tcp > :1", Field::destination_type), 1);
  EXPECT_EQ(value("out tcp > :1 oif lo", Field::destination_type), 2);
  EXPECT_EQ(value("out tcp > :1", Field::source_type), 2);
  EXPECT_EQ(value("forward tcp > :1", Field::destination_type), 1);
  EXPECT_EQ(value("in udp > 224.0.0.1:1", Field::destination_type), 5);
  EXPECT_EQ(value("in udp > 255.255.255.255:1", Field::destination_type), 3);
  EXPECT_EQ(value("in udp > 255.255.255.255:1", Field::packet_type), 1);
}

}  // namespace
}  // namespace untrack
