#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

void find_notrack_misplaced(const Facts& facts, std::vector<Finding>& findings) {
  for (const ConstructId id : facts.misplaced_raw_targets) {
    const Construct& construct = facts.ruleset[id];
    const Table& table = facts.ruleset.table_of(facts.ruleset[construct.rule]);
    Finding finding;
    finding.check = &notrack_misplaced;
    finding.severity = notrack_misplaced.severity;
    finding.span = construct.span;
    if (construct.language == Language::nft) {
      finding.message = "notrack comes too late here: the packet has its entry already";
      finding.label = "no chain that leads here runs before the tracker";
      finding.notes = {
          "the tracker looks at a packet at priority -200 of prerouting and output",
          "move the rule to a chain at priority raw (-300): of prerouting for packets that arrive, "
          "of output for those that this host sends"};
    } else {
      finding.message =
          fmt::format("{} works in the raw table only, not in {}", construct.name, table.name);
      finding.label = "the kernel refuses it here";
      finding.notes = {
          "the tracker looks at a packet before the other tables do, at priority -200; raw is the "
          "one that runs earlier, at -300",
          "move the rule to the raw table: PREROUTING for packets that arrive, OUTPUT for those "
          "that this host sends"};
    }
    finding.ip_versions = ip_versions(table.family);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo notrack_misplaced{
    .code = "UT307",
    .name = "notrack-misplaced",
    .since = "0.1",
    .severity = Severity::error,
    .summary = "NOTRACK or CT outside the raw table, where the tracker has already looked.",
    .why =
        R"(A packet is exempted from tracking before the tracker sees it, or never. The tracker's hooks run at priority -200
in PREROUTING and OUTPUT; of the tables only raw, at -300, runs before. The kernel refuses NOTRACK and CT in
any other table (`Invalid argument`), and `iptables-restore` then loads nothing of that table. It takes `notrack` of nftables
in any chain; behind the tracker it does nothing to a packet that has an entry.

What to do: write the rule in the raw table: in PREROUTING for what arrives, and in OUTPUT for what this host sends. A condition on INPUT or
FORWARD has to be expressed by addresses or interfaces there.

Limits: that both backends of iptables refuse it was observed on a current kernel. A chain of nftables that is reached before and
behind the tracker is not reported.)",
    .bad = R"(*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
)",
    .also = "",
    .run = find_notrack_misplaced};

}  // namespace untrack::checks
