#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

constexpr CtStates of_tracked =
    CtStates(CtState::new_) | CtState::established | CtState::related | CtState::invalid;
constexpr CtStates of_any = of_tracked | CtState::untracked;

bool includes(CtStates whole, CtStates part) { return (whole & part) == part; }

// Without NOTRACK, no IPv4 packet that meets a rule behind the tracker is UNTRACKED; in IPv6 the
// kernel leaves neighbour discovery so (icmpv6_error, nf_conntrack_proto_icmpv6.c, 6.1).
bool holds_for_all(const Facts& facts, const StateTest& test, IpVersions versions) {
  if (test.negated) return false;
  if (includes(test.states, of_any)) return true;
  return includes(test.states, of_tracked) && versions == IpVersions(IpVersion::ipv4) &&
         facts.notrack_rules_of(IpVersion::ipv4).empty();
}

void find_state_decides_nothing(const Facts& facts, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < facts.ruleset.rules.size(); ++i) {
    const RuleId id(i);
    if (!facts.is_reached[i]) continue;
    const Rule& rule = facts.ruleset[id];
    const IpVersions versions = facts.ip_versions_of(id);
    const bool is_idle = decides_nothing(facts, id);
    for (const RulePart& part : slice(facts.ruleset.parts, rule.parts)) {
      const auto* test = match_as<StateTest>(part);
      if (test == nullptr) continue;
      const bool is_always = holds_for_all(facts, *test, versions);
      if (!is_always && !is_idle) continue;
      Finding finding;
      finding.check = &state_decides_nothing;
      finding.severity = state_decides_nothing.severity;
      finding.span = part.span_in(rule);
      finding.message = is_always ? "this state match holds for every packet"
                                  : "this state match decides nothing: what it does not accept is "
                                    "accepted all the same";
      if (is_always) {
        finding.label = "every state that a packet can have here";
        finding.notes.emplace_back("leave the state test out: the rule matches the same packets");
      } else {
        finding.label = "the policy accepts the rest, and no rule in between refuses anything";
        finding.notes.emplace_back(
            "leave the rule out, or its state test: no packet is treated differently");
      }
      finding.ip_versions = versions;
      finding.need = Need::free;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

const CheckInfo state_decides_nothing{
    .code = "UT310",
    .name = "state-decides-nothing",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A state match whose answer changes nothing.",
    .why =
        R"(Two forms of this are common. A rule accepts packets in some states, in a chain whose policy accepts the others as
well (`-P OUTPUT ACCEPT` and `-A OUTPUT -m state --state NEW,ESTABLISHED -j ACCEPT`): the outcome is the same whatever the state.
Or a match names every state that a packet can have. Either way the match costs an entry for each flow and decides
nothing.

What to do: remove the state test, or the whole rule.

Limits: the first form is reported only for an accept in a base chain with policy ACCEPT, when all later rules of the chain accept, too. The counters of the rule
are lost with it. The second: all five states, or in IPv4 without any NOTRACK rule all but UNTRACKED.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A OUTPUT -m conntrack --ctstate NEW,RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_state_decides_nothing};

}  // namespace untrack::checks
