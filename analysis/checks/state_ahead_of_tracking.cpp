#include "analysis/checks/list.hpp"
#include "analysis/conntrack/over_loopback.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

void find_state_ahead_of_tracking(const Facts& facts, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < facts.ruleset.rules.size(); ++i) {
    const RuleId id(i);
    const Rule& rule = facts.ruleset[id];
    if (!facts.is_reached[i] || !is_ahead_of_tracking(facts, rule.chain)) continue;
    for (const RulePart& part : slice(facts.ruleset.parts, rule.parts)) {
      const auto* test = match_as<StateTest>(part);
      // UNTRACKED is what NOTRACK has made of a packet just before.
      const bool holds = test != nullptr && test->states.has(CtState::invalid) != test->negated;
      if (test == nullptr || (test->states.has(CtState::untracked) && !holds)) continue;
      if (test->negated && test->states == CtStates(CtState::untracked)) continue;
      // What comes back over lo has the state that it got on its way out.
      const IncomingInterfaces interfaces = incoming_interfaces(facts.ruleset, rule);
      if (!interfaces.may_be_others) continue;
      Finding finding;
      finding.check = &state_ahead_of_tracking;
      finding.severity = state_ahead_of_tracking.severity;
      finding.span = part.span_in(rule);
      finding.message = holds ? "this state match holds for every packet: none is tracked yet here"
                              : "this state match holds for no packet: none is tracked yet here";
      finding.label = "ahead of the tracker each packet is INVALID";
      if (holds && drops(facts.ruleset, rule)) {
        finding.notes.emplace_back("what the rest of the rule matches is dropped, whatever it is");
      }
      if (interfaces.may_be_lo && facts[rule.chain].hooks_before_conntrack.has(Hook::prerouting)) {
        finding.notes.emplace_back("but for what comes back over lo, which has its state already");
      }
      finding.notes.emplace_back(
          part.construct.names_something() &&
                  facts.ruleset[part.construct].language == Language::nft
              ? "move the rule to a chain at priority mangle (-150) or behind it"
              : "move the rule to mangle or filter, which run behind the tracker");
      finding.ip_versions = facts.ip_versions_of(id);
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

const CheckInfo state_ahead_of_tracking{
    .code = "UT317",
    .name = "state-ahead-of-tracking",
    .since = "0.1",
    .severity = Severity::error,
    .summary = "A state match in raw, ahead of the tracker, where every packet is INVALID.",
    .why =
        R"(The tracker looks at a packet at priority -200 of PREROUTING and OUTPUT; the raw table runs before, at -300. There
no packet has a state yet, and the match reads that as INVALID: `--ctstate INVALID -j DROP` drops everything, and
`--ctstate NEW` or `ESTABLISHED` is never true. The rule loads without a word, and still makes the kernel track.

What to do: move the rule to mangle or filter; in nftables to a chain at priority mangle (-150) or behind it.

Limits: what comes back over lo has the state that it got on its way out, also in raw. UNTRACKED is not reported, since NOTRACK in the
same chain makes packets so, nor are verdict maps by the state. A chain of nftables at exactly -200 is UT901's.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -i eth0 -m conntrack --ctstate INVALID -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .good = R"(*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -m conntrack --ctstate INVALID -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_state_ahead_of_tracking};

}  // namespace untrack::checks
