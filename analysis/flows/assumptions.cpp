#include "analysis/flows/assumptions.hpp"

#include <algorithm>

namespace untrack {
namespace {

constexpr std::array<AssumptionRow, assumption_count> assumption_table = {{
    {Assumption::client_ports, "client_ports", true,
     "whoever starts a flow uses a source port of its ephemeral range: this host 32768 to 60999, "
     "others 1024 to 65535, unless a rule names another (one that only untracks does not count) or "
     "the service uses one port on both sides",
     "a client may use any source port, 443 among them, so that its first packet looks like a "
     "server's reply"},
    {Assumption::no_midstream, "no_midstream", true,
     "no connection is picked up without its SYN, as after a restart of the firewall or a failover",
     "a mid-stream ACK begins a flow, as nf_conntrack_tcp_loose=1 allows"},
    {Assumption::loopback_open, "loopback_open", true,
     "traffic on lo is the host's own, and a rewrite may accept all of it",
     "packets on lo are judged like all others"},
    {Assumption::tcp_udp_icmp_only, "tcp_udp_icmp_only", true,
     "other protocols than TCP, UDP and ICMP are not used where only a rule without protocol lets "
     "them through",
     "every packet of any protocol that an accept without -p lets in begins a flow"},
    {Assumption::echo_only, "echo_only", true,
     "of the ICMP queries only echo is used: no timestamp, address mask or information requests",
     "those queries are flows, too, and their replies must come back"},
    {Assumption::symmetric_paths, "symmetric_paths", false,
     "both directions of what is forwarded pass this host; what this host sends or is sent needs "
     "no "
     "such words",
     "of what is forwarded one direction alone may pass: what the original lets through as NEW or "
     "INVALID all the same must still pass"},
    {Assumption::no_fragments, "no_fragments", false,
     "no fragments arrive where reassembly stops with connection tracking",
     "later fragments, which have no ports, must be let through"},
    {Assumption::helpers_unused, "helpers_unused", false,
     "what a helper would expect (FTP data, SIP media) is not used, so that -m helper matches "
     "nothing and CT --helper may go; where a rewrite leaves that in place, it still binds its "
     "flows "
     "to connection tracking",
     "where a rule assigns a helper, it must stay, and whatever the original lets pass as RELATED "
     "must still pass, and go on"},
    {Assumption::rate_per_packet, "rate_per_packet", true,
     "a rate or a count that was asked for the first packet of a TCP connection or of a series of "
     "pings may be asked for each packet that looks like a first one: a SYN that is sent again, "
     "the "
     "next ping",
     "what a rate let begin must go on whatever the rate says, which only connection tracking can "
     "tell for pings"},
    {Assumption::rate_per_datagram, "rate_per_datagram", false,
     "the same of UDP and of other protocols than TCP and ICMP: the rate may refuse any datagram "
     "of "
     "a flow that began within it",
     "what a rate let begin must go on whatever the rate says, which only connection tracking can "
     "tell for datagrams: of 100 datagrams of a flow behind limit 5/sec 15 would pass"},
    {Assumption::outbound_profile, "outbound_profile", false,
     "this host starts no flows but those that --outbound lists, loopback aside; of TCP this says "
     "something only together with no_midstream",
     "whatever OUTPUT lets out may be a flow, and the answers to it must come back"},
    {Assumption::service_ports, "service_ports", true,
     "no client of this host is given a UDP port of its range that a rule about incoming packets "
     "names (in ranges of at most 128, and 256 ports in all), and what has it begins no flow from "
     "it, unless a rule or --outbound names it as a source port, too: the kernel gives nobody a "
     "port that is in use, nor those of net.ipv4.ip_local_reserved_ports",
     "answers may go to these ports, and whoever sends UDP to one that a rule lets in from some "
     "alone looks like an answer"},
    {Assumption::translated_apart, "translated_apart", false,
     "addresses that --stateless-nat translates are used in no other way: nobody outside sends to "
     "the address inside, and this host sends nothing itself from the one outside or to it",
     "a payload statement translates those packets, too, which connection tracking tells apart: "
     "--stateless-nat switches it on, and says so"},
    {Assumption::errors_untranslated, "errors_untranslated", false,
     "nobody needs the ICMP errors about flows that --stateless-nat translates: they quote the "
     "address inside, which whoever gets them does not know, path MTU among them",
     "connection tracking translates what ICMP errors quote, and a payload statement does not: "
     "--stateless-nat switches it on, and says so"},
}};

}  // namespace

std::array<AssumptionRow, assumption_count> all_assumptions() { return assumption_table; }

const AssumptionRow& row_of(Assumption id) {
  return assumption_table[static_cast<std::size_t>(id)];
}

std::optional<Assumption> assumption_of(std::string_view name) {
  const auto at = std::ranges::find(assumption_table, name, &AssumptionRow::name);
  if (at == assumption_table.end()) return std::nullopt;
  return at->id;
}

Assumptions::Assumptions() {
  for (const AssumptionRow& row : assumption_table) set(row.id, row.is_default);
}

Assumptions Assumptions::none() {
  Assumptions none;
  none.on_.fill(false);
  return none;
}

std::vector<Assumption> Assumptions::list() const {
  std::vector<Assumption> list;
  for (const AssumptionRow& row : assumption_table) {
    if (has(row.id)) list.push_back(row.id);
  }
  return list;
}

}  // namespace untrack
