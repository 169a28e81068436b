#include <fmt/format.h>

#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

constexpr std::size_t most_related = 3;

std::string reason_of(const Facts& facts, const Rule& rule) {
  if (is_declaration(facts.ruleset, rule)) return "used by no rule that packets come to";
  const Chain& chain = facts.ruleset[rule.chain];
  if (!facts[rule.chain].may_be_reached()) {
    return fmt::format("nothing that is reached jumps to the chain {}", chain.name);
  }
  return fmt::format("an earlier rule of {} already ends the way of every packet", chain.name);
}

void check_family(const Facts& facts, IpVersion version, std::vector<Finding>& findings) {
  const FamilyTracking& tracking = facts.tracking[version];
  if (tracking.forced_by.empty() || !tracking.forced_by_tables.empty()) return;
  for (const ConstructId id : tracking.forced_by) {
    if (facts.is_reached[facts.ruleset[id].rule.index()]) return;
  }
  const Construct& first = facts.ruleset[tracking.forced_by.front()];
  const Rule& rule = facts.ruleset[first.rule];
  Finding finding;
  finding.check = &tracking_unreached;
  finding.severity = tracking_unreached.severity;
  finding.span = rule.text;
  finding.message = "tracking is forced only by rules that no packet reaches";
  finding.label = reason_of(facts, rule);
  for (std::size_t i = 1; i < tracking.forced_by.size(); ++i) {
    const Rule& other = facts.ruleset[facts.ruleset[tracking.forced_by[i]].rule];
    if (other.text == rule.text) continue;
    if (finding.related.size() == most_related) {
      finding.notes.push_back(
          fmt::format("so it is with the other rules that force it, {} constructs in all",
                      tracking.forced_by.size()));
      break;
    }
    if (!finding.related.empty() && finding.related.back().span == other.text) continue;
    finding.related.push_back({other.text, reason_of(facts, other)});
  }
  const auto& end = facts[rule.chain];
  if (end.may_be_reached() && end.end < facts.ruleset[rule.chain].rules.size()) {
    finding.related.push_back({facts.ruleset[facts.ruleset[rule.chain].rules[end.end]].text,
                               "this rule ends the chain for every packet"});
  }
  finding.notes.emplace_back(
      "delete them: no packet is treated differently, and tracking ends with the last of them");
  finding.ip_versions = version;
  finding.need = Need::free;
  findings.push_back(std::move(finding));
}

void find_tracking_unreached(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    check_family(facts, version, findings);
  }
}

}  // namespace

const CheckInfo tracking_unreached{
    .code = "UT302",
    .name = "tracking-unreached",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "Tracking is paid for by every packet, for rules that no packet reaches.",
    .why =
        R"(Presence decides, not reachability: a state match in a chain that nothing jumps to, or behind a rule that already
accepts everything, tracks all packets of its family. If all rules that force tracking are like that, deleting
them changes the fate of no packet and ends tracking.

What to do: delete the rules.

Limits: only what the text shows is used: a chain that no reached rule jumps to, and rules behind one without a condition
that accepts, drops, rejects, translates, returns or goes elsewhere. A program that adds jumps while it runs (Docker,
fail2ban, libvirt) makes such a chain reachable; audit the live ruleset for those. Rules that are unreachable for subtler reasons
are not named.)",
    .bad = R"(*filter
:INPUT ACCEPT [0:0]
:old-policy - [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j DROP
-A old-policy -m conntrack --ctstate NEW -j DROP
COMMIT
)",
    .good = R"(*filter
:INPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j DROP
COMMIT
)",
    .also = "UT301",
    .run = find_tracking_unreached};

}  // namespace untrack::checks
