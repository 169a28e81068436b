// table
#include "model/catalog/nft_symbols.hpp"

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
    {ct_state, "invalid", static_cast<std::uint64_t>(CtState::invalid)},
    {ct_state, "new", static_cast<std::uint64_t>(CtState::new_)},
    {ct_state, "established", static_cast<std::uint64_t>(CtState::established)},
    {ct_state, "related", static_cast<std::uint64_t>(CtState::related)},
    {ct_state, "untracked", static_cast<std::uint64_t>(CtState::untracked)},
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
