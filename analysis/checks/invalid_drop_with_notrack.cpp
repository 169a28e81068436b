#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/checks/list.hpp"
#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

// The error that path MTU discovery needs: type 3 code 4 in IPv4, type 2 in IPv6.
struct PathMtuError {
  Number protocol;
  Number type_and_code;
};

PathMtuError path_mtu_error(IpVersion version) {
  return version == IpVersion::ipv4 ? PathMtuError{1, 0x0304} : PathMtuError{58, 0x0200};
}

bool passes(const Ruleset& ruleset, const FieldTest& test, Number value) {
  const auto values = slice(ruleset.intervals, test.values);
  const bool holds = std::any_of(values.begin(), values.end(), [&](const Interval& one) {
    return one.first <= value && value <= one.last;
  });
  return holds != test.negated;
}

// False only if the rule certainly matches no such error.
bool may_match_error(const Ruleset& ruleset, const Rule& rule, IpVersion version) {
  const PathMtuError error = path_mtu_error(version);
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<FieldTest>(part);
    if (test == nullptr) continue;
    if (test->field == Field::protocol && !passes(ruleset, *test, error.protocol)) return false;
    if (test->field == Field::icmp_type_code && !passes(ruleset, *test, error.type_and_code)) {
      return false;
    }
    if (test->field == Field::source_port || test->field == Field::destination_port ||
        test->field == Field::either_port || test->field == Field::tcp_flags) {
      return false;
    }
  }
  return true;
}

template <class Wanted>
bool asks(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (match_as<Wanted>(part) != nullptr) return true;
  }
  return false;
}

// Certain enough to let the errors in before the drop: no state, no interface.
bool saves_errors(const Ruleset& ruleset, const Rule& rule, IpVersion version) {
  return accepts(ruleset, rule) && may_match_error(ruleset, rule, version) &&
         !asks<StateTest>(ruleset, rule) && !asks<NameTest>(ruleset, rule);
}

// What drops packets that are INVALID.
std::optional<Span> invalid_drop(const Ruleset& ruleset, const Rule& rule) {
  if (const auto map = state_map(ruleset, rule)) {
    return map->dropped().has(CtState::invalid) ? std::optional(map->span) : std::nullopt;
  }
  if (!drops(ruleset, rule)) return std::nullopt;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<StateTest>(part);
    if (test != nullptr && !test->negated && test->states.has(CtState::invalid))
      return part.span_in(rule);
  }
  return std::nullopt;
}

void check_family(const Facts& facts, IpVersion version, std::vector<Finding>& findings) {
  const std::vector<RuleId>& notrack = facts.notrack_rules_of(version);
  const auto reaches = [&](RuleId id) { return facts.is_reached[id.index()]; };
  const auto first = std::find_if(notrack.begin(), notrack.end(), reaches);
  if (first == notrack.end()) return;
  for (const RuleId id : notrack) {
    if (may_match_error(facts.ruleset, facts.ruleset[id], version)) return;
  }
  for (const Table& table : facts.ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    // An earlier rule of the table that lets ICMP through may already save the errors.
    bool is_saved = false;
    for (const ChainId chain : table.chains) {
      for (const RuleId id : facts.ruleset[chain].rules) {
        const Rule& rule = facts.ruleset[id];
        if (facts.is_reached[id.index()] && saves_errors(facts.ruleset, rule, version)) {
          is_saved = true;
        }
        const std::optional<Span> drop = invalid_drop(facts.ruleset, rule);
        if (is_saved || !drop || !facts.is_reached[id.index()] ||
            !may_match_error(facts.ruleset, rule, version)) {
          continue;
        }
        Finding finding;
        finding.check = &invalid_drop_with_notrack;
        finding.severity = invalid_drop_with_notrack.severity;
        finding.span = *drop;
        finding.message = "this INVALID drop also drops ICMP errors about untracked flows";
        finding.label = "an error about a flow without an entry is INVALID";
        finding.related.push_back({facts.ruleset[*first].text, "flows that have no entry"});
        finding.notes = {
            version == IpVersion::ipv4
                ? "among them is \"fragmentation needed\" (type 3 code 4): path MTU discovery of "
                  "those flows fails, and large answers are lost"
                : "among them is \"packet too big\" (type 2): path MTU discovery of those flows "
                  "fails, and large answers are lost",
            fmt::format(
                "accept {} before this rule, or exempt these errors with {} as well",
                version == IpVersion::ipv4 ? "ICMP types 3, 11 and 12" : "ICMPv6 types 1 to 4",
                wording_of(facts.ruleset, id).notrack)};
        finding.ip_versions = version;
        findings.push_back(std::move(finding));
        return;
      }
    }
  }
}

void find_invalid_drop_with_notrack(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    check_family(facts, version, findings);
  }
}

}  // namespace

const CheckInfo invalid_drop_with_notrack{
    .code = "UT309",
    .name = "invalid-drop-with-notrack",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "INVALID packets are dropped while NOTRACK makes ICMP errors INVALID.",
    .why =
        R"(An ICMP error quotes the packet it is about. If that flow was exempted with NOTRACK, the tracker finds no entry for
it and calls the error INVALID, neither RELATED nor UNTRACKED (observed for IPv4 and IPv6, arriving and sent by this
host). A rule that drops INVALID then drops "fragmentation needed" and "packet too big": path MTU discovery
fails for exactly those flows, which shows as large answers that never arrive.

What to do: accept the ICMP errors before the INVALID drop, or exempt them with NOTRACK in PREROUTING and OUTPUT.

Limits: reported only if no NOTRACK rule can match ICMP and no reached rule before the drop (in the text of its table)
accepts ICMP without asking for a state or an interface; so an accept in a chain that does not lead there silences it. One finding for
each family, at the first such drop.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 11 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 12 -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_invalid_drop_with_notrack};

}  // namespace untrack::checks
