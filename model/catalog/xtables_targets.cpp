// table
// The targets that iptables 1.8.9 ships (-j), in byte order of their names.
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

constexpr std::string_view kAUDITTypeWords[] = {"accept", "drop", "reject"};
constexpr Option kTargetAUDITOptions[] = {
    {.name = "type", .type = enumeration, .words = kAUDITTypeWords, .mandatory = true},
};
constexpr ModuleName kTargetAUDITModules[] = {
    {.name = "xt_AUDIT", .since = {2, 6, 39}},
};

constexpr Option kTargetCHECKSUMOptions[] = {
    {.name = "checksum-fill", .type = none, .mandatory = true},
};
constexpr ModuleName kTargetCHECKSUMModules[] = {
    {.name = "xt_CHECKSUM", .since = {2, 6, 36}},
};

constexpr Option kTargetCLASSIFYOptions[] = {
    {.name = "set-class", .type = text, .mandatory = true},
};
constexpr ModuleName kTargetCLASSIFYModules[] = {
    {.name = "xt_CLASSIFY", .since = {2, 6, 16}},
    {.name = "ipt_CLASSIFY", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr std::string_view kCLUSTERIPHashmodeWords[] = {"sourceip", "sourceip-sourceport",
                                                        "sourceip-sourceport-destport"};
constexpr Option kTargetCLUSTERIPOptions[] = {
    {.name = "new", .type = none},
    {.name = "hashmode", .type = enumeration, .words = kCLUSTERIPHashmodeWords},
    {.name = "clustermac", .type = mac},
    {.name = "total-nodes", .type = number, .max = 16},
    {.name = "local-node", .type = number, .max = 16},
    {.name = "hash-init", .type = number, .max = 4294967295},
};
constexpr ModuleName kTargetCLUSTERIPModules[] = {
    {.name = "ipt_CLUSTERIP", .ip_versions = IpVersion::ipv4, .before = {6, 3, 0}},
};

constexpr Option kTargetCONNMARKOptions[] = {
    {.name = "set-xmark", .type = value_mask},
    {.name = "set-mark", .type = value_mask},
    {.name = "and-mark", .type = number, .max = 4294967295},
    {.name = "or-mark", .type = number, .max = 4294967295},
    {.name = "xor-mark", .type = number, .max = 4294967295},
    {.name = "save-mark", .type = none},
    {.name = "restore-mark", .type = none},
    {.name = "left-shift-mark", .type = number, .max = 32},
    {.name = "right-shift-mark", .type = number, .max = 32},
    {.name = "ctmask", .type = number, .max = 4294967295},
    {.name = "nfmask", .type = number, .max = 4294967295},
    {.name = "mask", .type = number, .max = 4294967295},
};
constexpr ModuleName kTargetCONNMARKModules[] = {
    {.name = "xt_connmark", .since = {2, 6, 36}},
    {.name = "xt_CONNMARK", .since = {2, 6, 16}, .before = {2, 6, 36}},
    {.name = "ipt_CONNMARK", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kTargetCONNSECMARKOptions[] = {
    {.name = "save", .type = none},
    {.name = "restore", .type = none},
};
constexpr ModuleName kTargetCONNSECMARKModules[] = {
    {.name = "xt_CONNSECMARK", .since = {2, 6, 18}},
};

constexpr std::string_view kCTCteventsWords[] = {"new",        "related",   "destroy", "reply",
                                                 "assured",    "protoinfo", "helper",  "mark",
                                                 "natseqinfo", "secmark"};
constexpr std::string_view kCTExpeventsWords[] = {"new"};
constexpr Option kTargetCTOptions[] = {
    {.name = "notrack", .type = none},
    {.name = "helper", .type = text},
    {.name = "timeout", .type = text},
    {.name = "ctevents", .type = enumeration_list, .words = kCTCteventsWords},
    {.name = "expevents", .type = enumeration_list, .words = kCTExpeventsWords},
    {.name = "zone-orig", .type = text},
    {.name = "zone-reply", .type = text},
    {.name = "zone", .type = text},
};
constexpr ModuleName kTargetCTModules[] = {
    {.name = "xt_CT", .since = {2, 6, 34}},
};

constexpr Option kTargetDNATOptions[] = {
    {.name = "to-destination", .type = nat_target, .mandatory = true},
    {.name = "random", .type = none},
    {.name = "persistent", .type = none},
};
constexpr ModuleName kTargetDNATModules[] = {
    {.name = "xt_nat", .since = {3, 7, 0}},
    {.name = "iptable_nat", .ip_versions = IpVersion::ipv4, .before = {3, 7, 0}},
};

constexpr Option kTargetDNPTOptions[] = {
    {.name = "src-pfx", .type = address, .mandatory = true},
    {.name = "dst-pfx", .type = address, .mandatory = true},
};
constexpr ModuleName kTargetDNPTModules[] = {
    {.name = "ip6t_NPT", .since = {3, 7, 0}},
};

constexpr Option kTargetDSCPOptions[] = {
    {.name = "set-dscp", .type = number, .max = 63},
    {.name = "set-dscp-class", .type = dscp_class},
};
constexpr ModuleName kTargetDSCPModules[] = {
    {.name = "xt_DSCP", .since = {2, 6, 19}},
    {.name = "ipt_DSCP", .ip_versions = IpVersion::ipv4, .before = {2, 6, 19}},
};

constexpr Option kTargetECNOptions[] = {
    {.name = "ecn-tcp-remove", .type = none},
    {.name = "ecn-tcp-cwr", .type = number, .max = 1},
    {.name = "ecn-tcp-ece", .type = number, .max = 1},
    {.name = "ecn-ip-ect", .type = number, .max = 3},
};
constexpr ModuleName kTargetECNModules[] = {
    {.name = "ipt_ECN"},
};

constexpr Option kTargetHLOptions[] = {
    {.name = "hl-set", .type = number, .max = 255},
    {.name = "hl-dec", .type = number, .min = 1, .max = 255},
    {.name = "hl-inc", .type = number, .min = 1, .max = 255},
};
constexpr ModuleName kTargetHLModules[] = {
    {.name = "xt_HL", .since = {2, 6, 30}},
    {.name = "ip6t_HL", .ip_versions = IpVersion::ipv6, .before = {2, 6, 30}},
};

constexpr std::string_view kHMARKHmarkTupleWords[] = {"src", "dst",   "sport", "dport",
                                                      "spi", "proto", "ct"};
constexpr Option kTargetHMARKOptions[] = {
    {.name = "hmark-tuple", .type = enumeration_list, .words = kHMARKHmarkTupleWords},
    {.name = "hmark-src-prefix", .type = prefix_length},
    {.name = "hmark-dst-prefix", .type = prefix_length},
    {.name = "hmark-sport-mask", .type = number, .max = 65535},
    {.name = "hmark-dport-mask", .type = number, .max = 65535},
    {.name = "hmark-spi-mask", .type = number, .max = 4294967295},
    {.name = "hmark-sport", .type = number, .max = 65535},
    {.name = "hmark-dport", .type = number, .max = 65535},
    {.name = "hmark-spi", .type = number, .max = 4294967295},
    {.name = "hmark-proto-mask", .type = number, .max = 65535},
    {.name = "hmark-rnd", .type = number, .max = 4294967295},
    {.name = "hmark-mod", .type = number, .mandatory = true, .min = 1, .max = 4294967295},
    {.name = "hmark-offset", .type = number, .max = 4294967295},
};
constexpr ModuleName kTargetHMARKModules[] = {
    {.name = "xt_HMARK", .since = {3, 5, 0}},
};

constexpr Option kTargetIDLETIMEROptions[] = {
    {.name = "timeout", .type = number, .mandatory = true, .max = 4294967295},
    {.name = "label", .type = text, .mandatory = true},
    {.name = "alarm", .type = none},
};
constexpr ModuleName kTargetIDLETIMERModules[] = {
    {.name = "xt_IDLETIMER", .since = {2, 6, 36}},
};

constexpr Option kTargetLEDOptions[] = {
    {.name = "led-trigger-id", .type = text, .mandatory = true, .max = 16},
    {.name = "led-delay", .type = text},
    {.name = "led-always-blink", .type = none},
};
constexpr ModuleName kTargetLEDModules[] = {
    {.name = "xt_LED", .since = {2, 6, 30}},
};

constexpr Option kTargetLOGOptions[] = {
    {.name = "log-level", .type = log_level},   {.name = "log-prefix", .type = text, .min = 1},
    {.name = "log-tcp-sequence", .type = none}, {.name = "log-tcp-options", .type = none},
    {.name = "log-ip-options", .type = none},   {.name = "log-uid", .type = none},
    {.name = "log-macdecode", .type = none},
};
constexpr ModuleName kTargetLOGModules[] = {
    {.name = "xt_LOG", .since = {3, 4, 0}},
    {.name = "ipt_LOG", .ip_versions = IpVersion::ipv4, .before = {3, 4, 0}},
    {.name = "ip6t_LOG", .ip_versions = IpVersion::ipv6, .before = {3, 4, 0}},
};

constexpr Option kTargetMARKOptions[] = {
    {.name = "set-xmark", .type = value_mask},
    {.name = "set-mark", .type = value_mask},
    {.name = "and-mark", .type = number, .max = 4294967295},
    {.name = "or-mark", .type = number, .max = 4294967295},
    {.name = "xor-mark", .type = number, .max = 4294967295},
};
constexpr ModuleName kTargetMARKModules[] = {
    {.name = "xt_mark", .since = {2, 6, 36}},
    {.name = "xt_MARK", .since = {2, 6, 16}, .before = {2, 6, 36}},
    {.name = "ipt_MARK", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
    {.name = "ip6t_MARK", .ip_versions = IpVersion::ipv6, .before = {2, 6, 16}},
};

constexpr Option kTargetMASQUERADEOptions[] = {
    {.name = "to-ports", .type = nat_ports},
    {.name = "random", .type = none},
    {.name = "random-fully", .type = none},
};
constexpr ModuleName kTargetMASQUERADEModules[] = {
    {.name = "xt_MASQUERADE", .since = {5, 2, 0}},
    {.name = "ipt_MASQUERADE", .ip_versions = IpVersion::ipv4, .before = {5, 2, 0}},
    {.name = "ip6t_MASQUERADE",
     .ip_versions = IpVersion::ipv6,
     .since = {3, 7, 0},
     .before = {5, 2, 0}},
};

constexpr Option kTargetNETMAPOptions[] = {
    {.name = "to", .type = address, .mandatory = true},
};
constexpr ModuleName kTargetNETMAPModules[] = {
    {.name = "xt_NETMAP", .since = {3, 7, 0}},
    {.name = "ipt_NETMAP", .ip_versions = IpVersion::ipv4, .before = {3, 7, 0}},
};

constexpr Option kTargetNFLOGOptions[] = {
    {.name = "nflog-group", .type = number, .max = 65535},
    {.name = "nflog-prefix", .type = text, .min = 1},
    {.name = "nflog-range", .type = number, .max = 4294967295},
    {.name = "nflog-size", .type = number, .max = 4294967295},
    {.name = "nflog-threshold", .type = number, .max = 65535},
};
constexpr ModuleName kTargetNFLOGModules[] = {
    {.name = "xt_NFLOG", .since = {2, 6, 20}},
};

constexpr Option kTargetNFQUEUEOptions[] = {
    {.name = "queue-num", .type = number, .max = 65535},
    {.name = "queue-balance", .type = number_range, .max = 65534},
    {.name = "queue-bypass", .type = none},
    {.name = "queue-cpu-fanout", .type = none},
};
constexpr ModuleName kTargetNFQUEUEModules[] = {
    {.name = "xt_NFQUEUE", .since = {2, 6, 16}},
    {.name = "ipt_NFQUEUE", .before = {2, 6, 16}},
};

constexpr ModuleName kTargetNOTRACKModules[] = {
    {.name = "xt_CT", .since = {3, 8, 0}},
    {.name = "xt_NOTRACK", .since = {2, 6, 16}, .before = {3, 8, 0}},
    {.name = "ipt_NOTRACK", .ip_versions = IpVersion::ipv4, .before = {2, 6, 16}},
};

constexpr Option kTargetRATEESTOptions[] = {
    {.name = "rateest-name", .type = text, .mandatory = true},
    {.name = "rateest-interval", .type = text, .mandatory = true},
    {.name = "rateest-ewmalog", .type = text, .mandatory = true},
};
constexpr ModuleName kTargetRATEESTModules[] = {
    {.name = "xt_RATEEST", .since = {2, 6, 25}},
};

constexpr Option kTargetREDIRECTOptions[] = {
    {.name = "to-ports", .type = nat_ports},
    {.name = "random", .type = none},
};
constexpr ModuleName kTargetREDIRECTModules[] = {
    {.name = "xt_REDIRECT", .since = {3, 7, 0}},
    {.name = "ipt_REDIRECT", .ip_versions = IpVersion::ipv4, .before = {3, 7, 0}},
};

constexpr Option kTargetREJECTOptions[] = {
    {.name = "reject-with", .type = reject_type},
};
constexpr ModuleName kTargetREJECTModules[] = {
    {.name = "ipt_REJECT", .ip_versions = IpVersion::ipv4},
    {.name = "ip6t_REJECT", .ip_versions = IpVersion::ipv6},
};

constexpr Option kTargetSECMARKOptions[] = {
    {.name = "selctx", .type = text, .mandatory = true},
};
constexpr ModuleName kTargetSECMARKModules[] = {
    {.name = "xt_SECMARK", .since = {2, 6, 18}},
};

constexpr Option kTargetSETOptions[] = {
    {.name = "add-set", .type = set_reference},
    {.name = "del-set", .type = set_reference},
    {.name = "exist", .type = none},
    {.name = "timeout", .type = number, .max = 4294967294},
    {.name = "map-set", .type = set_reference},
    {.name = "map-mark", .type = none},
    {.name = "map-prio", .type = none},
    {.name = "map-queue", .type = none},
};
constexpr ModuleName kTargetSETModules[] = {
    {.name = "xt_set", .since = {2, 6, 39}},
};

constexpr Option kTargetSNATOptions[] = {
    {.name = "to-source", .type = nat_target, .mandatory = true},
    {.name = "random", .type = none},
    {.name = "random-fully", .type = none},
    {.name = "persistent", .type = none},
};
constexpr ModuleName kTargetSNATModules[] = {
    {.name = "xt_nat", .since = {3, 7, 0}},
    {.name = "iptable_nat", .ip_versions = IpVersion::ipv4, .before = {3, 7, 0}},
};

constexpr Option kTargetSNPTOptions[] = {
    {.name = "src-pfx", .type = address, .mandatory = true},
    {.name = "dst-pfx", .type = address, .mandatory = true},
};
constexpr ModuleName kTargetSNPTModules[] = {
    {.name = "ip6t_NPT", .since = {3, 7, 0}},
};

constexpr Option kTargetSYNPROXYOptions[] = {
    {.name = "sack-perm", .type = none},
    {.name = "timestamp", .type = none},
    {.name = "wscale", .type = number, .max = 4294967295},
    {.name = "mss", .type = number, .max = 4294967295},
    {.name = "ecn", .type = none},
};
constexpr ModuleName kTargetSYNPROXYModules[] = {
    {.name = "ipt_SYNPROXY", .ip_versions = IpVersion::ipv4, .since = {3, 12, 0}},
    {.name = "ip6t_SYNPROXY", .ip_versions = IpVersion::ipv6, .since = {3, 12, 0}},
};

constexpr Option kTargetTCPMSSOptions[] = {
    {.name = "set-mss", .type = number, .max = 65515},
    {.name = "clamp-mss-to-pmtu", .type = none},
};
constexpr ModuleName kTargetTCPMSSModules[] = {
    {.name = "xt_TCPMSS", .since = {2, 6, 21}},
    {.name = "ipt_TCPMSS", .ip_versions = IpVersion::ipv4, .before = {2, 6, 21}},
};

constexpr Option kTargetTCPOPTSTRIPOptions[] = {
    {.name = "strip-options", .type = text},
};
constexpr ModuleName kTargetTCPOPTSTRIPModules[] = {
    {.name = "xt_TCPOPTSTRIP", .since = {2, 6, 25}},
};

constexpr Option kTargetTEEOptions[] = {
    {.name = "gateway", .type = address, .mandatory = true},
    {.name = "oif", .type = interface},
};
constexpr ModuleName kTargetTEEModules[] = {
    {.name = "xt_TEE", .since = {2, 6, 36}},
};

constexpr Option kTargetTOSOptions[] = {
    {.name = "set-tos", .type = tos, .max = 63},
    {.name = "and-tos", .type = number, .max = 255},
    {.name = "or-tos", .type = number, .max = 255},
    {.name = "xor-tos", .type = number, .max = 255},
};
constexpr ModuleName kTargetTOSModules[] = {
    {.name = "xt_DSCP", .since = {2, 6, 25}},
    {.name = "ipt_TOS", .ip_versions = IpVersion::ipv4, .before = {2, 6, 25}},
};

constexpr Option kTargetTPROXYOptions[] = {
    {.name = "on-port", .type = port, .mandatory = true},
    {.name = "on-ip", .type = address},
    {.name = "tproxy-mark", .type = value_mask},
};
constexpr ModuleName kTargetTPROXYModules[] = {
    {.name = "xt_TPROXY", .since = {2, 6, 28}},
};

constexpr ModuleName kTargetTRACEModules[] = {
    {.name = "xt_TRACE", .since = {2, 6, 23}},
};

constexpr Option kTargetTTLOptions[] = {
    {.name = "ttl-set", .type = number, .max = 255},
    {.name = "ttl-dec", .type = number, .min = 1, .max = 255},
    {.name = "ttl-inc", .type = number, .min = 1, .max = 255},
};
constexpr ModuleName kTargetTTLModules[] = {
    {.name = "xt_HL", .since = {2, 6, 30}},
    {.name = "ipt_TTL", .ip_versions = IpVersion::ipv4, .before = {2, 6, 30}},
};

constexpr Option kTargetULOGOptions[] = {
    {.name = "ulog-nlgroup", .type = number, .min = 1, .max = 32},
    {.name = "ulog-prefix", .type = text, .min = 1},
    {.name = "ulog-cprange", .type = number},
    {.name = "ulog-qthreshold", .type = number, .min = 1, .max = 50},
};
constexpr ModuleName kTargetULOGModules[] = {
    {.name = "ipt_ULOG", .ip_versions = IpVersion::ipv4, .before = {3, 17, 0}},
};

constexpr Extension kRows[] = {
    {.name = "AUDIT",
     .kind = ExtensionKind::target,
     .options = kTargetAUDITOptions,
     .modules = kTargetAUDITModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "writes an audit record",
     .evidence = kMeasured},
    {.name = "CHECKSUM",
     .kind = ExtensionKind::target,
     .options = kTargetCHECKSUMOptions,
     .modules = kTargetCHECKSUMModules,
     .exactness = Exactness::exact,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "fills in a checksum that was left to the hardware",
     .evidence = kMeasured},
    {.name = "CLASSIFY",
     .kind = ExtensionKind::target,
     .options = kTargetCLASSIFYOptions,
     .modules = kTargetCLASSIFYModules,
     .exactness = Exactness::exact,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .chains = "FORWARD,OUTPUT,POSTROUTING",
     .summary = "sets the queueing class",
     .evidence = kMeasured},
    {.name = "CLUSTERIP",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv4,
     .options = kTargetCLUSTERIPOptions,
     .modules = kTargetCLUSTERIPModules,
     .tracking = Tracking::always,
     .role = Role::tracking_control,
     .end = TargetEnd::may_end,
     .chains = "INPUT",
     .summary = "shares one address between the nodes of a cluster without a load balancer",
     .evidence = "options: libxtables 1.8.9; tracking: source: ipt_CLUSTERIP.c, clusterip_tg_check "
                 "takes a reference to conntrack, not in the measured kernel"},
    {.name = "CONNMARK",
     .kind = ExtensionKind::target,
     .options = kTargetCONNMARKOptions,
     .modules = kTargetCONNMARKModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::connmark,
     .end = TargetEnd::continues,
     .summary = "sets, saves or restores the mark kept in the connection's entry",
     .evidence = kMeasured},
    {.name = "CONNSECMARK",
     .kind = ExtensionKind::target,
     .options = kTargetCONNSECMARKOptions,
     .modules = kTargetCONNSECMARKModules,
     .tracking = Tracking::always,
     .role = Role::connmark,
     .end = TargetEnd::continues,
     .tables = "mangle,security",
     .summary = "copies security marks between packet and entry",
     .evidence = kMeasured},
    {.name = "CT",
     .kind = ExtensionKind::target,
     .options = kTargetCTOptions,
     .modules = kTargetCTModules,
     .tracking = Tracking::unless_notrack,
     .exactness = Exactness::exact,
     .role = Role::tracking_control,
     .end = TargetEnd::continues,
     .tables = "raw",
     .summary = "sets how a packet is tracked: not at all, zone, helper, timeout, events",
     .evidence = kMeasured},
    {.name = "DNAT",
     .kind = ExtensionKind::target,
     .options = kTargetDNATOptions,
     .modules = kTargetDNATModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::nat,
     .end = TargetEnd::ends,
     .tables = "nat",
     .chains = "PREROUTING,OUTPUT",
     .summary = "changes the destination address of the connection",
     .evidence = kMeasured},
    {.name = "DNPT",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv6,
     .options = kTargetDNPTOptions,
     .modules = kTargetDNPTModules,
     .role = Role::mangle,
     .end = TargetEnd::may_end,
     .tables = "mangle",
     .chains = "PREROUTING,OUTPUT",
     .summary = "translates the destination prefix of IPv6 without state",
     .evidence = kMeasured},
    {.name = "DSCP",
     .kind = ExtensionKind::target,
     .options = kTargetDSCPOptions,
     .modules = kTargetDSCPModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "sets the differentiated services code point",
     .evidence = kMeasured},
    {.name = "ECN",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv4,
     .options = kTargetECNOptions,
     .modules = kTargetECNModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "removes the explicit congestion notification bits of TCP",
     .evidence = kMeasured},
    {.name = "HL",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv6,
     .options = kTargetHLOptions,
     .modules = kTargetHLModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "sets the hop limit of IPv6",
     .evidence = kMeasured},
    {.name = "HMARK",
     .kind = ExtensionKind::target,
     .options = kTargetHMARKOptions,
     .modules = kTargetHMARKModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .summary = "sets the packet mark from a hash of addresses and ports",
     .evidence = kMeasured},
    {.name = "IDLETIMER",
     .kind = ExtensionKind::target,
     .options = kTargetIDLETIMEROptions,
     .modules = kTargetIDLETIMERModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "tells when an interface has been idle",
     .evidence = kMeasured},
    {.name = "LED",
     .kind = ExtensionKind::target,
     .options = kTargetLEDOptions,
     .modules = kTargetLEDModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "blinks a light",
     .evidence = "options: libxtables 1.8.9; tracking: no reference to conntrack: the module of "
                 "Debian's 6.1 does not depend on it (modinfo), not in the measured kernel"},
    {.name = "LOG",
     .kind = ExtensionKind::target,
     .options = kTargetLOGOptions,
     .modules = kTargetLOGModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "writes the packet's headers to the kernel log",
     .evidence = kMeasured},
    {.name = "MARK",
     .kind = ExtensionKind::target,
     .options = kTargetMARKOptions,
     .modules = kTargetMARKModules,
     .exactness = Exactness::exact,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .summary = "sets the packet mark",
     .evidence = kMeasured},
    {.name = "MASQUERADE",
     .kind = ExtensionKind::target,
     .options = kTargetMASQUERADEOptions,
     .modules = kTargetMASQUERADEModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::nat,
     .end = TargetEnd::ends,
     .tables = "nat",
     .chains = "POSTROUTING",
     .summary = "changes the source address to that of the outgoing interface",
     .evidence = kMeasured},
    {.name = "NETMAP",
     .kind = ExtensionKind::target,
     .options = kTargetNETMAPOptions,
     .modules = kTargetNETMAPModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::nat,
     .end = TargetEnd::ends,
     .tables = "nat",
     .summary = "maps a whole network onto another",
     .evidence = kMeasured},
    {.name = "NFLOG",
     .kind = ExtensionKind::target,
     .options = kTargetNFLOGOptions,
     .modules = kTargetNFLOGModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "hands a copy of the packet to a logging program",
     .evidence = kMeasured},
    {.name = "NFQUEUE",
     .kind = ExtensionKind::target,
     .options = kTargetNFQUEUEOptions,
     .modules = kTargetNFQUEUEModules,
     .exactness = Exactness::over_approximated,
     .role = Role::verdict,
     .end = TargetEnd::ends,
     .summary = "lets a program decide",
     .evidence = kMeasured},
    {.name = "NOTRACK",
     .kind = ExtensionKind::target,
     .old_name_of = "CT",
     .modules = kTargetNOTRACKModules,
     .exactness = Exactness::exact,
     .role = Role::notrack,
     .end = TargetEnd::continues,
     .tables = "raw",
     .summary = "leaves the packet untracked",
     .evidence = kMeasured},
    {.name = "RATEEST",
     .kind = ExtensionKind::target,
     .options = kTargetRATEESTOptions,
     .modules = kTargetRATEESTModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "gathers statistics for the rateest match",
     .evidence = kMeasured},
    {.name = "REDIRECT",
     .kind = ExtensionKind::target,
     .options = kTargetREDIRECTOptions,
     .modules = kTargetREDIRECTModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::nat,
     .end = TargetEnd::ends,
     .tables = "nat",
     .chains = "PREROUTING,OUTPUT",
     .summary = "changes the destination to this host",
     .evidence = kMeasured},
    {.name = "REJECT",
     .kind = ExtensionKind::target,
     .options = kTargetREJECTOptions,
     .modules = kTargetREJECTModules,
     .exactness = Exactness::exact,
     .role = Role::verdict,
     .end = TargetEnd::ends,
     .tables = "filter",
     .summary = "drops the packet and answers with an error",
     .evidence = kMeasured},
    {.name = "SECMARK",
     .kind = ExtensionKind::target,
     .options = kTargetSECMARKOptions,
     .modules = kTargetSECMARKModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle,security",
     .summary = "sets the security mark of the packet",
     .evidence = "options: libxtables 1.8.9; tracking: no reference to conntrack: the module of "
                 "Debian's 6.1 does not depend on it (modinfo), not in the measured kernel"},
    {.name = "SET",
     .kind = ExtensionKind::target,
     .options = kTargetSETOptions,
     .modules = kTargetSETModules,
     .exactness = Exactness::over_approximated,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "adds to or deletes from an ipset, or takes marks from it",
     .evidence = kMeasured},
    {.name = "SNAT",
     .kind = ExtensionKind::target,
     .options = kTargetSNATOptions,
     .modules = kTargetSNATModules,
     .tracking = Tracking::always,
     .exactness = Exactness::over_approximated,
     .role = Role::nat,
     .end = TargetEnd::ends,
     .tables = "nat",
     .chains = "INPUT,POSTROUTING",
     .summary = "changes the source address of the connection",
     .evidence = kMeasured},
    {.name = "SNPT",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv6,
     .options = kTargetSNPTOptions,
     .modules = kTargetSNPTModules,
     .role = Role::mangle,
     .end = TargetEnd::may_end,
     .tables = "mangle",
     .chains = "INPUT,POSTROUTING",
     .summary = "translates the source prefix of IPv6 without state",
     .evidence = kMeasured},
    {.name = "SYNPROXY",
     .kind = ExtensionKind::target,
     .options = kTargetSYNPROXYOptions,
     .modules = kTargetSYNPROXYModules,
     .tracking = Tracking::always,
     .role = Role::synproxy,
     .end = TargetEnd::may_end,
     .tables = "filter,nat,mangle,security",
     .chains = "INPUT,FORWARD",
     .summary = "answers TCP SYNs itself until the handshake is complete",
     .evidence = kMeasured},
    {.name = "TCPMSS",
     .kind = ExtensionKind::target,
     .options = kTargetTCPMSSOptions,
     .modules = kTargetTCPMSSModules,
     .exactness = Exactness::over_approximated,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .summary = "lowers the maximum segment size that TCP announces",
     .evidence = kMeasured},
    {.name = "TCPOPTSTRIP",
     .kind = ExtensionKind::target,
     .options = kTargetTCPOPTSTRIPOptions,
     .modules = kTargetTCPOPTSTRIPModules,
     .exactness = Exactness::over_approximated,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "blanks TCP options",
     .evidence = kMeasured},
    {.name = "TEE",
     .kind = ExtensionKind::target,
     .options = kTargetTEEOptions,
     .modules = kTargetTEEModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "sends a copy of the packet to another host",
     .evidence = kMeasured},
    {.name = "TOS",
     .kind = ExtensionKind::target,
     .options = kTargetTOSOptions,
     .modules = kTargetTOSModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "sets the type of service byte",
     .evidence = kMeasured},
    {.name = "TPROXY",
     .kind = ExtensionKind::target,
     .options = kTargetTPROXYOptions,
     .modules = kTargetTPROXYModules,
     .role = Role::verdict,
     .end = TargetEnd::ends,
     .tables = "mangle",
     .chains = "PREROUTING",
     .summary = "hands the packet to a local socket without changing it",
     .evidence = kMeasured},
    {.name = "TRACE",
     .kind = ExtensionKind::target,
     .modules = kTargetTRACEModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "reports every rule that the packet passes",
     .evidence = kMeasured},
    {.name = "TTL",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv4,
     .options = kTargetTTLOptions,
     .modules = kTargetTTLModules,
     .role = Role::mangle,
     .end = TargetEnd::continues,
     .tables = "mangle",
     .summary = "sets the time to live of IPv4",
     .evidence = kMeasured},
    {.name = "ULOG",
     .kind = ExtensionKind::target,
     .ip_versions = IpVersion::ipv4,
     .options = kTargetULOGOptions,
     .modules = kTargetULOGModules,
     .exactness = Exactness::exact,
     .role = Role::observe,
     .end = TargetEnd::continues,
     .summary = "hands a copy of the packet to a logging program, the way before NFLOG",
     .evidence = "options: libxtables 1.8.9; tracking: no reference to conntrack: general "
                 "knowledge, gone since 3.17, not in the measured kernel"},
};

}  // namespace

std::span<const Extension> target_rows() { return kRows; }

}  // namespace untrack::catalog
