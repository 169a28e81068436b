// table
#include "model/catalog/kernel_modules.hpp"

#include <array>

namespace untrack::catalog {
namespace {

// clang-format off
constexpr KernelVersion always{};
constexpr KernelVersion still{99999, 0, 0};
constexpr std::string_view modinfo_61 = "depends: modinfo, Debian 6.1.0-56; exists since: any 2.6";
constexpr std::string_view mixed =
    "depends: modinfo, Debian 6.1.0-56; since and before: general knowledge, not run";
constexpr std::string_view old_trees = "general knowledge of the old trees, not run";
using enum UseCount;
// ipt_state and its like became aliases of xt_state ... in 2.6.16. They are listed until 2.6.22 all
// the same: vendors' kernels differ, and a name too many is a module that is not loaded.

// name, depends, since, before, now, use_count, evidence
constexpr std::array<KernelModule, 136> rows{{
    {"act_connmark", "nf_conntrack", {4, 0, 0}, still, "", complete, mixed},
    {"act_ct", "nf_conntrack nf_defrag_ipv6 nf_flow_table nf_nat", {5, 3, 0}, still, "", complete, mixed},
    {"act_ctinfo", "nf_conntrack", {5, 3, 0}, still, "", complete, mixed},
    {"ip6t_MASQUERADE", "nf_conntrack nf_nat nf_nat_ipv6 nf_nat_masquerade_ipv6", {3, 7, 0}, {5, 2, 0}, "xt_MASQUERADE", complete, old_trees},
    {"ip6t_SYNPROXY", "nf_conntrack nf_synproxy_core", {3, 12, 0}, still, "", complete, mixed},
    {"ip6table_nat", "nf_nat", {3, 7, 0}, still, "", hides_rules, mixed},
    {"ip_conntrack", "", always, {2, 6, 22}, "nf_conntrack", complete, old_trees},
    {"ip_conntrack_amanda", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_amanda", complete, old_trees},
    {"ip_conntrack_ftp", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_ftp", complete, old_trees},
    {"ip_conntrack_h323", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_h323", complete, old_trees},
    {"ip_conntrack_irc", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_irc", complete, old_trees},
    {"ip_conntrack_netbios_ns", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_netbios_ns", complete, old_trees},
    {"ip_conntrack_netlink", "ip_conntrack ip_nat", {2, 6, 14}, {2, 6, 22}, "nf_conntrack_netlink", hides_programs, old_trees},
    {"ip_conntrack_pptp", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_pptp", complete, old_trees},
    {"ip_conntrack_sip", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_sip", complete, old_trees},
    {"ip_conntrack_tftp", "ip_conntrack", always, {2, 6, 22}, "nf_conntrack_tftp", complete, old_trees},
    {"ip_nat", "ip_conntrack", {2, 6, 12}, {2, 6, 22}, "nf_nat", complete, old_trees},
    {"ip_nat_amanda", "ip_conntrack ip_conntrack_amanda ip_nat", always, {2, 6, 22}, "nf_nat_amanda", complete, old_trees},
    {"ip_nat_ftp", "ip_conntrack ip_conntrack_ftp ip_nat", always, {2, 6, 22}, "nf_nat_ftp", complete, old_trees},
    {"ip_nat_h323", "ip_conntrack ip_conntrack_h323 ip_nat", always, {2, 6, 22}, "nf_nat_h323", complete, old_trees},
    {"ip_nat_irc", "ip_conntrack ip_conntrack_irc ip_nat", always, {2, 6, 22}, "nf_nat_irc", complete, old_trees},
    {"ip_nat_pptp", "ip_conntrack ip_conntrack_pptp ip_nat", always, {2, 6, 22}, "nf_nat_pptp", complete, old_trees},
    {"ip_nat_sip", "ip_conntrack ip_conntrack_sip ip_nat", always, {2, 6, 22}, "nf_nat_sip", complete, old_trees},
    {"ip_nat_snmp_basic", "ip_conntrack ip_nat", always, {2, 6, 22}, "nf_nat_snmp_basic", complete, old_trees},
    {"ip_nat_tftp", "ip_conntrack ip_conntrack_tftp ip_nat", always, {2, 6, 22}, "nf_nat_tftp", complete, old_trees},
    {"ip_vs", "nf_conntrack nf_defrag_ipv6", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_dh", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_fo", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_ftp", "ip_vs nf_nat", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_lblc", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_lblcr", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_lc", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_mh", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_nq", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_ovf", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_pe_sip", "ip_vs nf_conntrack_sip", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_rr", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_sed", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_sh", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_wlc", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ip_vs_wrr", "ip_vs", {2, 6, 37}, still, "", keep, mixed},
    {"ipt_CLUSTERIP", "ip_conntrack nf_conntrack", always, {6, 2, 0}, "", complete, mixed},
    {"ipt_CONNMARK", "ip_conntrack", always, {2, 6, 22}, "xt_CONNMARK", complete, old_trees},
    {"ipt_MASQUERADE", "ip_conntrack ip_nat nf_conntrack nf_nat nf_nat_ipv4 nf_nat_masquerade_ipv4", always, {5, 2, 0}, "xt_MASQUERADE", complete, old_trees},
    {"ipt_NETMAP", "ip_conntrack ip_nat nf_nat", always, {3, 7, 0}, "xt_NETMAP", complete, old_trees},
    {"ipt_NOTRACK", "ip_conntrack", always, {2, 6, 22}, "xt_NOTRACK", complete, old_trees},
    {"ipt_REDIRECT", "ip_conntrack ip_nat nf_nat", always, {3, 7, 0}, "xt_REDIRECT", complete, old_trees},
    {"ipt_SAME", "ip_conntrack ip_nat nf_nat", always, {2, 6, 25}, "", complete, old_trees},
    {"ipt_SYNPROXY", "nf_conntrack nf_synproxy_core", {3, 12, 0}, still, "", complete, mixed},
    {"ipt_connbytes", "ip_conntrack", always, {2, 6, 22}, "xt_connbytes", complete, old_trees},
    {"ipt_connmark", "ip_conntrack", always, {2, 6, 22}, "xt_connmark", complete, old_trees},
    {"ipt_conntrack", "ip_conntrack", always, {2, 6, 22}, "xt_conntrack", complete, old_trees},
    {"ipt_helper", "ip_conntrack", always, {2, 6, 22}, "xt_helper", complete, old_trees},
    {"ipt_state", "ip_conntrack", always, {2, 6, 22}, "xt_state", complete, old_trees},
    {"iptable_nat", "ip_conntrack ip_nat", always, {2, 6, 20}, "", hides_rules, old_trees},
    {"iptable_nat", "nf_nat", {2, 6, 20}, still, "", hides_rules, modinfo_61},
    {"nf_conncount", "nf_conntrack", {4, 16, 0}, still, "", complete, mixed},
    {"nf_conntrack", "nf_defrag_ipv4 nf_defrag_ipv6", {2, 6, 15}, still, "", complete, mixed},
    {"nf_conntrack_amanda", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_bridge", "nf_conntrack nf_defrag_ipv6", {5, 3, 0}, still, "", complete, mixed},
    {"nf_conntrack_broadcast", "nf_conntrack", {2, 6, 39}, still, "", complete, mixed},
    {"nf_conntrack_ftp", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_h323", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_ipv4", "nf_conntrack nf_defrag_ipv4", {2, 6, 15}, {4, 19, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_ipv6", "nf_conntrack nf_defrag_ipv6", {2, 6, 15}, {4, 19, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_irc", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_netbios_ns", "nf_conntrack nf_conntrack_broadcast", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_netlink", "nf_conntrack", {2, 6, 20}, still, "", hides_programs, mixed},
    {"nf_conntrack_pptp", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_proto_dccp", "nf_conntrack", {2, 6, 20}, {4, 12, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_proto_gre", "nf_conntrack", {2, 6, 20}, {5, 1, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_proto_sctp", "nf_conntrack", {2, 6, 20}, {4, 12, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_proto_udplite", "nf_conntrack", {2, 6, 23}, {4, 12, 0}, "nf_conntrack", complete, old_trees},
    {"nf_conntrack_sane", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_sip", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_conntrack_snmp", "nf_conntrack nf_conntrack_broadcast", {2, 6, 39}, still, "", complete, mixed},
    {"nf_conntrack_tftp", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_defrag_ipv4", "", {2, 6, 29}, still, "", complete, mixed},
    {"nf_defrag_ipv6", "", {2, 6, 37}, still, "", complete, mixed},
    {"nf_flow_table", "nf_conntrack", {4, 16, 0}, still, "", complete, mixed},
    {"nf_flow_table_inet", "nf_flow_table", {4, 16, 0}, still, "", complete, mixed},
    {"nf_flow_table_ipv4", "nf_flow_table", {4, 16, 0}, {5, 17, 0}, "nf_flow_table_inet", complete, old_trees},
    {"nf_flow_table_ipv6", "nf_flow_table", {4, 16, 0}, {5, 17, 0}, "nf_flow_table_inet", complete, old_trees},
    {"nf_nat", "nf_conntrack", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_amanda", "nf_conntrack nf_conntrack_amanda nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_ftp", "nf_conntrack nf_conntrack_ftp nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_h323", "nf_conntrack nf_conntrack_h323 nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_ipv4", "nf_conntrack nf_nat", {3, 7, 0}, {5, 1, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_ipv6", "nf_conntrack nf_nat", {3, 7, 0}, {5, 1, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_irc", "nf_conntrack nf_conntrack_irc nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_masquerade_ipv4", "nf_conntrack nf_nat nf_nat_ipv4", {3, 18, 0}, {5, 2, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_masquerade_ipv6", "nf_conntrack nf_nat nf_nat_ipv6", {3, 18, 0}, {5, 2, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_pptp", "nf_conntrack nf_conntrack_pptp nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_proto_gre", "nf_nat", {2, 6, 20}, {5, 1, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_redirect", "nf_conntrack nf_nat", {3, 19, 0}, {5, 2, 0}, "nf_nat", complete, old_trees},
    {"nf_nat_sip", "nf_conntrack nf_conntrack_sip nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_snmp_basic", "nf_conntrack nf_conntrack_snmp", {2, 6, 20}, still, "", complete, mixed},
    {"nf_nat_tftp", "nf_conntrack nf_conntrack_tftp nf_nat", {2, 6, 20}, still, "", complete, mixed},
    {"nf_synproxy_core", "nf_conntrack", {3, 12, 0}, still, "", complete, mixed},
    {"nfnetlink_cthelper", "nf_conntrack", {3, 6, 0}, still, "", hides_programs, mixed},
    {"nfnetlink_cttimeout", "nf_conntrack", {3, 4, 0}, still, "", hides_programs, mixed},
    {"nft_chain_nat", "nf_nat", {5, 1, 0}, still, "", complete, mixed},
    {"nft_chain_nat_ipv4", "nf_nat nf_nat_ipv4", {3, 13, 0}, {5, 1, 0}, "nft_chain_nat", complete, old_trees},
    {"nft_chain_nat_ipv6", "nf_nat nf_nat_ipv6", {3, 13, 0}, {5, 1, 0}, "nft_chain_nat", complete, old_trees},
    {"nft_connlimit", "nf_conncount nf_conntrack", {4, 18, 0}, still, "", complete, mixed},
    {"nft_ct", "nf_conntrack", {3, 13, 0}, still, "", complete, mixed},
    {"nft_flow_offload", "nf_conntrack nf_flow_table", {4, 16, 0}, still, "", complete, mixed},
    {"nft_masq", "nf_conntrack nf_nat", {3, 18, 0}, still, "", complete, mixed},
    {"nft_masq_ipv4", "nf_nat nf_nat_masquerade_ipv4 nft_masq", {3, 18, 0}, {5, 1, 0}, "nft_masq", complete, old_trees},
    {"nft_masq_ipv6", "nf_nat nf_nat_masquerade_ipv6 nft_masq", {3, 18, 0}, {5, 1, 0}, "nft_masq", complete, old_trees},
    {"nft_nat", "nf_conntrack nf_nat", {3, 13, 0}, still, "", complete, mixed},
    {"nft_redir", "nf_conntrack nf_nat", {3, 19, 0}, still, "", complete, mixed},
    {"nft_redir_ipv4", "nf_nat nf_nat_redirect nft_redir", {3, 19, 0}, {5, 1, 0}, "nft_redir", complete, old_trees},
    {"nft_redir_ipv6", "nf_nat nf_nat_redirect nft_redir", {3, 19, 0}, {5, 1, 0}, "nft_redir", complete, old_trees},
    {"nft_synproxy", "nf_conntrack nf_synproxy_core", {5, 3, 0}, still, "", complete, mixed},
    {"openvswitch", "nf_conncount nf_conntrack nf_defrag_ipv6 nf_nat", {4, 3, 0}, still, "", keep, mixed},
    {"vport_geneve", "openvswitch", {4, 3, 0}, still, "", keep, mixed},
    {"vport_gre", "openvswitch", {4, 3, 0}, still, "", keep, mixed},
    {"vport_vxlan", "openvswitch", {4, 3, 0}, still, "", keep, mixed},
    {"xt_CONNMARK", "ip_conntrack nf_conntrack", {2, 6, 16}, {2, 6, 35}, "xt_connmark", complete, old_trees},
    {"xt_CONNSECMARK", "ip_conntrack nf_conntrack", {2, 6, 18}, still, "", complete, mixed},
    {"xt_CT", "nf_conntrack", {2, 6, 34}, still, "", complete, mixed},
    {"xt_MASQUERADE", "nf_conntrack nf_nat", {5, 2, 0}, still, "", complete, mixed},
    {"xt_NETMAP", "nf_conntrack nf_nat", {3, 7, 0}, still, "", complete, mixed},
    {"xt_NOTRACK", "ip_conntrack nf_conntrack", {2, 6, 16}, {3, 7, 0}, "xt_CT", complete, old_trees},
    {"xt_REDIRECT", "nf_conntrack nf_nat", {3, 7, 0}, still, "", complete, mixed},
    {"xt_cluster", "nf_conntrack", {2, 6, 30}, still, "", complete, mixed},
    {"xt_connbytes", "ip_conntrack nf_conntrack", {2, 6, 16}, still, "", complete, mixed},
    {"xt_connlabel", "nf_conntrack", {3, 9, 0}, still, "", complete, mixed},
    {"xt_connlimit", "nf_conncount", {2, 6, 23}, still, "", complete, mixed},
    {"xt_connmark", "ip_conntrack nf_conntrack", {2, 6, 16}, still, "", complete, mixed},
    {"xt_conntrack", "ip_conntrack nf_conntrack", {2, 6, 16}, still, "", complete, mixed},
    {"xt_helper", "ip_conntrack nf_conntrack", {2, 6, 16}, still, "", complete, mixed},
    {"xt_ipvs", "ip_vs", {2, 6, 37}, still, "", complete, mixed},
    {"xt_nat", "nf_conntrack nf_nat", {3, 7, 0}, still, "", complete, mixed},
    {"xt_state", "ip_conntrack nf_conntrack", {2, 6, 16}, still, "", complete, mixed},
}};
// clang-format on

}  // namespace

std::span<const KernelModule> kernel_modules() { return rows; }

bool is_conntrack_core(std::string_view module) {
  return module == "nf_conntrack" || module == "ip_conntrack";
}

}  // namespace untrack::catalog
