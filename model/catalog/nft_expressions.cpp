// table
#include "model/catalog/nft_expressions.hpp"

#include <algorithm>

namespace untrack::catalog {
namespace {

constexpr IpVersions v4 = IpVersion::ipv4;
constexpr IpVersions v6 = IpVersion::ipv6;
constexpr IpVersions both = IpVersions::both();

// Sorted by name. Dependencies (which protocols an expression implies) as `nft --debug=netlink`
// shows them for an inet table (1.0.6, measured).
constexpr NftExpression expressions[] = {
    {"ah spi", NftType::integer, Field::ah_spi, both, 51, {}, 32},
    {"ct state", NftType::ct_state, Field::ct_state, both, 0, "ct state"},
    {"esp spi", NftType::integer, Field::esp_spi, both, 50, {}, 32},
    {"ether saddr", NftType::ether_addr, Field::source_mac, both, 0},
    {"fib daddr type", NftType::fib_addrtype, Field::destination_type, both, 0, "fib"},
    {"fib saddr type", NftType::fib_addrtype, Field::source_type, both, 0, "fib"},
    {"icmp code", NftType::icmp_code, Field::icmp_type_code, v4, 1},
    {"icmp type", NftType::icmp_type, Field::icmp_type_code, v4, 1},
    {"icmpv6 code", NftType::icmpv6_code, Field::icmp_type_code, v6, 58},
    {"icmpv6 type", NftType::icmpv6_type, Field::icmp_type_code, v6, 58},
    {"ip daddr", NftType::ipv4_addr, Field::destination_address, v4, 0},
    {"ip dscp", NftType::dscp, Field::dscp, v4, 0},
    {"ip ecn", NftType::ecn, Field::ecn, v4, 0},
    {"ip length", NftType::integer, Field::length, v4, 0, {}, 16},
    {"ip protocol", NftType::inet_proto, Field::protocol, v4, 0},
    {"ip saddr", NftType::ipv4_addr, Field::source_address, v4, 0},
    {"ip ttl", NftType::integer, Field::ttl, v4, 0, {}, 8},
    {"ip6 daddr", NftType::ipv6_addr, Field::destination_address, v6, 0},
    {"ip6 dscp", NftType::dscp, Field::dscp, v6, 0},
    {"ip6 ecn", NftType::ecn, Field::ecn, v6, 0},
    {"ip6 hoplimit", NftType::integer, Field::ttl, v6, 0, {}, 8},
    // The first header behind the fixed one; read as the protocol (docs/limits.md).
    {"ip6 nexthdr", NftType::inet_proto, Field::protocol, v6, 0},
    {"ip6 saddr", NftType::ipv6_addr, Field::source_address, v6, 0},
    // The packet's whole length; the field counts it from the IP header, as meta length does.
    {"meta iif", NftType::ifname, Field::in_interface, both, 0},
    {"meta iifname", NftType::ifname, Field::in_interface, both, 0},
    {"meta l4proto", NftType::inet_proto, Field::protocol, both, 0},
    {"meta length", NftType::integer, Field::length, both, 0, {}, 32},
    {"meta mark", NftType::mark, Field::mark, both, 0},
    {"meta nfproto", NftType::nf_proto, Field::family, both, 0},
    {"meta oif", NftType::ifname, Field::out_interface, both, 0},
    {"meta oifname", NftType::ifname, Field::out_interface, both, 0},
    {"meta pkttype", NftType::packet_type, Field::packet_type, both, 0},
    {"meta protocol", NftType::ether_type, Field::family, both, 0},
    {"sctp dport", NftType::inet_service, Field::destination_port, both, 132},
    {"sctp sport", NftType::inet_service, Field::source_port, both, 132},
    {"dccp dport", NftType::inet_service, Field::destination_port, both, 33},
    {"dccp sport", NftType::inet_service, Field::source_port, both, 33},
    {"tcp dport", NftType::inet_service, Field::destination_port, both, 6},
    {"tcp flags", NftType::tcp_flag, Field::tcp_flags, both, 6},
    {"tcp sport", NftType::inet_service, Field::source_port, both, 6},
    {"th dport", NftType::inet_service, Field::destination_port, both, 0},
    {"th sport", NftType::inet_service, Field::source_port, both, 0},
    {"udp dport", NftType::inet_service, Field::destination_port, both, 17},
    {"udp sport", NftType::inet_service, Field::source_port, both, 17},
    {"udplite dport", NftType::inet_service, Field::destination_port, both, 136},
    {"udplite sport", NftType::inet_service, Field::source_port, both, 136},
    // Of no field of the packet: compared as opaque text, but only with what the type has. Types
    // and widths as `nft describe` of 1.0.6 gives them.
    {"ah hdrlength", NftType::integer, {}, both, 51, {}, 8},
    {"ah nexthdr", NftType::inet_proto, {}, both, 51},
    {"ah reserved", NftType::integer, {}, both, 51, {}, 16},
    {"ah sequence", NftType::integer, {}, both, 51, {}, 32},
    {"arp daddr ether", NftType::ether_addr, {}, both, 0},
    {"arp daddr ip", NftType::ipv4_addr, {}, both, 0},
    {"arp hlen", NftType::integer, {}, both, 0, {}, 8},
    {"arp htype", NftType::integer, {}, both, 0, {}, 16},
    {"arp operation", NftType::arp_op, {}, both, 0},
    {"arp plen", NftType::integer, {}, both, 0, {}, 8},
    {"arp ptype", NftType::ether_type, {}, both, 0},
    {"arp saddr ether", NftType::ether_addr, {}, both, 0},
    {"arp saddr ip", NftType::ipv4_addr, {}, both, 0},
    {"comp cpi", NftType::integer, {}, both, 108, {}, 16},
    {"comp nexthdr", NftType::inet_proto, {}, both, 108},
    {"ct avgpkt", NftType::integer, {}, both, 0, {}, 64},
    {"ct bytes", NftType::integer, {}, both, 0, {}, 64},
    {"ct direction", NftType::ct_dir, {}, both, 0},
    {"ct id", NftType::integer, {}, both, 0, {}, 32},
    {"ct l3proto", NftType::nf_proto, {}, both, 0},
    {"ct mark", NftType::mark, {}, both, 0},
    {"ct original avgpkt", NftType::integer, {}, both, 0, {}, 64},
    {"ct original bytes", NftType::integer, {}, both, 0, {}, 64},
    {"ct original ip daddr", NftType::ipv4_addr, {}, both, 0},
    {"ct original ip saddr", NftType::ipv4_addr, {}, both, 0},
    {"ct original ip6 daddr", NftType::ipv6_addr, {}, both, 0},
    {"ct original ip6 saddr", NftType::ipv6_addr, {}, both, 0},
    {"ct original l3proto", NftType::nf_proto, {}, both, 0},
    {"ct original packets", NftType::integer, {}, both, 0, {}, 64},
    {"ct original protocol", NftType::inet_proto, {}, both, 0},
    {"ct original zone", NftType::integer, {}, both, 0, {}, 16},
    {"ct packets", NftType::integer, {}, both, 0, {}, 64},
    {"ct protocol", NftType::inet_proto, {}, both, 0},
    {"ct reply avgpkt", NftType::integer, {}, both, 0, {}, 64},
    {"ct reply bytes", NftType::integer, {}, both, 0, {}, 64},
    {"ct reply ip daddr", NftType::ipv4_addr, {}, both, 0},
    {"ct reply ip saddr", NftType::ipv4_addr, {}, both, 0},
    {"ct reply ip6 daddr", NftType::ipv6_addr, {}, both, 0},
    {"ct reply ip6 saddr", NftType::ipv6_addr, {}, both, 0},
    {"ct reply l3proto", NftType::nf_proto, {}, both, 0},
    {"ct reply packets", NftType::integer, {}, both, 0, {}, 64},
    {"ct reply protocol", NftType::inet_proto, {}, both, 0},
    {"ct reply zone", NftType::integer, {}, both, 0, {}, 16},
    {"ct secmark", NftType::integer, {}, both, 0, {}, 32},
    {"ct status", NftType::ct_status, {}, both, 0},
    {"ct zone", NftType::integer, {}, both, 0, {}, 16},
    {"dccp type", NftType::dccp_type, {}, both, 33},
    {"dst hdrlength", NftType::integer, {}, v6, 0, {}, 8},
    {"dst nexthdr", NftType::inet_proto, {}, v6, 0},
    {"esp sequence", NftType::integer, {}, both, 50, {}, 32},
    {"ether daddr", NftType::ether_addr, {}, both, 0},
    {"ether type", NftType::ether_type, {}, both, 0},
    {"exthdr dst", NftType::boolean, {}, v6, 0},
    {"exthdr frag", NftType::boolean, {}, v6, 0},
    {"exthdr hbh", NftType::boolean, {}, v6, 0},
    {"exthdr mh", NftType::boolean, {}, v6, 0},
    {"exthdr rt", NftType::boolean, {}, v6, 0},
    {"frag frag-off", NftType::integer, {}, v6, 0, {}, 13},
    {"frag id", NftType::integer, {}, v6, 0, {}, 32},
    {"frag more-fragments", NftType::integer, {}, v6, 0, {}, 1},
    {"frag nexthdr", NftType::inet_proto, {}, v6, 0},
    {"frag reserved", NftType::integer, {}, v6, 0, {}, 8},
    {"frag reserved2", NftType::integer, {}, v6, 0, {}, 2},
    {"hbh hdrlength", NftType::integer, {}, v6, 0, {}, 8},
    {"hbh nexthdr", NftType::inet_proto, {}, v6, 0},
    {"icmp checksum", NftType::integer, {}, v4, 1, {}, 16},
    {"icmp gateway", NftType::integer, {}, v4, 1, {}, 32},
    {"icmp id", NftType::integer, {}, v4, 1, {}, 16},
    {"icmp mtu", NftType::integer, {}, v4, 1, {}, 16},
    {"icmp sequence", NftType::integer, {}, v4, 1, {}, 16},
    {"icmpv6 checksum", NftType::integer, {}, v6, 58, {}, 16},
    {"icmpv6 id", NftType::integer, {}, v6, 58, {}, 16},
    {"icmpv6 max-delay", NftType::integer, {}, v6, 58, {}, 16},
    {"icmpv6 mtu", NftType::integer, {}, v6, 58, {}, 32},
    {"icmpv6 sequence", NftType::integer, {}, v6, 58, {}, 16},
    {"igmp checksum", NftType::integer, {}, v4, 2, {}, 16},
    {"igmp group", NftType::integer, {}, v4, 2, {}, 32},
    {"igmp mrt", NftType::integer, {}, v4, 2, {}, 8},
    {"igmp type", NftType::igmp_type, {}, v4, 2},
    {"ip checksum", NftType::integer, {}, v4, 0, {}, 16},
    {"ip frag-off", NftType::integer, {}, v4, 0, {}, 16},
    {"ip hdrlength", NftType::integer, {}, v4, 0, {}, 4},
    {"ip id", NftType::integer, {}, v4, 0, {}, 16},
    {"ip option lsrr", NftType::boolean, {}, v4, 0},
    {"ip option lsrr type", NftType::integer, {}, v4, 0, {}, 8},
    {"ip option ra value", NftType::integer, {}, v4, 0, {}, 16},
    {"ip option rr ptr", NftType::integer, {}, v4, 0, {}, 8},
    {"ip option ssrr addr", NftType::integer, {}, v4, 0, {}, 32},
    {"ip version", NftType::integer, {}, v4, 0, {}, 4},
    {"ip6 flowlabel", NftType::integer, {}, v6, 0, {}, 20},
    {"ip6 length", NftType::integer, {}, v6, 0, {}, 16},
    {"ip6 version", NftType::integer, {}, v6, 0, {}, 4},
    {"meta cgroup", NftType::integer, {}, both, 0, {}, 32},
    {"meta cpu", NftType::integer, {}, both, 0, {}, 32},
    {"meta ibrname", NftType::ifname, {}, both, 0},
    {"meta ibrpvid", NftType::integer, {}, both, 0, {}, 16},
    {"meta ibrvproto", NftType::ether_type, {}, both, 0},
    {"meta iifkind", NftType::ifname, {}, both, 0},
    {"meta ipsec", NftType::boolean, {}, both, 0},
    {"meta nftrace", NftType::integer, {}, both, 0, {}, 1},
    {"meta obrname", NftType::ifname, {}, both, 0},
    {"meta oifkind", NftType::ifname, {}, both, 0},
    {"meta random", NftType::integer, {}, both, 0, {}, 32},
    {"meta sdifname", NftType::ifname, {}, both, 0},
    {"meta secmark", NftType::integer, {}, both, 0, {}, 32},
    {"meta secpath", NftType::boolean, {}, both, 0},
    {"mh checksum", NftType::integer, {}, v6, 0, {}, 16},
    {"mh hdrlength", NftType::integer, {}, v6, 0, {}, 8},
    {"mh nexthdr", NftType::inet_proto, {}, v6, 0},
    {"mh reserved", NftType::integer, {}, v6, 0, {}, 8},
    {"mh type", NftType::mh_type, {}, v6, 0},
    {"rt hdrlength", NftType::integer, {}, v6, 0, {}, 8},
    {"rt ip nexthop", NftType::ipv4_addr, {}, both, 0},
    {"rt ip6 nexthop", NftType::ipv6_addr, {}, both, 0},
    {"rt ipsec", NftType::boolean, {}, both, 0},
    {"rt mtu", NftType::integer, {}, both, 0, {}, 16},
    {"rt nexthdr", NftType::inet_proto, {}, v6, 0},
    {"rt seg-left", NftType::integer, {}, v6, 0, {}, 8},
    {"rt type", NftType::integer, {}, v6, 0, {}, 8},
    {"sctp checksum", NftType::integer, {}, both, 132, {}, 32},
    {"sctp chunk data", NftType::boolean, {}, both, 0},
    {"sctp chunk data flags", NftType::integer, {}, both, 0, {}, 8},
    {"sctp chunk data type", NftType::integer, {}, both, 0, {}, 8},
    {"sctp chunk init", NftType::boolean, {}, both, 0},
    {"sctp chunk init init-tag", NftType::integer, {}, both, 0, {}, 32},
    {"sctp chunk sack cum-tsn-ack", NftType::integer, {}, both, 0, {}, 32},
    {"sctp vtag", NftType::integer, {}, both, 132, {}, 32},
    {"socket mark", NftType::mark, {}, both, 0},
    {"socket transparent", NftType::integer, {}, both, 0, {}, 1},
    {"socket wildcard", NftType::integer, {}, both, 0, {}, 1},
    {"srh flags", NftType::integer, {}, v6, 0, {}, 8},
    {"srh last-entry", NftType::integer, {}, v6, 0, {}, 8},
    {"srh tag", NftType::integer, {}, v6, 0, {}, 16},
    {"tcp ackseq", NftType::integer, {}, both, 6, {}, 32},
    {"tcp checksum", NftType::integer, {}, both, 6, {}, 16},
    {"tcp doff", NftType::integer, {}, both, 6, {}, 4},
    {"tcp option 254", NftType::boolean, {}, both, 0},
    {"tcp option eol", NftType::boolean, {}, both, 0},
    {"tcp option fastopen", NftType::boolean, {}, both, 0},
    {"tcp option maxseg", NftType::boolean, {}, both, 0},
    {"tcp option maxseg length", NftType::integer, {}, both, 0, {}, 8},
    {"tcp option maxseg size", NftType::integer, {}, both, 0, {}, 16},
    {"tcp option md5sig", NftType::boolean, {}, both, 0},
    {"tcp option mptcp", NftType::boolean, {}, both, 0},
    {"tcp option mptcp subtype", NftType::integer, {}, both, 0, {}, 4},
    {"tcp option nop", NftType::boolean, {}, both, 0},
    {"tcp option sack", NftType::boolean, {}, both, 0},
    {"tcp option sack left", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack length", NftType::integer, {}, both, 0, {}, 8},
    {"tcp option sack right", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack-perm", NftType::boolean, {}, both, 0},
    {"tcp option sack-permitted", NftType::boolean, {}, both, 0},
    {"tcp option sack0 left", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack0 right", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack1 left", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack1 right", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack2 left", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack2 right", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack3 left", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option sack3 right", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option timestamp", NftType::boolean, {}, both, 0},
    {"tcp option timestamp length", NftType::integer, {}, both, 0, {}, 8},
    {"tcp option timestamp tsecr", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option timestamp tsval", NftType::integer, {}, both, 0, {}, 32},
    {"tcp option window", NftType::boolean, {}, both, 0},
    {"tcp option window count", NftType::integer, {}, both, 0, {}, 8},
    {"tcp option window length", NftType::integer, {}, both, 0, {}, 8},
    {"tcp reserved", NftType::integer, {}, both, 6, {}, 4},
    {"tcp sequence", NftType::integer, {}, both, 6, {}, 32},
    {"tcp urgptr", NftType::integer, {}, both, 6, {}, 16},
    {"tcp window", NftType::integer, {}, both, 6, {}, 16},
    {"udp checksum", NftType::integer, {}, both, 17, {}, 16},
    {"udp length", NftType::integer, {}, both, 17, {}, 16},
    {"udplite checksum", NftType::integer, {}, both, 136, {}, 16},
    {"udplite csumcov", NftType::integer, {}, both, 136, {}, 16},
    {"vlan cfi", NftType::integer, {}, both, 0, {}, 1},
    {"vlan dei", NftType::integer, {}, both, 0, {}, 1},
    {"vlan id", NftType::integer, {}, both, 0, {}, 12},
    {"vlan pcp", NftType::integer, {}, both, 0, {}, 3},
    {"vlan type", NftType::ether_type, {}, both, 0},
};

// nft(8), "PAYLOAD EXPRESSION" and "EXTENSION HEADER EXPRESSION".
constexpr NftHeader headers[] = {
    {"ether", "daddr saddr type"},
    {"vlan", "id dei cfi pcp type"},
    {"arp", "htype ptype hlen plen operation saddr daddr"},
    {"ip",
     "version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr option"},
    {"icmp", "type code checksum id sequence gateway mtu"},
    {"igmp", "type mrt checksum group"},
    {"ip6", "version dscp ecn flowlabel length nexthdr hoplimit saddr daddr"},
    {"icmpv6",
     "type code checksum parameter-problem packet-too-big mtu id sequence max-delay taddr daddr"},
    {"tcp", "sport dport sequence ackseq doff reserved flags window checksum urgptr option"},
    {"udp", "sport dport length checksum"},
    {"udplite", "sport dport checksum csumcov"},
    {"sctp", "sport dport vtag checksum chunk"},
    {"dccp", "sport dport type option"},
    {"ah", "nexthdr hdrlength reserved spi sequence"},
    {"esp", "spi sequence"},
    {"comp", "nexthdr flags cpi"},
    {"th", "sport dport"},
    {"gre", "flags version protocol"},
    {"vxlan", "vni flags"},
    {"geneve", "vni type"},
    {"gretap", ""},
    {"hbh", "nexthdr hdrlength"},
    {"rt0", "addr"},
    {"rt2", "addr"},
    {"rt4", "last-entry flags tag sid"},
    {"srh", "last-entry flags tag sid seg-left"},
    {"frag", "nexthdr reserved frag-off more-fragments reserved2 id"},
    {"dst", "nexthdr hdrlength"},
    {"mh", "nexthdr hdrlength type reserved checksum"},
};

constexpr std::string_view source_ct =
    "measured: loads and tracks (nf_ct_netns_get from nft_ct_get_init, net/netfilter/nft_ct.c, "
    "6.1)";
constexpr std::string_view source_ct_set =
    "measured: loads and tracks (nft_ct_set_init, net/netfilter/nft_ct.c, 6.1)";
constexpr std::string_view source_nat =
    "measured: loads and tracks (nf_ct_netns_get from nft_nat_init, net/netfilter/nft_nat.c, 6.1)";
constexpr std::string_view source_object =
    "measured: declared alone tracks (net/netfilter/nft_ct.c, the init of the object, 6.1)";
constexpr std::string_view no_reference = "measured: does not track";

using enum Tracking;
using enum Exactness;
constexpr ExtensionKind match = ExtensionKind::match;
constexpr ExtensionKind target = ExtensionKind::target;

constexpr ModuleName in_ct[] = {{"nft_ct"}};
constexpr ModuleName in_connlimit[] = {{"nft_connlimit"}};
constexpr ModuleName in_nat[] = {{"nft_nat"}};
constexpr ModuleName in_masq[] = {{"nft_masq"}};
constexpr ModuleName in_redir[] = {{"nft_redir"}};
constexpr ModuleName in_synproxy[] = {{"nft_synproxy"}};
constexpr ModuleName in_flow[] = {{"nft_flow_offload"}};
constexpr ModuleName in_fib[] = {{"nft_fib"}};
constexpr ModuleName in_hash[] = {{"nft_hash"}};
constexpr ModuleName in_limit[] = {{"nft_limit"}};
constexpr ModuleName in_log[] = {{"nft_log"}};
constexpr ModuleName in_numgen[] = {{"nft_numgen"}};
constexpr ModuleName in_osf[] = {{"nft_osf"}};
constexpr ModuleName in_queue[] = {{"nft_queue"}};
constexpr ModuleName in_quota[] = {{"nft_quota"}};
constexpr ModuleName in_reject[] = {{"nft_reject"}};
constexpr ModuleName in_socket[] = {{"nft_socket"}};
constexpr ModuleName in_tproxy[] = {{"nft_tproxy"}};
constexpr ModuleName in_tunnel[] = {{"nft_tunnel"}};
constexpr ModuleName in_xfrm[] = {{"nft_xfrm"}};
constexpr ModuleName in_dup4[] = {{"nft_dup_ipv4"}};
constexpr ModuleName in_fwd[] = {{"nft_fwd_netdev"}};
constexpr ModuleName in_compat[] = {{"nft_compat"}};

constexpr TargetEnd continues = TargetEnd::continues;
constexpr TargetEnd ends = TargetEnd::ends;

constexpr Extension row(std::string_view name, ExtensionKind kind,
                        std::span<const ModuleName> modules, Tracking tracking, Exactness exactness,
                        Role role, TargetEnd end, std::string_view summary,
                        std::string_view evidence) {
  Extension result;
  result.name = name;
  result.kind = kind;
  result.modules = modules;
  result.tracking = tracking;
  result.exactness = exactness;
  result.role = role;
  result.end = end;
  result.summary = summary;
  result.evidence = evidence;
  return result;
}

constexpr TargetEnd no_target = TargetEnd::not_a_target;

// Sorted by name (byte order).
constexpr Extension extension_rows[] = {
    row("ct count", match, in_connlimit, always, opaque, Role::connection_count, no_target,
        "counts connections in the table",
        "measured: loads and tracks (nft_connlimit_do_init, net/netfilter/nft_connlimit.c, 6.1)"),
    row("ct entry", match, in_ct, always, opaque, Role::entry_match, no_target,
        "matches what the entry of the connection holds", source_ct),
    row("ct expectation", target, in_ct, always, opaque, Role::helper, no_target,
        "an object that makes conntrack expect further connections", source_object),
    row("ct expectation set", target, in_ct, always, opaque, Role::helper, continues,
        "makes conntrack expect further connections", source_object),
    row("ct helper", target, in_ct, always, opaque, Role::helper, no_target,
        "an object that assigns a helper", source_object),
    row("ct helper read", match, in_ct, always, opaque, Role::helper, no_target,
        "matches packets of a helper", source_ct),
    row("ct helper set", target, in_ct, always, opaque, Role::helper, continues, "assigns a helper",
        source_object),
    row("ct label", match, in_ct, always, opaque, Role::connmark, no_target,
        "matches the labels of the connection", source_ct),
    row("ct mark", match, in_ct, always, opaque, Role::connmark, no_target,
        "matches the mark of the connection", source_ct),
    row("ct mark set", target, in_ct, always, opaque, Role::connmark, continues,
        "keeps a mark or label for the connection", source_ct_set),
    row("ct set", target, in_ct, always, opaque, Role::tracking_control, continues,
        "sets how the flow is tracked (zone, events)", source_ct_set),
    row("ct state", match, in_ct, always, exact, Role::state_match, no_target,
        "matches the state of the connection", source_ct),
    row("ct timeout", target, in_ct, always, opaque, Role::tracking_control, no_target,
        "an object that gives entries a lifetime of their own", source_object),
    row("ct timeout set", target, in_ct, always, opaque, Role::tracking_control, continues,
        "gives the entry a lifetime of its own", source_object),
    row("ct zone", match, in_ct, always, opaque, Role::entry_match, no_target,
        "matches the zone of the connection", source_ct),
    row("dnat", target, in_nat, always, over_approximated, Role::nat, ends,
        "sends packets to another address", source_nat),
    row("dup", target, in_dup4, never, opaque, Role::observe, continues,
        "sends a copy of the packet to another host", no_reference),
    row("fib", match, in_fib, never, over_approximated, Role::host_fact, no_target,
        "asks the routing table", no_reference),
    row("flow add", target, in_flow, always, opaque, Role::tracking_control, continues,
        "hands the connection to a flowtable",
        "source: nft_flow_offload_init takes a reference (net/netfilter/nft_flow_offload.c, 6.1)"),
    row("fwd", target, in_fwd, never, opaque, Role::verdict, ends,
        "sends the packet out of another interface", no_reference),
    row("jhash", match, in_hash, never, opaque, Role::packet_field, no_target,
        "a number made of parts of the packet", no_reference),
    row("limit", match, in_limit, never, opaque, Role::history, no_target,
        "matches until a rate is reached", no_reference),
    row("log", target, in_log, never, exact, Role::observe, continues, "writes a line to the log",
        no_reference),
    row("masquerade", target, in_masq, always, over_approximated, Role::nat, ends,
        "hides source addresses behind that of the outgoing interface",
        "measured: loads and tracks (nft_masq_init, net/netfilter/nft_masq.c, 6.1)"),
    row("notrack", target, in_ct, never, exact, Role::notrack, continues,
        "keeps the packet from being tracked",
        "measured: takes no reference, works before priority -200 (nft_notrack_eval, nft_ct.c)"),
    row("numgen", match, in_numgen, never, opaque, Role::history, no_target,
        "a number that differs from packet to packet", no_reference),
    row("osf", match, in_osf, never, opaque, Role::packet_field, no_target,
        "guesses the operating system of the sender", no_reference),
    row("queue", target, in_queue, never, over_approximated, Role::verdict, ends,
        "asks a program what to do", no_reference),
    row("quota", match, in_quota, never, opaque, Role::history, no_target,
        "matches until a number of bytes has passed", no_reference),
    row("redirect", target, in_redir, always, over_approximated, Role::nat, ends,
        "sends packets to a port of this host",
        "measured: loads and tracks (nft_redir_init, net/netfilter/nft_redir.c, 6.1)"),
    row("reject", target, in_reject, never, exact, Role::verdict, ends,
        "drops the packet and answers it", no_reference),
    row("rt", match, {}, never, opaque, Role::host_fact, no_target, "asks the route of the packet",
        no_reference),
    row("set update", target, {}, never, opaque, Role::history, continues,
        "puts an element into a set or takes one out", no_reference),
    row("snat", target, in_nat, always, over_approximated, Role::nat, ends,
        "hides source addresses behind another", source_nat),
    row("socket", match, in_socket, never, opaque, Role::host_fact, no_target,
        "asks for the socket that the packet belongs to", no_reference),
    row("symhash", match, in_hash, never, opaque, Role::packet_field, no_target,
        "a number made of the addresses and ports of a flow", no_reference),
    row("synproxy", target, in_synproxy, always, opaque, Role::synproxy, TargetEnd::may_end,
        "answers SYN packets in place of the server",
        "measured: loads and tracks (nft_synproxy_do_init, net/netfilter/nft_synproxy.c, 6.1)"),
    row("tproxy", target, in_tproxy, never, opaque, Role::mangle, continues,
        "hands the packet to a local socket", no_reference),
    row("tunnel", match, in_tunnel, never, opaque, Role::packet_field, no_target,
        "asks for the tunnel that the packet came through", no_reference),
    row("xfrm", match, in_xfrm, never, opaque, Role::host_fact, no_target,
        "asks for the IPsec state of the packet", no_reference),
    row("xt", target, in_compat, never, opaque, Role::host_fact, no_target,
        "an extension of iptables that nft has no words for", "nft(8) prints it as a comment"),
};

}  // namespace

const std::string_view nft_meta_keys =
    "length nfproto l4proto protocol priority random secmark ibrvproto ibrpvid mark iif iifname "
    "iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibrname obrname "
    "ibriport obriport pkttype cpu iifgroup oifgroup cgroup secpath ipsec iifkind "
    "oifkind time hour day sdif sdifname broute";

const std::string_view nft_bare_meta_keys =
    "mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport obriport "
    "ibridgename obridgename pkttype cpu iifgroup oifgroup cgroup time day hour";

const std::string_view nft_ct_keys =
    "state direction status mark expiration helper label bytes packets avgpkt zone l3proto "
    "protocol proto-src proto-dst saddr daddr event timeout id secmark expectation "
    "original reply ip ip6";

// Measured: nft 1.0.6 takes none of them as the name of a chain, table or set.
const std::string_view nft_reserved_words =
    "accept add ah all arp bridge chain comment comp constant continue counter create ct day "
    "dccp define delete device devices dnat drop dst dup dynamic element elements esp ether "
    "exists fib flags flowtable flush frag fwd goto handle hbh hook hour icmp include index "
    "inet insert interval ip ip6 ipsec jhash jump limit list log map mark masquerade meta meter "
    "mh missing netdev notrack numgen offload osf policy position queue quota random redirect "
    "reject rename replace reset return rt rule sctp secmark set size snat socket symhash "
    "synproxy table tcp th time timeout tproxy type typeof udp update vlan";

bool has_word(std::string_view words, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

std::span<const NftExpression> nft_expressions() {
  static const auto sorted = [] {
    auto rows = std::to_array(expressions);
    std::ranges::sort(rows, {}, &NftExpression::name);
    return rows;
  }();
  return sorted;
}

const NftExpression* find_nft_expression(std::string_view name) {
  const auto rows = nft_expressions();
  const auto at = std::ranges::lower_bound(rows, name, {}, &NftExpression::name);
  return at == rows.end() || at->name != name ? nullptr : &*at;
}

const NftHeader* find_nft_header(std::string_view name) {
  const auto at = std::ranges::find(headers, name, &NftHeader::name);
  return at == std::end(headers) ? nullptr : &*at;
}

std::span<const Extension> nft_extensions() { return extension_rows; }

const Extension* find_nft_extension(std::string_view name) {
  const auto at = std::ranges::lower_bound(extension_rows, name, {}, &Extension::name);
  return at == std::end(extension_rows) || at->name != name ? nullptr : &*at;
}

}  // namespace untrack::catalog
