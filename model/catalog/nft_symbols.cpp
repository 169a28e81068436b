// table
#include "model/catalog/nft_symbols.hpp"

#include <algorithm>

namespace untrack::catalog {
namespace {

struct Symbol {
  NftType type{};
  std::string_view name;
  std::uint64_t value = 0;
};

using enum NftType;

// `nft describe TYPE`, 1.0.6; a few that later versions added.
constexpr Symbol symbols[] = {
    {icmp_type, "echo-reply", 0},
    {icmp_type, "destination-unreachable", 3},
    {icmp_type, "source-quench", 4},
    {icmp_type, "redirect", 5},
    {icmp_type, "echo-request", 8},
    {icmp_type, "router-advertisement", 9},
    {icmp_type, "router-solicitation", 10},
    {icmp_type, "time-exceeded", 11},
    {icmp_type, "parameter-problem", 12},
    {icmp_type, "timestamp-request", 13},
    {icmp_type, "timestamp-reply", 14},
    {icmp_type, "info-request", 15},
    {icmp_type, "info-reply", 16},
    {icmp_type, "address-mask-request", 17},
    {icmp_type, "address-mask-reply", 18},
    {icmpv6_type, "destination-unreachable", 1},
    {icmpv6_type, "packet-too-big", 2},
    {icmpv6_type, "time-exceeded", 3},
    {icmpv6_type, "parameter-problem", 4},
    {icmpv6_type, "echo-request", 128},
    {icmpv6_type, "echo-reply", 129},
    {icmpv6_type, "mld-listener-query", 130},
    {icmpv6_type, "mld-listener-report", 131},
    {icmpv6_type, "mld-listener-done", 132},
    {icmpv6_type, "mld-listener-reduction", 132},
    {icmpv6_type, "nd-router-solicit", 133},
    {icmpv6_type, "nd-router-advert", 134},
    {icmpv6_type, "nd-neighbor-solicit", 135},
    {icmpv6_type, "nd-neighbor-advert", 136},
    {icmpv6_type, "nd-redirect", 137},
    {icmpv6_type, "router-renumbering", 138},
    {icmpv6_type, "ind-neighbor-solicit", 141},
    {icmpv6_type, "ind-neighbor-advert", 142},
    {icmpv6_type, "mld2-listener-report", 143},
    {icmp_code, "net-unreachable", 0},
    {icmp_code, "host-unreachable", 1},
    {icmp_code, "prot-unreachable", 2},
    {icmp_code, "port-unreachable", 3},
    {icmp_code, "frag-needed", 4},
    {icmp_code, "net-prohibited", 9},
    {icmp_code, "host-prohibited", 10},
    {icmp_code, "admin-prohibited", 13},
    {icmpv6_code, "no-route", 0},
    {icmpv6_code, "admin-prohibited", 1},
    {icmpv6_code, "addr-unreachable", 3},
    {icmpv6_code, "port-unreachable", 4},
    {icmpv6_code, "policy-fail", 5},
    {icmpv6_code, "reject-route", 6},
    {packet_type, "host", 0},
    {packet_type, "unicast", 0},
    {packet_type, "broadcast", 1},
    {packet_type, "multicast", 2},
    {packet_type, "other", 3},
    {tcp_flag, "fin", 1},
    {tcp_flag, "syn", 2},
    {tcp_flag, "rst", 4},
    {tcp_flag, "psh", 8},
    {tcp_flag, "ack", 16},
    {tcp_flag, "urg", 32},
    {tcp_flag, "ecn", 64},
    {tcp_flag, "cwr", 128},
    {dscp, "cs0", 0},
    {dscp, "cs1", 8},
    {dscp, "cs2", 16},
    {dscp, "cs3", 24},
    {dscp, "cs4", 32},
    {dscp, "cs5", 40},
    {dscp, "cs6", 48},
    {dscp, "cs7", 56},
    {dscp, "df", 0},
    {dscp, "be", 0},
    {dscp, "lephb", 1},
    {dscp, "af11", 10},
    {dscp, "af12", 12},
    {dscp, "af13", 14},
    {dscp, "af21", 18},
    {dscp, "af22", 20},
    {dscp, "af23", 22},
    {dscp, "af31", 26},
    {dscp, "af32", 28},
    {dscp, "af33", 30},
    {dscp, "af41", 34},
    {dscp, "af42", 36},
    {dscp, "af43", 38},
    {dscp, "va", 44},
    {dscp, "ef", 46},
    {ecn, "not-ect", 0},
    {ecn, "ect1", 1},
    {ecn, "ect0", 2},
    {ecn, "ce", 3},
    {fib_addrtype, "unspec", 0},
    {fib_addrtype, "unicast", 1},
    {fib_addrtype, "local", 2},
    {fib_addrtype, "broadcast", 3},
    {fib_addrtype, "anycast", 4},
    {fib_addrtype, "multicast", 5},
    {fib_addrtype, "blackhole", 6},
    {fib_addrtype, "unreachable", 7},
    {fib_addrtype, "prohibit", 8},
    {nf_proto, "ipv4", 2},
    {nf_proto, "ipv6", 10},
    {ether_type, "ip", 0x0800},
    {ether_type, "arp", 0x0806},
    {ether_type, "ip6", 0x86dd},
    {ether_type, "8021q", 0x8100},
    {ether_type, "8021ad", 0x88a8},
    {ether_type, "vlan", 0x8100},
    {boolean, "exists", 1},
    {boolean, "missing", 0},
    {ct_status, "expected", 1},
    {ct_status, "seen-reply", 2},
    {ct_status, "assured", 4},
    {ct_status, "confirmed", 8},
    {ct_status, "snat", 16},
    {ct_status, "dnat", 32},
    {ct_status, "dying", 512},
    {ct_dir, "original", 0},
    {ct_dir, "reply", 1},
    {arp_op, "request", 1},
    {arp_op, "reply", 2},
    {arp_op, "rrequest", 3},
    {arp_op, "rreply", 4},
    {arp_op, "inrequest", 8},
    {arp_op, "inreply", 9},
    {arp_op, "nak", 10},
    {dccp_type, "request", 0},
    {dccp_type, "response", 1},
    {dccp_type, "data", 2},
    {dccp_type, "ack", 3},
    {dccp_type, "dataack", 4},
    {dccp_type, "closereq", 5},
    {dccp_type, "close", 6},
    {dccp_type, "reset", 7},
    {dccp_type, "sync", 8},
    {dccp_type, "syncack", 9},
    {mh_type, "binding-refresh-request", 0},
    {mh_type, "home-test-init", 1},
    {mh_type, "careof-test-init", 2},
    {mh_type, "home-test", 3},
    {mh_type, "careof-test", 4},
    {mh_type, "binding-update", 5},
    {mh_type, "binding-acknowledgement", 6},
    {mh_type, "binding-error", 7},
    {mh_type, "fast-binding-update", 8},
    {mh_type, "fast-binding-acknowledgement", 9},
    {mh_type, "fast-binding-advertisement", 10},
    {mh_type, "experimental-mobility-header", 11},
    {mh_type, "home-agent-switch-message", 12},
    {igmp_type, "membership-query", 17},
    {igmp_type, "membership-report-v1", 18},
    {igmp_type, "membership-report-v2", 22},
    {igmp_type, "leave-group", 23},
    {igmp_type, "membership-report-v3", 34},
    {ct_state, "invalid", static_cast<std::uint64_t>(CtState::invalid)},
    {ct_state, "new", static_cast<std::uint64_t>(CtState::new_)},
    {ct_state, "established", static_cast<std::uint64_t>(CtState::established)},
    {ct_state, "related", static_cast<std::uint64_t>(CtState::related)},
    {ct_state, "untracked", static_cast<std::uint64_t>(CtState::untracked)},
};

// nft(8), "DATA TYPES"; `nft describe`, 1.0.6.
constexpr NftDatatype datatypes[] = {
    {integer, "integer", "a number", 32},
    {ipv4_addr, "ipv4_addr", "an IPv4 address", 32, false, true},
    {ipv6_addr, "ipv6_addr", "an IPv6 address", 128, false, true},
    {ether_addr, "ether_addr", "a MAC address", 48},
    {ether_addr, "lladdr", "a MAC address", 48},
    {inet_proto, "inet_proto", "a protocol", 8},
    {inet_service, "inet_service", "a port or service name", 16},
    {mark, "mark", "a number", 32, false, true},
    {ifname, "ifname", "the name of an interface", 32, false, true},
    {ifname, "iface_index", "the name of an interface", 32, false, true},
    {ct_state, "ct_state", "a connection state", 32, true},
    {icmp_type, "icmp_type", "an ICMP type", 8},
    {icmpv6_type, "icmpv6_type", "an ICMP type", 8},
    {icmp_code, "icmp_code", "an ICMP code", 8},
    {icmpv6_code, "icmpv6_code", "an ICMP code", 8},
    {packet_type, "pkt_type", "a packet type", 8},
    {tcp_flag, "tcp_flag", "a TCP flag", 8, true},
    {dscp, "dscp", "a number", 6},
    {ecn, "ecn", "a number", 2},
    {fib_addrtype, "fib_addrtype", "an address type", 8},
    {nf_proto, "nf_proto", "ipv4 or ipv6", 8},
    {ether_type, "ether_type", "an Ethernet type", 16},
    {boolean, "boolean", "exists or missing", 1},
    {ct_status, "ct_status", "a status of a connection", 32, true},
    {ct_dir, "ct_dir", "original or reply", 8},
    {arp_op, "arp_op", "an operation of ARP", 16},
    {dccp_type, "dccp_pkttype", "a type of DCCP packet", 4},
    {mh_type, "mh_type", "a mobility header type", 8},
    {igmp_type, "igmp_type", "an IGMP type", 8},
    {other, "", "a value", 32, true, true},
};

struct PriorityName {
  std::string_view name;
  int ip = 0;      // ip, ip6, inet, arp, netdev
  int bridge = 0;  // linux/netfilter_bridge.h
  bool has_ip = true;
  bool has_bridge = true;
};
constexpr PriorityName priorities[] = {
    {"raw", -300, 0, true, false},      {"mangle", -150, 0, true, false},
    {"dstnat", -100, -300, true, true}, {"filter", 0, -200, true, true},
    {"security", 50, 0, true, false},   {"srcnat", 100, 300, true, true},
    {"out", 0, 100, false, true},
};

}  // namespace

const NftDatatype& nft_datatype(NftType type) {
  return *std::ranges::find(datatypes, type, &NftDatatype::type);
}

NftType nft_type_of_word(std::string_view word) {
  const auto* row = std::ranges::find(datatypes, word, &NftDatatype::word);
  return row == std::end(datatypes) ? other : row->type;
}

std::optional<std::uint64_t> nft_symbol(NftType type, std::string_view name) {
  for (const Symbol& row : symbols) {
    if (row.type == type && row.name == name) return row.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> nft_symbol_names(NftType type) {
  std::vector<std::string_view> names;
  names.reserve(std::size(symbols));
  for (const Symbol& row : symbols) {
    if (row.type == type) names.push_back(row.name);
  }
  return names;
}

std::optional<int> nft_priority(Family family, std::string_view name) {
  for (const PriorityName& row : priorities) {
    if (row.name != name) continue;
    if (family == Family::bridge) return row.has_bridge ? std::optional(row.bridge) : std::nullopt;
    return row.has_ip ? std::optional(row.ip) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace untrack::catalog
