// table
// The matches that iptables 1.8.9 ships (-m), in byte order of their names.
#include "model/catalog/xtables_extension_rows.hpp"

namespace untrack::catalog {
namespace {

using enum ValueType;

// What a row rests on unless it says more: options compared with libxtables by
// tests/unit/model/catalog/xtables_options_test.cpp, modules with the aliases of a Debian kernel by
// tests/unit/model/catalog/kernel_modules_test.cpp.
constexpr std::string_view kMeasured =
    "options: libxtables 1.8.9; tracking, tables and chains: measured on Linux 6.18, tests/lab; "
    "modules: modules.alias of Debian's 6.1; names of older kernels: general knowledge, not "
    "checked";

constexpr Option kMatchAddrtypeOptions[] = {
    {.name = "src-type", .type = address_type, .invertible = true, .field = Field::source_type},
    {.name = "dst-type",
     .type = address_type,
     .invertible = true,
     .field = Field::destination_type},
    {.name = "limit-iface-in", .type = none},
    {.name = "limit-iface-out", .type = none},
};
constexpr ModuleName kMatchAddrtypeModules[] = {
    {.name = "xt_addrtype", .since = {2, 6, 39}},
    {.name = "ipt_addrtype", .ip_versions = IpVersion::ipv4, .before = {2, 6, 39}},
};

constexpr Option kMatchAhOptions[] = {
    {.name = "ahspi",
     .type = number_range,
     .invertible = true,
     .field = Field::ah_spi,
     .max = 4294967295},
    {.name = "ahlen",
     .type = number,
     .invertible = true,
     .ip_versions = IpVersion::ipv6,
     .max = 4294967295},
    {.name = "ahres", .type = none, .ip_versions = IpVersion::ipv6},
};
constexpr ModuleName kMatchAhModules[] = {
    {.name = "ipt_ah", .ip_versions = IpVersion::ipv4},
    {.name = "ip6t_ah", .ip_versions = IpVersion::ipv6},
};

constexpr Option kMatchBpfOptions[] = {
    {.name = "bytecode", .type = text},
    {.name = "object-pinned", .type = text},
};
constexpr ModuleName kMatchBpfModules[] = {
    {.name = "xt_bpf", .since = {3, 9, 0}},
};

constexpr Option kMatchCgroupOptions[] = {
    {.name = "path", .type = text, .invertible = true},
    {.name = "cgroup", .type = number, .invertible = true, .max = 4294967295},
};
constexpr ModuleName kMatchCgroupModules[] = {
    {.name = "xt_cgroup", .since = {3, 14, 0}},
};

constexpr Option kMatchClusterOptions[] = {
    {.name = "cluster-total-nodes", .type = number, .mandatory = true, .min = 1, .max = 32},
    {.name = "cluster-local-node", .type = number, .invertible = true, .min = 1, .max = 32},
    {.name = "cluster-local-nodemask", .type = number, .invertible = true, .min = 1, .max = 32},
    {.name = "cluster-hash-seed", .type = number, .mandatory = true, .max = 4294967295},
};
constexpr ModuleName kMatchClusterModules[] = {
    {.name = "xt_cluster", .since = {2, 6, 30}},
};

constexpr Option kMatchCommentOptions[] = {
    {.name = "comment", .type = text, .mandatory = true},
};
constexpr ModuleName kMatchCommentModules[] = {
    {.name = "xt_comment", .since = {2, 6, 16}},
    {.name = "ipt_comment", .before = {2, 6, 16}},
};

constexpr std::string_view kConnbytesConnbytesDirWords[] = {"original", "reply", "both"};
constexpr std::string_view kConnbytesConnbytesModeWords[] = {"packets", "bytes", "avgpkt"};
constexpr Option kMatchConnbytesOptions[] = {
    {.name = "connbytes", .type = number_range, .invertible = true, .mandatory = true},
    {.name = "connbytes-dir",
     .type = enumeration,
     .words = kConnbytesConnbytesDirWords,
     .mandatory = true},
    {.name = "connbytes-mode",
     .type = enumeration,
     .words = kConnbytesConnbytesModeWords,
     .mandatory = true},
};
constexpr ModuleName kMatchConnbytesModules[] = {
    {.name = "xt_connbytes", .since = {2, 6, 16}},
    {.name = "ipt_connbytes", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchConnlabelOptions[] = {
    {.name = "label", .type = text, .invertible = true, .mandatory = true, .min = 1},
    {.name = "set", .type = none},
};
constexpr ModuleName kMatchConnlabelModules[] = {
    {.name = "xt_connlabel", .since = {3, 9, 0}},
};

constexpr Option kMatchConnlimitOptions[] = {
    {.name = "connlimit-upto", .type = number, .invertible = true, .max = 4294967295},
    {.name = "connlimit-above", .type = number, .invertible = true, .max = 4294967295},
    {.name = "connlimit-mask", .type = prefix_length},
    {.name = "connlimit-saddr", .type = none},
    {.name = "connlimit-daddr", .type = none},
};
constexpr ModuleName kMatchConnlimitModules[] = {
    {.name = "xt_connlimit", .since = {2, 6, 23}},
};

constexpr Option kMatchConnmarkOptions[] = {
    {.name = "mark", .type = value_mask, .invertible = true, .mandatory = true},
};
constexpr ModuleName kMatchConnmarkModules[] = {
    {.name = "xt_connmark", .since = {2, 6, 16}},
    {.name = "ipt_connmark", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr std::string_view kConntrackCtdirWords[] = {"ORIGINAL", "REPLY"};
constexpr Option kMatchConntrackOptions[] = {
    {.name = "ctstate", .type = ct_states, .invertible = true, .field = Field::ct_state},
    {.name = "ctproto", .type = protocol, .invertible = true},
    {.name = "ctorigsrc", .type = address, .invertible = true},
    {.name = "ctorigdst", .type = address, .invertible = true},
    {.name = "ctreplsrc", .type = address, .invertible = true},
    {.name = "ctrepldst", .type = address, .invertible = true},
    {.name = "ctstatus", .type = ct_statuses, .invertible = true},
    {.name = "ctexpire", .type = number_range, .invertible = true, .max = 4294967295},
    {.name = "ctorigsrcport", .type = port_range, .invertible = true},
    {.name = "ctorigdstport", .type = port_range, .invertible = true},
    {.name = "ctreplsrcport", .type = port_range, .invertible = true},
    {.name = "ctrepldstport", .type = port_range, .invertible = true},
    {.name = "ctdir", .type = enumeration, .words = kConntrackCtdirWords},
};
constexpr ModuleName kMatchConntrackModules[] = {
    {.name = "xt_conntrack", .since = {2, 6, 16}},
    {.name = "ipt_conntrack", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchCpuOptions[] = {
    {.name = "cpu", .type = number, .invertible = true, .mandatory = true, .max = 4294967295},
};
constexpr ModuleName kMatchCpuModules[] = {
    {.name = "xt_cpu", .since = {2, 6, 36}},
};

constexpr std::string_view kDccpDccpTypesWords[] = {"REQUEST", "RESPONSE", "DATA",   "ACK",
                                                    "DATAACK", "CLOSEREQ", "CLOSE",  "RESET",
                                                    "SYNC",    "SYNCACK",  "INVALID"};
constexpr Option kMatchDccpOptions[] = {
    {.name = "source-port", .type = port_range, .invertible = true, .field = Field::source_port},
    {.name = "sport",
     .type = port_range,
     .invertible = true,
     .field = Field::source_port,
     .alias_of = "source-port"},
    {.name = "destination-port",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port},
    {.name = "dport",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port,
     .alias_of = "destination-port"},
    {.name = "dccp-types",
     .type = enumeration_list,
     .invertible = true,
     .field = Field::dccp_type,
     .words = kDccpDccpTypesWords},
    {.name = "dccp-option", .type = number, .invertible = true, .min = 1, .max = 255},
};
constexpr ModuleName kMatchDccpModules[] = {
    {.name = "xt_dccp", .since = {2, 6, 16}},
    {.name = "ipt_dccp", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchDevgroupOptions[] = {
    {.name = "src-group", .type = text, .invertible = true},
    {.name = "dst-group", .type = text, .invertible = true},
};
constexpr ModuleName kMatchDevgroupModules[] = {
    {.name = "xt_devgroup", .since = {2, 6, 39}},
};

constexpr Option kMatchDscpOptions[] = {
    {.name = "dscp", .type = number, .invertible = true, .field = Field::dscp, .max = 63},
    {.name = "dscp-class", .type = dscp_class, .invertible = true, .field = Field::dscp},
};
constexpr ModuleName kMatchDscpModules[] = {
    {.name = "xt_dscp", .since = {2, 6, 19}},
    {.name = "ipt_dscp", .ip_versions = IpVersion::ipv4, .before = {2, 6, 19}},
    {.name = "ip6t_dscp", .ip_versions = IpVersion::ipv6, .before = {2, 6, 19}},
};

constexpr Option kMatchDstOptions[] = {
    {.name = "dst-len", .type = number, .invertible = true, .max = 4294967295},
    {.name = "dst-opts", .type = text},
};
constexpr ModuleName kMatchDstModules[] = {
    {.name = "ip6t_hbh", .ip_versions = IpVersion::ipv6, .since = {2, 6, 19}},
    {.name = "ip6t_dst", .ip_versions = IpVersion::ipv6, .before = {2, 6, 19}},
};

constexpr Option kMatchEcnOptions[] = {
    {.name = "ecn-tcp-cwr", .type = none, .invertible = true},
    {.name = "ecn-tcp-ece", .type = none, .invertible = true},
    {.name = "ecn-ip-ect", .type = number, .invertible = true, .field = Field::ecn, .max = 3},
};
constexpr ModuleName kMatchEcnModules[] = {
    {.name = "xt_ecn", .since = {3, 3, 0}},
    {.name = "ipt_ecn", .ip_versions = IpVersion::ipv4, .before = {3, 3, 0}},
};

constexpr Option kMatchEspOptions[] = {
    {.name = "espspi",
     .type = number_range,
     .invertible = true,
     .field = Field::esp_spi,
     .max = 4294967295},
};
constexpr ModuleName kMatchEspModules[] = {
    {.name = "xt_esp", .since = {2, 6, 18}},
    {.name = "ipt_esp", .ip_versions = IpVersion::ipv4, .before = {2, 6, 18}},
    {.name = "ip6t_esp", .ip_versions = IpVersion::ipv6, .before = {2, 6, 18}},
};

constexpr ModuleName kMatchEui64Modules[] = {
    {.name = "ip6t_eui64"},
};

constexpr Option kMatchFragOptions[] = {
    {.name = "fragid", .type = number_range, .invertible = true, .max = 4294967295},
    {.name = "fraglen", .type = number, .invertible = true, .max = 4294967295},
    {.name = "fragres", .type = none},
    {.name = "fragfirst", .type = none},
    {.name = "fragmore", .type = none},
    {.name = "fraglast", .type = none},
};
constexpr ModuleName kMatchFragModules[] = {
    {.name = "ip6t_frag"},
};

constexpr std::string_view kHashlimitHashlimitModeWords[] = {"srcip", "srcport", "dstip",
                                                             "dstport"};
constexpr Option kMatchHashlimitOptions[] = {
    {.name = "hashlimit-upto", .type = rate_or_bytes, .invertible = true},
    {.name = "hashlimit-above", .type = rate_or_bytes, .invertible = true},
    {.name = "hashlimit", .type = rate_or_bytes, .invertible = true, .alias_of = "hashlimit-upto"},
    {.name = "hashlimit-srcmask", .type = prefix_length},
    {.name = "hashlimit-dstmask", .type = prefix_length},
    {.name = "hashlimit-burst", .type = text},
    {.name = "hashlimit-htable-size", .type = number, .max = 4294967295},
    {.name = "hashlimit-htable-max", .type = number, .max = 4294967295},
    {.name = "hashlimit-htable-gcinterval", .type = number, .max = 4294967295},
    {.name = "hashlimit-htable-expire", .type = number, .max = 4294967295},
    {.name = "hashlimit-mode", .type = enumeration_list, .words = kHashlimitHashlimitModeWords},
    {.name = "hashlimit-name", .type = text, .mandatory = true, .min = 1},
    {.name = "hashlimit-rate-match", .type = none},
    {.name = "hashlimit-rate-interval", .type = text},
};
constexpr ModuleName kMatchHashlimitModules[] = {
    {.name = "xt_hashlimit", .since = {2, 6, 20}},
    {.name = "ipt_hashlimit", .ip_versions = IpVersion::ipv4, .before = {2, 6, 20}},
    {.name = "ip6t_hashlimit", .ip_versions = IpVersion::ipv6, .before = {2, 6, 20}},
};

constexpr Option kMatchHbhOptions[] = {
    {.name = "hbh-len", .type = number, .invertible = true, .max = 4294967295},
    {.name = "hbh-opts", .type = text},
};
constexpr ModuleName kMatchHbhModules[] = {
    {.name = "ip6t_hbh"},
};

constexpr Option kMatchHelperOptions[] = {
    {.name = "helper", .type = text, .invertible = true, .mandatory = true},
};
constexpr ModuleName kMatchHelperModules[] = {
    {.name = "xt_helper", .since = {2, 6, 16}},
    {.name = "ipt_helper", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchHlOptions[] = {
    {.name = "hl-lt", .type = number, .field = Field::ttl, .max = 255},
    {.name = "hl-gt", .type = number, .field = Field::ttl, .max = 255},
    {.name = "hl-eq", .type = number, .invertible = true, .field = Field::ttl, .max = 255},
    {.name = "hl",
     .type = number,
     .invertible = true,
     .field = Field::ttl,
     .alias_of = "hl-eq",
     .max = 255},
};
constexpr ModuleName kMatchHlModules[] = {
    {.name = "xt_hl", .since = {2, 6, 30}},
    {.name = "ip6t_hl", .ip_versions = IpVersion::ipv6, .before = {2, 6, 30}},
};

constexpr Option kMatchIcmpOptions[] = {
    {.name = "icmp-type",
     .type = icmp_type,
     .invertible = true,
     .field = Field::icmp_type_code,
     .mandatory = true},
};
constexpr ModuleName kMatchIcmpModules[] = {
    {.name = "xt_tcpudp", .since = {6, 4, 0}},
    {.name = "ip_tables", .ip_versions = IpVersion::ipv4, .before = {6, 4, 0}},
};

constexpr Option kMatchIcmp6Options[] = {
    {.name = "icmpv6-type",
     .type = icmp_type,
     .invertible = true,
     .field = Field::icmp_type_code,
     .mandatory = true},
};
constexpr ModuleName kMatchIcmp6Modules[] = {
    {.name = "xt_tcpudp", .since = {6, 4, 0}},
    {.name = "ip6_tables", .ip_versions = IpVersion::ipv6, .before = {6, 4, 0}},
};

constexpr Option kMatchIpcompOptions[] = {
    {.name = "ipcompspi", .type = number_range, .invertible = true, .max = 4294967295},
    {.name = "compres", .type = none},
};
constexpr ModuleName kMatchIpcompModules[] = {
    {.name = "xt_ipcomp", .since = {3, 14, 0}},
};

constexpr Option kMatchIprangeOptions[] = {
    {.name = "src-range",
     .type = address_range,
     .invertible = true,
     .field = Field::source_address},
    {.name = "dst-range",
     .type = address_range,
     .invertible = true,
     .field = Field::destination_address},
};
constexpr ModuleName kMatchIprangeModules[] = {
    {.name = "xt_iprange", .since = {2, 6, 25}},
    {.name = "ipt_iprange", .ip_versions = IpVersion::ipv4, .before = {2, 6, 25}},
};

constexpr Option kMatchIpv6headerOptions[] = {
    {.name = "header", .type = text, .invertible = true, .mandatory = true},
    {.name = "soft", .type = none},
};
constexpr ModuleName kMatchIpv6headerModules[] = {
    {.name = "ip6t_ipv6header"},
};

constexpr std::string_view kIpvsVdirWords[] = {"ORIGINAL", "REPLY"};
constexpr std::string_view kIpvsVmethodWords[] = {"GATE", "IPIP", "MASQ"};
constexpr Option kMatchIpvsOptions[] = {
    {.name = "ipvs", .type = none, .invertible = true},
    {.name = "vproto", .type = protocol, .invertible = true},
    {.name = "vaddr", .type = address, .invertible = true},
    {.name = "vport", .type = port, .invertible = true},
    {.name = "vdir", .type = enumeration, .words = kIpvsVdirWords},
    {.name = "vmethod", .type = enumeration, .invertible = true, .words = kIpvsVmethodWords},
    {.name = "vportctl", .type = port, .invertible = true},
};
constexpr ModuleName kMatchIpvsModules[] = {
    {.name = "xt_ipvs", .since = {2, 6, 36}},
};

constexpr Option kMatchLengthOptions[] = {
    {.name = "length",
     .type = number_range,
     .invertible = true,
     .field = Field::length,
     .mandatory = true,
     .max = 65535},
};
constexpr ModuleName kMatchLengthModules[] = {
    {.name = "xt_length", .since = {2, 6, 16}},
    {.name = "ipt_length", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_length", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kMatchLimitOptions[] = {
    {.name = "limit", .type = rate},
    {.name = "limit-burst", .type = number, .max = 10000},
};
constexpr ModuleName kMatchLimitModules[] = {
    {.name = "xt_limit", .since = {2, 6, 16}},
    {.name = "ipt_limit", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_limit", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kMatchMacOptions[] = {
    {.name = "mac-source",
     .type = mac,
     .invertible = true,
     .field = Field::source_mac,
     .mandatory = true},
};
constexpr ModuleName kMatchMacModules[] = {
    {.name = "xt_mac", .since = {2, 6, 16}},
    {.name = "ipt_mac", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_mac", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kMatchMarkOptions[] = {
    {.name = "mark",
     .type = value_mask,
     .invertible = true,
     .field = Field::mark,
     .mandatory = true},
};
constexpr ModuleName kMatchMarkModules[] = {
    {.name = "xt_mark", .since = {2, 6, 16}},
    {.name = "ipt_mark", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_mark", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kMatchMhOptions[] = {
    {.name = "mh-type", .type = text, .invertible = true, .field = Field::mh_type},
};
constexpr ModuleName kMatchMhModules[] = {
    {.name = "ip6t_mh"},
};

constexpr Option kMatchMultiportOptions[] = {
    {.name = "source-ports", .type = port_list, .invertible = true, .field = Field::source_port},
    {.name = "sports",
     .type = port_list,
     .invertible = true,
     .field = Field::source_port,
     .alias_of = "source-ports"},
    {.name = "destination-ports",
     .type = port_list,
     .invertible = true,
     .field = Field::destination_port},
    {.name = "dports",
     .type = port_list,
     .invertible = true,
     .field = Field::destination_port,
     .alias_of = "destination-ports"},
    {.name = "ports", .type = port_list, .invertible = true, .field = Field::either_port},
};
constexpr ModuleName kMatchMultiportModules[] = {
    {.name = "xt_multiport", .since = {2, 6, 18}},
    {.name = "ipt_multiport", .ip_versions = IpVersion::ipv4, .before = {2, 6, 18}},
    {.name = "ip6t_multiport", .ip_versions = IpVersion::ipv6, .before = {2, 6, 18}},
};

constexpr Option kMatchNfacctOptions[] = {
    {.name = "nfacct-name", .type = text, .mandatory = true, .min = 1},
};
constexpr ModuleName kMatchNfacctModules[] = {
    {.name = "xt_nfacct", .since = {3, 3, 0}},
};

constexpr Option kMatchOsfOptions[] = {
    {.name = "genre", .type = text, .invertible = true, .mandatory = true},
    {.name = "ttl", .type = number, .max = 2},
    {.name = "log", .type = number, .max = 2},
};
constexpr ModuleName kMatchOsfModules[] = {
    {.name = "xt_osf", .since = {2, 6, 31}},
};

constexpr Option kMatchOwnerOptions[] = {
    {.name = "uid-owner", .type = text, .invertible = true},
    {.name = "gid-owner", .type = text, .invertible = true},
    {.name = "socket-exists", .type = none, .invertible = true},
    {.name = "suppl-groups", .type = none},
};
constexpr ModuleName kMatchOwnerModules[] = {
    {.name = "xt_owner", .since = {2, 6, 25}},
    {.name = "ipt_owner", .ip_versions = IpVersion::ipv4, .before = {2, 6, 25}},
    {.name = "ip6t_owner", .ip_versions = IpVersion::ipv6, .before = {2, 6, 25}},
};

constexpr Option kMatchPhysdevOptions[] = {
    {.name = "physdev-in", .type = interface, .invertible = true},
    {.name = "physdev-out", .type = interface, .invertible = true},
    {.name = "physdev-is-in", .type = none, .invertible = true},
    {.name = "physdev-is-out", .type = none, .invertible = true},
    {.name = "physdev-is-bridged", .type = none, .invertible = true},
};
constexpr ModuleName kMatchPhysdevModules[] = {
    {.name = "xt_physdev", .since = {2, 6, 16}},
    {.name = "ipt_physdev", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_physdev", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kMatchPkttypeOptions[] = {
    {.name = "pkt-type",
     .type = packet_type,
     .invertible = true,
     .field = Field::packet_type,
     .mandatory = true},
};
constexpr ModuleName kMatchPkttypeModules[] = {
    {.name = "xt_pkttype", .since = {2, 6, 16}},
    {.name = "ipt_pkttype", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr std::string_view kPolicyDirWords[] = {"in", "out"};
constexpr std::string_view kPolicyPolWords[] = {"none", "ipsec"};
constexpr std::string_view kPolicyModeWords[] = {"transport", "tunnel"};
constexpr Option kMatchPolicyOptions[] = {
    {.name = "dir", .type = enumeration, .words = kPolicyDirWords},
    {.name = "pol", .type = enumeration, .words = kPolicyPolWords},
    {.name = "strict", .type = none},
    {.name = "reqid", .type = number, .invertible = true, .repeatable = true, .max = 4294967295},
    {.name = "spi", .type = number, .invertible = true, .repeatable = true, .max = 4294967295},
    {.name = "tunnel-src", .type = address, .invertible = true, .repeatable = true},
    {.name = "tunnel-dst", .type = address, .invertible = true, .repeatable = true},
    {.name = "proto", .type = protocol, .invertible = true, .repeatable = true},
    {.name = "mode",
     .type = enumeration,
     .invertible = true,
     .words = kPolicyModeWords,
     .repeatable = true},
    {.name = "next", .type = none, .repeatable = true},
};
constexpr ModuleName kMatchPolicyModules[] = {
    {.name = "xt_policy", .since = {2, 6, 17}},
    {.name = "ipt_policy", .ip_versions = IpVersion::ipv4, .before = {2, 6, 17}},
    {.name = "ip6t_policy", .ip_versions = IpVersion::ipv6, .before = {2, 6, 17}},
};

constexpr Option kMatchQuotaOptions[] = {
    {.name = "quota", .type = number, .invertible = true, .mandatory = true},
};
constexpr ModuleName kMatchQuotaModules[] = {
    {.name = "xt_quota", .since = {2, 6, 18}},
};

constexpr Option kMatchRateestOptions[] = {
    {.name = "rateest1", .type = text},
    {.name = "rateest", .type = text, .alias_of = "rateest1"},
    {.name = "rateest2", .type = text},
    {.name = "rateest-bps1", .type = text, .value_optional = true},
    {.name = "rateest-pps1", .type = text, .value_optional = true},
    {.name = "rateest-bps2", .type = text, .value_optional = true},
    {.name = "rateest-pps2", .type = text, .value_optional = true},
    {.name = "rateest-bps", .type = text, .value_optional = true, .alias_of = "rateest-bps2"},
    {.name = "rateest-pps", .type = text, .value_optional = true, .alias_of = "rateest-pps2"},
    {.name = "rateest-delta", .type = none},
    {.name = "rateest-lt", .type = none, .invertible = true},
    {.name = "rateest-gt", .type = none, .invertible = true},
    {.name = "rateest-eq", .type = none, .invertible = true},
};
constexpr ModuleName kMatchRateestModules[] = {
    {.name = "xt_rateest", .since = {2, 6, 25}},
};

constexpr Option kMatchRealmOptions[] = {
    {.name = "realm", .type = text, .invertible = true, .mandatory = true},
};
constexpr ModuleName kMatchRealmModules[] = {
    {.name = "xt_realm", .since = {2, 6, 16}},
    {.name = "ipt_realm", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchRecentOptions[] = {
    {.name = "set", .type = none, .invertible = true},
    {.name = "rcheck", .type = none, .invertible = true},
    {.name = "update", .type = none, .invertible = true},
    {.name = "remove", .type = none, .invertible = true},
    {.name = "seconds", .type = number, .min = 1, .max = 4294967295},
    {.name = "reap", .type = none},
    {.name = "hitcount", .type = number, .max = 4294967295},
    {.name = "rttl", .type = none},
    {.name = "name", .type = text},
    {.name = "rsource", .type = none},
    {.name = "rdest", .type = none},
    {.name = "mask", .type = address},
};
constexpr ModuleName kMatchRecentModules[] = {
    {.name = "xt_recent", .since = {2, 6, 28}},
    {.name = "ipt_recent", .ip_versions = IpVersion::ipv4, .before = {2, 6, 28}},
};

constexpr Option kMatchRpfilterOptions[] = {
    {.name = "loose", .type = none},
    {.name = "validmark", .type = none},
    {.name = "accept-local", .type = none},
    {.name = "invert", .type = none},
};
constexpr ModuleName kMatchRpfilterModules[] = {
    {.name = "ipt_rpfilter", .ip_versions = IpVersion::ipv4, .since = {3, 3, 0}},
    {.name = "ip6t_rpfilter", .ip_versions = IpVersion::ipv6, .since = {3, 3, 0}},
};

constexpr Option kMatchRtOptions[] = {
    {.name = "rt-type", .type = number, .invertible = true, .max = 4294967295},
    {.name = "rt-segsleft", .type = number_range, .invertible = true, .max = 4294967295},
    {.name = "rt-len", .type = number, .invertible = true, .max = 4294967295},
    {.name = "rt-0-res", .type = none},
    {.name = "rt-0-addrs", .type = address_list},
    {.name = "rt-0-not-strict", .type = none},
};
constexpr ModuleName kMatchRtModules[] = {
    {.name = "ip6t_rt"},
};

constexpr Option kMatchSctpOptions[] = {
    {.name = "source-port", .type = port_range, .invertible = true, .field = Field::source_port},
    {.name = "sport",
     .type = port_range,
     .invertible = true,
     .field = Field::source_port,
     .alias_of = "source-port"},
    {.name = "destination-port",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port},
    {.name = "dport",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port,
     .alias_of = "destination-port"},
    {.name = "chunk-types", .type = two_texts, .invertible = true, .field = Field::sctp_chunks},
};
constexpr ModuleName kMatchSctpModules[] = {
    {.name = "xt_sctp", .since = {2, 6, 16}},
    {.name = "ipt_sctp", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchSetOptions[] = {
    {.name = "match-set", .type = set_reference, .invertible = true},
    {.name = "set", .type = set_reference, .invertible = true, .alias_of = "match-set"},
    {.name = "return-nomatch", .type = none},
    {.name = "update-counters", .type = none, .invertible = true},
    {.name = "packets-eq", .type = number, .invertible = true},
    {.name = "packets-lt", .type = number},
    {.name = "packets-gt", .type = number},
    {.name = "bytes-eq", .type = number, .invertible = true},
    {.name = "bytes-lt", .type = number},
    {.name = "bytes-gt", .type = number},
    {.name = "update-subcounters", .type = none, .invertible = true},
};
constexpr ModuleName kMatchSetModules[] = {
    {.name = "xt_set", .since = {2, 6, 39}},
};

constexpr Option kMatchSocketOptions[] = {
    {.name = "transparent", .type = none},
    {.name = "nowildcard", .type = none},
    {.name = "restore-skmark", .type = none},
};
constexpr ModuleName kMatchSocketModules[] = {
    {.name = "xt_socket", .since = {2, 6, 28}},
};

constexpr Option kMatchSrhOptions[] = {
    {.name = "srh-next-hdr", .type = number, .invertible = true, .max = 255},
    {.name = "srh-hdr-len-eq", .type = number, .invertible = true, .max = 255},
    {.name = "srh-hdr-len-gt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-hdr-len-lt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-segs-left-eq", .type = number, .invertible = true, .max = 255},
    {.name = "srh-segs-left-gt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-segs-left-lt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-last-entry-eq", .type = number, .invertible = true, .max = 255},
    {.name = "srh-last-entry-gt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-last-entry-lt", .type = number, .invertible = true, .max = 255},
    {.name = "srh-tag", .type = number, .invertible = true, .max = 65535},
    {.name = "srh-psid", .type = address, .invertible = true},
    {.name = "srh-nsid", .type = address, .invertible = true},
    {.name = "srh-lsid", .type = address, .invertible = true},
};
constexpr ModuleName kMatchSrhModules[] = {
    {.name = "ip6t_srh", .since = {4, 16, 0}},
};

constexpr Option kMatchStateOptions[] = {
    {.name = "state",
     .type = ct_states,
     .invertible = true,
     .field = Field::ct_state,
     .mandatory = true},
};
constexpr ModuleName kMatchStateModules[] = {
    {.name = "xt_conntrack", .since = {3, 8, 0}},
    {.name = "xt_state", .since = {2, 6, 16}, .before = {3, 8, 0}},
    {.name = "ipt_state", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr std::string_view kStatisticModeWords[] = {"random", "nth"};
constexpr Option kMatchStatisticOptions[] = {
    {.name = "mode", .type = enumeration, .words = kStatisticModeWords, .mandatory = true},
    {.name = "probability", .type = decimal, .invertible = true, .max = 1},
    {.name = "every", .type = number, .invertible = true, .min = 1, .max = 4294967295},
    {.name = "packet", .type = number, .max = 4294967295},
};
constexpr ModuleName kMatchStatisticModules[] = {
    {.name = "xt_statistic", .since = {2, 6, 18}},
};

constexpr std::string_view kStringAlgoWords[] = {"bm", "kmp"};
constexpr Option kMatchStringOptions[] = {
    {.name = "from", .type = number, .max = 65535},
    {.name = "to", .type = number, .max = 65535},
    {.name = "algo", .type = enumeration, .words = kStringAlgoWords, .mandatory = true},
    {.name = "string", .type = text, .invertible = true},
    {.name = "hex-string", .type = text, .invertible = true},
    {.name = "icase", .type = none},
};
constexpr ModuleName kMatchStringModules[] = {
    {.name = "xt_string", .since = {2, 6, 16}},
    {.name = "ipt_string", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchTcpOptions[] = {
    {.name = "source-port", .type = port_range, .invertible = true, .field = Field::source_port},
    {.name = "sport",
     .type = port_range,
     .invertible = true,
     .field = Field::source_port,
     .alias_of = "source-port"},
    {.name = "destination-port",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port},
    {.name = "dport",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port,
     .alias_of = "destination-port"},
    {.name = "syn", .type = none, .invertible = true, .field = Field::tcp_flags},
    {.name = "tcp-flags", .type = tcp_flags, .invertible = true, .field = Field::tcp_flags},
    {.name = "tcp-option",
     .type = number,
     .invertible = true,
     .field = Field::tcp_option,
     .min = 1,
     .max = 255},
};
constexpr ModuleName kMatchTcpModules[] = {
    {.name = "xt_tcpudp", .since = {2, 6, 16}},
};

constexpr Option kMatchTcpmssOptions[] = {
    {.name = "mss", .type = number_range, .invertible = true, .mandatory = true, .max = 65535},
};
constexpr ModuleName kMatchTcpmssModules[] = {
    {.name = "xt_tcpmss", .since = {2, 6, 16}},
    {.name = "ipt_tcpmss", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kMatchTimeOptions[] = {
    {.name = "datestart", .type = text},
    {.name = "datestop", .type = text},
    {.name = "timestart", .type = text},
    {.name = "timestop", .type = text},
    {.name = "contiguous", .type = none},
    {.name = "weekdays", .type = text, .invertible = true},
    {.name = "monthdays", .type = text, .invertible = true},
    {.name = "localtz", .type = none},
    {.name = "utc", .type = none},
    {.name = "kerneltz", .type = none},
};
constexpr ModuleName kMatchTimeModules[] = {
    {.name = "xt_time", .since = {2, 6, 24}},
};

constexpr Option kMatchTosOptions[] = {
    {.name = "tos", .type = tos, .invertible = true, .mandatory = true, .max = 63},
};
constexpr ModuleName kMatchTosModules[] = {
    {.name = "xt_dscp", .since = {2, 6, 25}},
    {.name = "ipt_tos", .ip_versions = IpVersion::ipv4, .before = {2, 6, 25}},
};

constexpr Option kMatchTtlOptions[] = {
    {.name = "ttl-lt", .type = number, .field = Field::ttl, .max = 255},
    {.name = "ttl-gt", .type = number, .field = Field::ttl, .max = 255},
    {.name = "ttl-eq", .type = number, .invertible = true, .field = Field::ttl, .max = 255},
    {.name = "ttl",
     .type = number,
     .invertible = true,
     .field = Field::ttl,
     .alias_of = "ttl-eq",
     .max = 255},
};
constexpr ModuleName kMatchTtlModules[] = {
    {.name = "xt_hl", .since = {2, 6, 30}},
    {.name = "ipt_ttl", .ip_versions = IpVersion::ipv4, .before = {2, 6, 30}},
};

constexpr Option kMatchU32Options[] = {
    {.name = "u32", .type = text, .invertible = true, .mandatory = true},
};
constexpr ModuleName kMatchU32Modules[] = {
    {.name = "xt_u32", .since = {2, 6, 23}},
};

constexpr Option kMatchUdpOptions[] = {
    {.name = "source-port", .type = port_range, .invertible = true, .field = Field::source_port},
    {.name = "sport",
     .type = port_range,
     .invertible = true,
     .field = Field::source_port,
     .alias_of = "source-port"},
    {.name = "destination-port",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port},
    {.name = "dport",
     .type = port_range,
     .invertible = true,
     .field = Field::destination_port,
     .alias_of = "destination-port"},
};
constexpr ModuleName kMatchUdpModules[] = {
    {.name = "xt_tcpudp", .since = {2, 6, 16}},
};

constexpr Extension kRows[] = {
    {.name = "addrtype",
     .kind = ExtensionKind::match,
     .options = kMatchAddrtypeOptions,
     .modules = kMatchAddrtypeModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches the routing type of the source or destination address",
     .evidence = kMeasured},
    {.name = "ah",
     .kind = ExtensionKind::match,
     .protocol = "ah",
     .options = kMatchAhOptions,
     .modules = kMatchAhModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches the SPI of an IPsec authentication header",
     .evidence = kMeasured},
    {.name = "bpf",
     .kind = ExtensionKind::match,
     .options = kMatchBpfOptions,
     .modules = kMatchBpfModules,
     .role = Role::packet_field,
     .summary = "runs a Berkeley packet filter program over the packet",
     .evidence = kMeasured},
    {.name = "cgroup",
     .kind = ExtensionKind::match,
     .options = kMatchCgroupOptions,
     .modules = kMatchCgroupModules,
     .role = Role::host_fact,
     .chains = "INPUT,OUTPUT,POSTROUTING",
     .summary = "matches the control group of the sending or receiving process",
     .evidence = kMeasured},
    {.name = "cluster",
     .kind = ExtensionKind::match,
     .options = kMatchClusterOptions,
     .modules = kMatchClusterModules,
     .tracking = Tracking::always,
     .role = Role::entry_match,
     .summary =
         "decides by a hash of the connection's source address which node of a cluster takes it",
     .evidence = kMeasured},
    {.name = "comment",
     .kind = ExtensionKind::match,
     .options = kMatchCommentOptions,
     .modules = kMatchCommentModules,
     .exactness = Exactness::exact,
     .role = Role::annotation,
     .summary = "carries a remark and matches every packet",
     .evidence = kMeasured},
    {.name = "connbytes",
     .kind = ExtensionKind::match,
     .options = kMatchConnbytesOptions,
     .modules = kMatchConnbytesModules,
     .tracking = Tracking::always,
     .role = Role::entry_match,
     .summary = "matches the bytes or packets a connection has transferred so far",
     .evidence = kMeasured},
    {.name = "connlabel",
     .kind = ExtensionKind::match,
     .options = kMatchConnlabelOptions,
     .modules = kMatchConnlabelModules,
     .tracking = Tracking::always,
     .role = Role::entry_match,
     .summary = "matches or sets a label bit kept in the connection's entry",
     .evidence = kMeasured},
    {.name = "connlimit",
     .kind = ExtensionKind::match,
     .options = kMatchConnlimitOptions,
     .modules = kMatchConnlimitModules,
     .tracking = Tracking::always,
     .role = Role::connection_count,
     .summary = "limits the number of connections per address or network",
     .evidence = kMeasured},
    {.name = "connmark",
     .kind = ExtensionKind::match,
     .options = kMatchConnmarkOptions,
     .modules = kMatchConnmarkModules,
     .tracking = Tracking::always,
     .role = Role::connmark,
     .summary = "matches the mark kept in the connection's entry",
     .evidence = kMeasured},
    {.name = "conntrack",
     .kind = ExtensionKind::match,
     .options = kMatchConntrackOptions,
     .modules = kMatchConntrackModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::state_match,
     .summary = "matches the state of the connection or other things kept in its entry",
     .evidence = kMeasured},
    {.name = "cpu",
     .kind = ExtensionKind::match,
     .options = kMatchCpuOptions,
     .modules = kMatchCpuModules,
     .role = Role::host_fact,
     .summary = "matches the processor that handles the packet",
     .evidence = kMeasured},
    {.name = "dccp",
     .kind = ExtensionKind::match,
     .protocol = "dccp",
     .options = kMatchDccpOptions,
     .modules = kMatchDccpModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches ports, packet types and options of DCCP",
     .evidence = kMeasured},
    {.name = "devgroup",
     .kind = ExtensionKind::match,
     .options = kMatchDevgroupOptions,
     .modules = kMatchDevgroupModules,
     .role = Role::host_fact,
     .summary = "matches the group of the incoming or outgoing interface",
     .evidence = kMeasured},
    {.name = "dscp",
     .kind = ExtensionKind::match,
     .options = kMatchDscpOptions,
     .modules = kMatchDscpModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the differentiated services code point",
     .evidence = kMeasured},
    {.name = "dst",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchDstOptions,
     .modules = kMatchDstModules,
     .role = Role::packet_field,
     .summary = "matches the IPv6 destination options header",
     .evidence = kMeasured},
    {.name = "ecn",
     .kind = ExtensionKind::match,
     .options = kMatchEcnOptions,
     .modules = kMatchEcnModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches the explicit congestion notification bits of the IP and TCP headers",
     .evidence = kMeasured},
    {.name = "esp",
     .kind = ExtensionKind::match,
     .protocol = "esp",
     .options = kMatchEspOptions,
     .modules = kMatchEspModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the SPI of IPsec ESP",
     .evidence = kMeasured},
    {.name = "eui64",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .modules = kMatchEui64Modules,
     .role = Role::packet_field,
     .chains = "PREROUTING,INPUT,FORWARD",
     .summary = "matches if the interface identifier of the IPv6 source address is made from the "
                "frame's MAC address",
     .evidence = kMeasured},
    {.name = "frag",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchFragOptions,
     .modules = kMatchFragModules,
     .role = Role::packet_field,
     .summary = "matches the IPv6 fragment header",
     .evidence = kMeasured},
    {.name = "hashlimit",
     .kind = ExtensionKind::match,
     .options = kMatchHashlimitOptions,
     .modules = kMatchHashlimitModules,
     .role = Role::history,
     .summary = "limits the rate per address, port or network",
     .evidence = kMeasured},
    {.name = "hbh",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchHbhOptions,
     .modules = kMatchHbhModules,
     .role = Role::packet_field,
     .summary = "matches the IPv6 hop-by-hop options header",
     .evidence = kMeasured},
    {.name = "helper",
     .kind = ExtensionKind::match,
     .options = kMatchHelperOptions,
     .modules = kMatchHelperModules,
     .tracking = Tracking::always,
     .role = Role::helper,
     .summary = "matches packets of connections that a helper follows or expected",
     .evidence = kMeasured},
    {.name = "hl",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchHlOptions,
     .modules = kMatchHlModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the hop limit of IPv6",
     .evidence = kMeasured},
    {.name = "icmp",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv4,
     .protocol = "icmp",
     .options = kMatchIcmpOptions,
     .modules = kMatchIcmpModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the type and code of ICMP",
     .evidence = kMeasured},
    {.name = "icmp6",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .protocol = "ipv6-icmp",
     .options = kMatchIcmp6Options,
     .modules = kMatchIcmp6Modules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the type and code of ICMPv6",
     .evidence = kMeasured},
    {.name = "ipcomp",
     .kind = ExtensionKind::match,
     .protocol = "ipcomp",
     .options = kMatchIpcompOptions,
     .modules = kMatchIpcompModules,
     .role = Role::packet_field,
     .summary = "matches the compression parameter index of IPComp",
     .evidence = kMeasured},
    {.name = "iprange",
     .kind = ExtensionKind::match,
     .options = kMatchIprangeOptions,
     .modules = kMatchIprangeModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches source or destination addresses from one to another",
     .evidence = kMeasured},
    {.name = "ipv6header",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchIpv6headerOptions,
     .modules = kMatchIpv6headerModules,
     .role = Role::packet_field,
     .summary = "matches which IPv6 extension headers are present",
     .evidence = kMeasured},
    {.name = "ipvs",
     .kind = ExtensionKind::match,
     .options = kMatchIpvsOptions,
     .modules = kMatchIpvsModules,
     .role = Role::host_fact,
     .summary = "matches properties of the IPVS connection",
     .evidence = "options: libxtables 1.8.9; tracking: source: xt_ipvs.c takes no reference to "
                 "conntrack (ipvs_mt_check only tests the family), not in the measured kernel"},
    {.name = "length",
     .kind = ExtensionKind::match,
     .options = kMatchLengthOptions,
     .modules = kMatchLengthModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the length of the packet",
     .evidence = kMeasured},
    {.name = "limit",
     .kind = ExtensionKind::match,
     .options = kMatchLimitOptions,
     .modules = kMatchLimitModules,
     .role = Role::history,
     .summary = "limits the rate with a token bucket",
     .evidence = kMeasured},
    {.name = "mac",
     .kind = ExtensionKind::match,
     .options = kMatchMacOptions,
     .modules = kMatchMacModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .chains = "PREROUTING,INPUT,FORWARD",
     .summary = "matches the source address of the Ethernet frame",
     .evidence = kMeasured},
    {.name = "mark",
     .kind = ExtensionKind::match,
     .options = kMatchMarkOptions,
     .modules = kMatchMarkModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the packet mark",
     .evidence = kMeasured},
    {.name = "mh",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .protocol = "mh",
     .options = kMatchMhOptions,
     .modules = kMatchMhModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches the type of the IPv6 mobility header",
     .evidence = kMeasured},
    {.name = "multiport",
     .kind = ExtensionKind::match,
     .options = kMatchMultiportOptions,
     .modules = kMatchMultiportModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches up to fifteen ports or port ranges",
     .evidence = kMeasured},
    {.name = "nfacct",
     .kind = ExtensionKind::match,
     .options = kMatchNfacctOptions,
     .modules = kMatchNfacctModules,
     .role = Role::history,
     .summary = "counts in a named accounting object and matches every packet",
     .evidence = kMeasured},
    {.name = "osf",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv4,
     .options = kMatchOsfOptions,
     .modules = kMatchOsfModules,
     .role = Role::packet_field,
     .chains = "PREROUTING,INPUT,FORWARD",
     .summary = "guesses the operating system from a TCP SYN",
     .evidence = kMeasured},
    {.name = "owner",
     .kind = ExtensionKind::match,
     .options = kMatchOwnerOptions,
     .modules = kMatchOwnerModules,
     .role = Role::host_fact,
     .chains = "OUTPUT,POSTROUTING",
     .summary = "matches the user or group of the process that made the packet",
     .evidence = kMeasured},
    {.name = "physdev",
     .kind = ExtensionKind::match,
     .options = kMatchPhysdevOptions,
     .modules = kMatchPhysdevModules,
     .role = Role::host_fact,
     .summary = "matches the bridge port of a bridged packet",
     .evidence = kMeasured},
    {.name = "pkttype",
     .kind = ExtensionKind::match,
     .options = kMatchPkttypeOptions,
     .modules = kMatchPkttypeModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches unicast, broadcast or multicast of the link layer",
     .evidence = kMeasured},
    {.name = "policy",
     .kind = ExtensionKind::match,
     .options = kMatchPolicyOptions,
     .modules = kMatchPolicyModules,
     .role = Role::packet_field,
     .summary = "matches the IPsec policy used or to be used",
     .evidence = kMeasured},
    {.name = "quota",
     .kind = ExtensionKind::match,
     .options = kMatchQuotaOptions,
     .modules = kMatchQuotaModules,
     .role = Role::history,
     .summary = "matches until a number of bytes is used up",
     .evidence = kMeasured},
    {.name = "rateest",
     .kind = ExtensionKind::match,
     .options = kMatchRateestOptions,
     .modules = kMatchRateestModules,
     .role = Role::history,
     .summary = "compares measured rates with limits",
     .evidence = kMeasured},
    {.name = "realm",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv4,
     .options = kMatchRealmOptions,
     .modules = kMatchRealmModules,
     .role = Role::host_fact,
     .chains = "INPUT,FORWARD,OUTPUT,POSTROUTING",
     .summary = "matches the routing realm",
     .evidence = kMeasured},
    {.name = "recent",
     .kind = ExtensionKind::match,
     .options = kMatchRecentOptions,
     .modules = kMatchRecentModules,
     .role = Role::history,
     .summary = "keeps and matches lists of addresses seen",
     .evidence = kMeasured},
    {.name = "rpfilter",
     .kind = ExtensionKind::match,
     .options = kMatchRpfilterOptions,
     .modules = kMatchRpfilterModules,
     .role = Role::host_fact,
     .tables = "mangle,raw",
     .chains = "PREROUTING",
     .summary = "matches if a reply would leave by the interface the packet came in",
     .evidence = kMeasured},
    {.name = "rt",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchRtOptions,
     .modules = kMatchRtModules,
     .role = Role::packet_field,
     .summary = "matches the IPv6 routing header",
     .evidence = kMeasured},
    {.name = "sctp",
     .kind = ExtensionKind::match,
     .protocol = "sctp",
     .options = kMatchSctpOptions,
     .modules = kMatchSctpModules,
     .exactness = Exactness::over_approximated,
     .role = Role::packet_field,
     .summary = "matches ports and chunk types of SCTP",
     .evidence = kMeasured},
    {.name = "set",
     .kind = ExtensionKind::match,
     .options = kMatchSetOptions,
     .modules = kMatchSetModules,
     .exactness = Exactness::over_approximated,
     .role = Role::host_fact,
     .summary = "matches if address, port or interface is in an ipset",
     .evidence = kMeasured},
    {.name = "socket",
     .kind = ExtensionKind::match,
     .options = kMatchSocketOptions,
     .modules = kMatchSocketModules,
     .role = Role::host_fact,
     .chains = "PREROUTING,INPUT",
     .summary = "matches if a local socket takes the packet",
     .evidence = kMeasured},
    {.name = "srh",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv6,
     .options = kMatchSrhOptions,
     .modules = kMatchSrhModules,
     .role = Role::packet_field,
     .summary = "matches the IPv6 segment routing header",
     .evidence = kMeasured},
    {.name = "state",
     .kind = ExtensionKind::match,
     .old_name_of = "conntrack",
     .options = kMatchStateOptions,
     .modules = kMatchStateModules,
     .tracking = Tracking::always,
     .exactness = Exactness::exact,
     .role = Role::state_match,
     .summary = "matches the state of the connection",
     .evidence = kMeasured},
    {.name = "statistic",
     .kind = ExtensionKind::match,
     .options = kMatchStatisticOptions,
     .modules = kMatchStatisticModules,
     .role = Role::history,
     .summary = "matches at random or every nth packet",
     .evidence = kMeasured},
    {.name = "string",
     .kind = ExtensionKind::match,
     .options = kMatchStringOptions,
     .modules = kMatchStringModules,
     .role = Role::packet_field,
     .summary = "searches the packet for bytes",
     .evidence = kMeasured},
    {.name = "tcp",
     .kind = ExtensionKind::match,
     .protocol = "tcp",
     .options = kMatchTcpOptions,
     .modules = kMatchTcpModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches ports, flags and options of TCP",
     .evidence = kMeasured},
    {.name = "tcpmss",
     .kind = ExtensionKind::match,
     .options = kMatchTcpmssOptions,
     .modules = kMatchTcpmssModules,
     .role = Role::packet_field,
     .summary = "matches the maximum segment size option of TCP",
     .evidence = kMeasured},
    {.name = "time",
     .kind = ExtensionKind::match,
     .options = kMatchTimeOptions,
     .modules = kMatchTimeModules,
     .role = Role::history,
     .summary = "matches by the time of arrival",
     .evidence = kMeasured},
    {.name = "tos",
     .kind = ExtensionKind::match,
     .options = kMatchTosOptions,
     .modules = kMatchTosModules,
     .role = Role::packet_field,
     .summary = "matches the type of service byte",
     .evidence = kMeasured},
    {.name = "ttl",
     .kind = ExtensionKind::match,
     .ip_versions = IpVersion::ipv4,
     .options = kMatchTtlOptions,
     .modules = kMatchTtlModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches the time to live of IPv4",
     .evidence = kMeasured},
    {.name = "u32",
     .kind = ExtensionKind::match,
     .options = kMatchU32Options,
     .modules = kMatchU32Modules,
     .role = Role::packet_field,
     .summary = "compares computed 32-bit words of the packet",
     .evidence = kMeasured},
    {.name = "udp",
     .kind = ExtensionKind::match,
     .protocol = "udp",
     .options = kMatchUdpOptions,
     .modules = kMatchUdpModules,
     .exactness = Exactness::exact,
     .role = Role::packet_field,
     .summary = "matches ports of UDP",
     .evidence = kMeasured},
};

}  // namespace

std::span<const Extension> match_rows() { return kRows; }

}  // namespace untrack::catalog
