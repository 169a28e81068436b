#include "model/catalog/xtables_extensions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>

namespace untrack::catalog {
namespace {

std::string title(const Extension& row) {
  return (row.kind == ExtensionKind::match ? "-m " : "-j ") + std::string(row.name);
}

const Option* find_option(const Extension& row, std::string_view name) {
  for (const Option& option : row.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

TEST(XtablesExtensions, RowsAreSortedAndUnique) {
  const auto rows = extensions();
  ASSERT_FALSE(rows.empty());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LT(std::tie(rows[i - 1].kind, rows[i - 1].name), std::tie(rows[i].kind, rows[i].name));
  }
}

TEST(XtablesExtensions, EveryRowSaysWhatItIsAndWhereThatIsKnownFrom) {
  for (const Extension& row : extensions()) {
    SCOPED_TRACE(title(row));
    EXPECT_FALSE(row.evidence.empty());
    EXPECT_FALSE(row.summary.empty());
    EXPECT_NE(row.summary.back(), '.');
    EXPECT_FALSE(row.modules.empty());
    EXPECT_FALSE(row.ip_versions.empty());
    EXPECT_EQ(row.end == TargetEnd::not_a_target, row.kind == ExtensionKind::match);
  }
}

TEST(XtablesExtensions, OptionsAreUniqueAndAliasesAgreeWithWhatTheyName) {
  for (const Extension& row : extensions()) {
    std::set<std::string_view> names;
    for (const Option& option : row.options) {
      SCOPED_TRACE(title(row) + " --" + std::string(option.name));
      EXPECT_TRUE(names.insert(option.name).second);
      const bool needs_words =
          option.type == ValueType::enumeration || option.type == ValueType::enumeration_list;
      EXPECT_EQ(needs_words, !option.words.empty());
      EXPECT_TRUE(option.max == 0 || option.min <= option.max);
      if (option.alias_of.empty()) continue;
      const Option* meant = find_option(row, option.alias_of);
      ASSERT_NE(meant, nullptr);
      EXPECT_TRUE(meant->alias_of.empty());
      EXPECT_EQ(option.type, meant->type);
      EXPECT_EQ(option.field, meant->field);
      EXPECT_EQ(option.invertible, meant->invertible);
      EXPECT_EQ(option.value_optional, meant->value_optional);
      EXPECT_EQ(option.ip_versions, meant->ip_versions);
    }
  }
}

TEST(XtablesExtensions, FindsEveryRowInItsFamilies) {
  for (const Extension& row : extensions()) {
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      const Extension* found = row.kind == ExtensionKind::match ? find_match(row.name, version)
                                                                : find_target(row.name, version);
      EXPECT_EQ(found, row.ip_versions.has(version) ? &row : nullptr) << title(row);
    }
  }
  EXPECT_EQ(find_match("LOG", IpVersion::ipv4), nullptr);
  EXPECT_EQ(find_target("state", IpVersion::ipv4), nullptr);
  EXPECT_EQ(find_match("", IpVersion::ipv4), nullptr);
  ASSERT_NE(find_match("icmpv6", IpVersion::ipv6), nullptr);
  EXPECT_EQ(find_match("icmpv6", IpVersion::ipv6)->name, "icmp6");
  EXPECT_EQ(find_match("icmpv6", IpVersion::ipv4), nullptr);
}

TEST(XtablesExtensions, NamesOneModuleForEveryKernel) {
  const KernelVersion versions[] = {{2, 6, 9},  {2, 6, 18}, {2, 6, 32}, {3, 10, 0}, {4, 9, 0},
                                    {4, 18, 0}, {5, 4, 0},  {6, 1, 0},  {6, 18, 0}};
  for (const Extension& row : extensions()) {
    for (const KernelVersion& kernel : versions) {
      for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
        int modules = 0;
        for (const ModuleName& module : row.modules) {
          modules +=
              module.ip_versions.has(version) && module.since <= kernel && kernel < module.before;
        }
        EXPECT_LE(modules, 1) << title(row) << " on " << to_text(kernel);
      }
    }
  }
}

TEST(XtablesExtensions, KnowsModulesByTheirOldNames) {
  const auto module = [](std::string_view target, KernelVersion kernel, IpVersion version) {
    return module_of(*find_target(target, version), kernel, version);
  };
  EXPECT_EQ(module("MASQUERADE", {6, 1, 0}, IpVersion::ipv6), "xt_MASQUERADE");
  EXPECT_EQ(module("MASQUERADE", {4, 19, 0}, IpVersion::ipv6), "ip6t_MASQUERADE");
  EXPECT_EQ(module("MASQUERADE", {2, 6, 18}, IpVersion::ipv4), "ipt_MASQUERADE");
  EXPECT_EQ(module("SNAT", {2, 6, 32}, IpVersion::ipv4), "iptable_nat");
  // The first kernel that has it, and the last that does not.
  EXPECT_EQ(module("CHECKSUM", {2, 6, 36}, IpVersion::ipv4), "xt_CHECKSUM");
  EXPECT_EQ(module("CHECKSUM", {2, 6, 35}, IpVersion::ipv4), "");
  EXPECT_EQ(module("NOTRACK", {2, 6, 32}, IpVersion::ipv4), "xt_NOTRACK");
  const Extension& state = *find_match("state", IpVersion::ipv4);
  EXPECT_EQ(module_of(state, {6, 1, 0}, IpVersion::ipv4), "xt_conntrack");
  EXPECT_EQ(module_of(state, {2, 6, 32}, IpVersion::ipv4), "xt_state");
  EXPECT_EQ(module_of(state, {2, 6, 9}, IpVersion::ipv4), "ipt_state");
}

// The tracking column in full, so that a row cannot change it unnoticed; tests/lab asks the kernel.
TEST(XtablesExtensions, WhatTracks) {
  std::set<std::string> tracking;
  for (const Extension& row : extensions()) {
    if (row.tracking != Tracking::never) tracking.insert(title(row));
  }
  EXPECT_EQ(tracking, (std::set<std::string>{
                          "-m cluster", "-m connbytes", "-m connlabel", "-m connlimit",
                          "-m connmark", "-m conntrack", "-m helper", "-m state", "-j CLUSTERIP",
                          "-j CONNMARK", "-j CONNSECMARK", "-j CT", "-j DNAT", "-j MASQUERADE",
                          "-j NETMAP", "-j REDIRECT", "-j SNAT", "-j SYNPROXY"}));
  EXPECT_EQ(find_target("CT", IpVersion::ipv4)->tracking, Tracking::unless_notrack);
}

// Other columns on which verdicts rest, in full for the same reason.
TEST(XtablesExtensions, WhatEndsTheWay) {
  std::map<TargetEnd, std::set<std::string>> found;
  for (const Extension& row : extensions()) {
    if (row.end != TargetEnd::not_a_target) found[row.end].insert(title(row));
  }
  const std::map<TargetEnd, std::set<std::string>> wanted{
      {TargetEnd::continues,
       {"-j AUDIT", "-j CHECKSUM", "-j CLASSIFY",    "-j CONNMARK", "-j CONNSECMARK", "-j CT",
        "-j DSCP",  "-j ECN",      "-j HL",          "-j HMARK",    "-j IDLETIMER",   "-j LED",
        "-j LOG",   "-j MARK",     "-j NFLOG",       "-j NOTRACK",  "-j RATEEST",     "-j SECMARK",
        "-j SET",   "-j TCPMSS",   "-j TCPOPTSTRIP", "-j TEE",      "-j TOS",         "-j TRACE",
        "-j TTL",   "-j ULOG"}},
      {TargetEnd::ends,
       {"-j DNAT", "-j MASQUERADE", "-j NETMAP", "-j NFQUEUE", "-j REDIRECT", "-j REJECT",
        "-j SNAT", "-j TPROXY"}},
      {TargetEnd::may_end, {"-j CLUSTERIP", "-j DNPT", "-j SNPT", "-j SYNPROXY"}}};
  EXPECT_EQ(found, wanted);
}

TEST(XtablesExtensions, WhatIsReadInFullOrInPart) {
  std::map<Exactness, std::set<std::string>> found;
  for (const Extension& row : extensions()) {
    if (row.exactness != Exactness::opaque) found[row.exactness].insert(title(row));
  }
  const std::map<Exactness, std::set<std::string>> wanted{
      {Exactness::exact,
       {"-j AUDIT", "-j CHECKSUM",  "-j CLASSIFY", "-j CT",      "-j IDLETIMER", "-j LED",
        "-j LOG",   "-j MARK",      "-j NFLOG",    "-j NOTRACK", "-j RATEEST",   "-j REJECT",
        "-j TEE",   "-j TRACE",     "-j ULOG",     "-m comment", "-m dscp",      "-m esp",
        "-m hl",    "-m icmp",      "-m icmp6",    "-m iprange", "-m length",    "-m mac",
        "-m mark",  "-m multiport", "-m pkttype",  "-m state",   "-m tcp",       "-m ttl",
        "-m udp"}},
      {Exactness::over_approximated,
       {"-j CONNMARK", "-j DNAT", "-j MASQUERADE", "-j NETMAP", "-j NFQUEUE", "-j REDIRECT",
        "-j SET", "-j SNAT", "-j TCPMSS", "-j TCPOPTSTRIP", "-m addrtype", "-m ah", "-m conntrack",
        "-m dccp", "-m ecn", "-m mh", "-m sctp", "-m set"}}};
  EXPECT_EQ(found, wanted);
}

TEST(XtablesExtensions, WhatEachIsFor) {
  std::map<Role, std::set<std::string>> found;
  for (const Extension& row : extensions()) {
    if (row.role != Role::packet_field) found[row.role].insert(title(row));
  }
  const std::map<Role, std::set<std::string>> wanted{
      {Role::history,
       {"-m hashlimit", "-m limit", "-m nfacct", "-m quota", "-m rateest", "-m recent",
        "-m statistic", "-m time"}},
      {Role::host_fact,
       {"-m cgroup", "-m cpu", "-m devgroup", "-m ipvs", "-m owner", "-m physdev", "-m realm",
        "-m rpfilter", "-m set", "-m socket"}},
      {Role::state_match, {"-m conntrack", "-m state"}},
      {Role::entry_match, {"-m cluster", "-m connbytes", "-m connlabel"}},
      {Role::connmark, {"-j CONNMARK", "-j CONNSECMARK", "-m connmark"}},
      {Role::connection_count, {"-m connlimit"}},
      {Role::helper, {"-m helper"}},
      {Role::nat, {"-j DNAT", "-j MASQUERADE", "-j NETMAP", "-j REDIRECT", "-j SNAT"}},
      {Role::tracking_control, {"-j CLUSTERIP", "-j CT"}},
      {Role::notrack, {"-j NOTRACK"}},
      {Role::synproxy, {"-j SYNPROXY"}},
      {Role::verdict, {"-j NFQUEUE", "-j REJECT", "-j TPROXY"}},
      {Role::mangle,
       {"-j CHECKSUM", "-j CLASSIFY", "-j DNPT", "-j DSCP", "-j ECN", "-j HL", "-j HMARK",
        "-j MARK", "-j SECMARK", "-j SNPT", "-j TCPMSS", "-j TCPOPTSTRIP", "-j TOS", "-j TTL"}},
      {Role::observe,
       {"-j AUDIT", "-j IDLETIMER", "-j LED", "-j LOG", "-j NFLOG", "-j RATEEST", "-j SET",
        "-j TEE", "-j TRACE", "-j ULOG"}},
      {Role::annotation, {"-m comment"}}};
  EXPECT_EQ(found, wanted);
}

}  // namespace
}  // namespace untrack::catalog
