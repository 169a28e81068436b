#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_lost_reassembly(const Facts& facts, std::vector<Finding>& findings) {
  for (const LostFragments& row : facts.flows.fragments) {
    Finding finding;
    finding.check = &lost_reassembly;
    finding.severity = lost_reassembly.severity;
    finding.span = facts.ruleset[row.rule].text;
    finding.message = "later fragments of what is accepted here are refused";
    finding.label = "true of the first fragment only";
    if (row.more > 0) {
      finding.notes.push_back(
          fmt::format("so are those of {} more rule{}", row.more, row.more == 1 ? "" : "s"));
    }
    finding.notes.emplace_back(
        "connection tracking would put the packets together before the filter sees them, and "
        "nothing here makes the kernel track");
    const bool is_nft = language_of(facts.ruleset, row.rule) == Language::nft;
    finding.notes.push_back(fmt::format(
        "accept later fragments ({}) between the same addresses, if large datagrams are to pass",
        row.version == IpVersion::ipv4
            ? (is_nft ? "ip frag-off & 0x1fff != 0" : "-f")
            : (is_nft ? "frag frag-off != 0" : "-m frag --fragmore, --fraglast")));
    finding.ip_versions = row.version;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo lost_reassembly{
    .code = "UT316",
    .name = "lost-reassembly",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "Without connection tracking, later fragments of accepted datagrams are refused.",
    .why =
        R"(Only the first fragment of a packet has ports or an ICMP type. Connection tracking puts packets together before the rules see them (nf_defrag_ipv4, nf_defrag_ipv6); without it, a rule that asks for a
port lets the first fragment pass and no other, and large datagrams (DNS with signatures, tunnels, large pings) never arrive whole.

What to do: accept later fragments between the addresses concerned, `-f` for IPv4; their harm is small, as no host puts them together without
the first.

Limits: said of FORWARD, and for IPv6 of INPUT too; in front of IPv4's INPUT the stack itself puts packets together. UDP and ICMP only, since TCP finds the
size that fits. What else may reassemble (nftables rules, Open vSwitch) is not seen. Said once a way.)",
    .bad = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -i eth0 -p udp -m udp --dport 53 -j ACCEPT
-A FORWARD -o eth0 -p udp -m udp --sport 53 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p udp -f -j ACCEPT
-A FORWARD -i eth0 -p udp -m udp --dport 53 -j ACCEPT
-A FORWARD -o eth0 -p udp -m udp --sport 53 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_lost_reassembly};

}  // namespace untrack::checks
