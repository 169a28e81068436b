// Everything the program knows about iptables extensions, as rows: how each is spelled (read by
// parser/), what it does to connection tracking and which modules it needs (read by analysis/), how
// exactly it is modelled, and where each fact comes from. iptables 1.8.9, iptables-extensions(8).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/kernel_version.hpp"
#include "model/vocabulary.hpp"

namespace untrack::catalog {

enum class ExtensionKind : std::uint8_t { match, target };

// How the words behind an option are read. Every type is checked by the parser, which reports a
// value of the wrong form; `text` takes anything.
enum class ValueType : std::uint8_t {
  none,              // a flag without a value
  text,              // any word
  number,            // decimal, 0x hexadecimal or 0 octal
  number_range,      // a or a:b
  number_list,       // a,b:c,...
  dash_range,        // a or a-b
  value_mask,        // v or v/m
  address,           // host or network, with prefix length or mask
  address_list,      // comma list of the above
  address_range,     // a or a-b, addresses
  nat_target,        // [address[-address]][:port[-port]]
  port_range,        // port or service name, a:b, a:, :b
  port_list,         // multiport: up to 15 comma-separated ports or a:b
  nat_ports,         // a or a-b
  mac,               // xx:xx:xx:xx:xx:xx
  interface,         // name, name+
  tcp_flags,         // two words: mask and comparison
  icmp_type,         // name, type, type/code (by family)
  ct_states,         // comma list of states
  ct_statuses,       // NONE,EXPECTED,SEEN_REPLY,ASSURED,CONFIRMED
  set_reference,     // two words: name and src,dst,...
  rate,              // n/second ...
  address_type,      // comma list of UNICAST, LOCAL ...
  dscp_class,        // CS1, AF11, EF, BE
  packet_type,       // unicast, broadcast, multicast, otherhost
  enumeration,       // one of the option's `words`
  enumeration_list,  // comma list of them
  reject_type,       // ICMP error name, prefixes and aliases as REJECT takes them
  two_texts,         // two words of any form
  protocol,          // protocol name or number
  decimal,           // 0.25 (statistic --probability)
  prefix_length,     // 24, or an IPv4 mask where libxtables takes one
  port,              // one port or service name
  tos,               // value or value/mask of the TOS byte, or a name (Minimize-Delay ...)
  log_level,         // syslog level by name or number
  rate_or_bytes,     // a rate as above, or bytes: 512kb/s (hashlimit)
};

struct Option {
  std::string_view name;  // long name without dashes, e.g. "dport"
  ValueType type = ValueType::text;
  bool invertible = false;                       // takes `!`
  std::optional<Field> field = {};               // what the value is compared with, where exact
  std::span<const std::string_view> words = {};  // for the enumeration types
  bool value_optional = false;                   // may stand without its value
  IpVersions ip_versions = IpVersions::both();
  // Long name of the option that this is another spelling of; both rows agree in all else.
  std::string_view alias_of = {};
  bool mandatory = false;   // libxtables refuses the extension without it (XTOPT_MAND)
  bool repeatable = false;  // may stand more than once (XTOPT_MULTI)
  std::uint64_t min = 0;    // bounds of a number, its width included
  std::uint64_t max = 0;    // 0: none, any 64-bit number
};

// Whether having the extension in a loaded rule makes the kernel track (knowledge: measured, see
// docs/facts.md). Presence decides, reachability never.
enum class Tracking : std::uint8_t {
  never,
  always,
  unless_notrack,  // CT: always, but for --notrack
};

// How well a rule with it can be reasoned about.
enum class Exactness : std::uint8_t {
  exact,              // every option is a Match or Statement with its full meaning
  over_approximated,  // some options are, the others become opaque
  opaque,             // kept as an OpaqueTest or OpaqueStatement
};

// What the extension is there for; decides the explanation in a finding and what leaving it out
// would cost.
enum class Role : std::uint8_t {
  packet_field,      // looks at one packet
  history,           // limit, recent, quota ...: depends on earlier packets, time or chance
  host_fact,         // owner, socket, cgroup, set ...: depends on the host
  state_match,       // asks for the connection state
  entry_match,       // asks for other things in the entry (status, counters, labels, tuple)
  connmark,          // mark kept in the entry
  connection_count,  // connlimit
  helper,            // helper match or assignment
  nat,
  tracking_control,  // CT other than notrack: zone, events, timeout
  notrack,
  synproxy,
  verdict,     // REJECT, NFQUEUE ...
  mangle,      // changes the packet
  observe,     // LOG, NFLOG, TRACE ...
  annotation,  // comment
};

// What happens to the packet behind a target.
enum class TargetEnd : std::uint8_t {
  not_a_target,
  continues,  // next rule
  ends,       // accept, drop, stolen or queued: never the next rule
  may_end,
};

// A kernel module and the versions and families for which it is the one that provides the
// extension.
struct ModuleName {
  std::string_view name;
  IpVersions ip_versions = IpVersions::both();
  KernelVersion since{};  // 0.0: always
  KernelVersion before{99999, 0, 0};
};

struct Extension {
  std::string_view name;
  ExtensionKind kind{};
  IpVersions ip_versions = IpVersions::both();
  std::string_view protocol = {};     // implied by -p: "tcp" for the tcp match, else empty
  std::string_view old_name_of = {};  // "conntrack" for state, "CT" for NOTRACK, else empty
  std::span<const Option> options = {};
  std::span<const ModuleName> modules = {};
  Tracking tracking = Tracking::never;
  Exactness exactness = Exactness::opaque;
  Role role{};
  TargetEnd end = TargetEnd::not_a_target;
  std::string_view tables = {};    // "nat", "raw", "mangle,filter" ...; empty: any
  std::string_view chains = {};    // "PREROUTING,OUTPUT" ...; empty: any of the table, and the
                                   // kernel checks user chains by where they are called from
  std::string_view summary = {};   // what it does, half a sentence without a full stop
  std::string_view evidence = {};  // source and version read, or "measured: ..."
};

// All rows, sorted by kind, then name (byte order).
[[nodiscard]] std::span<const Extension> extensions();

// The row for a name as written after -m or -j in the given family; nullptr if there is none. As in
// libxtables, icmpv6 and ipv6-icmp are other names of the match icmp6. O(log n).
[[nodiscard]] const Extension* find_match(std::string_view name, IpVersion version);
[[nodiscard]] const Extension* find_target(std::string_view name, IpVersion version);

// The module of the row for one kernel version and family; empty if built into the core of it.
[[nodiscard]] std::string_view module_of(const Extension& row, const KernelVersion& kernel,
                                         IpVersion version);

}  // namespace untrack::catalog
