#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>

#include "analysis/checks/list.hpp"
#include "analysis/conntrack/modules.hpp"
#include "analysis/conntrack/purpose.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

struct Place {
  Span span;
  ConstructId construct;
  IpVersion version{};
};

std::string_view noun_of(const Ruleset& ruleset, const Construct& construct) {
  const bool is_match = construct.kind == catalog::ExtensionKind::match;
  if (construct.language == Language::iptables) return is_match ? "match" : "target";
  if (is_declaration(ruleset, ruleset[construct.rule])) return "declaration";
  return is_match ? "expression" : "statement";
}

// "-m conntrack --ctstate", "-j MASQUERADE": what stands there without its values.
std::string spell(const Ruleset& ruleset, const Construct& construct) {
  std::string text = display_name(construct);
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row == nullptr && option.name.empty()) continue;  // of nft: what it does
    text += " --";
    text += option.row == nullptr ? option.name.view() : option.row->name;
  }
  return text;
}

void add_tables(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    for (const TableId id : facts.tracking[version].forced_by_tables) {
      Finding finding;
      finding.check = &forces_tracking;
      finding.severity = forces_tracking.severity;
      finding.span = facts.ruleset[id].span;
      finding.message = "the nat table alone forces connection tracking before 4.10";
      finding.notes = {
          "even without rules: its module stands on connection tracking, which in such "
          "kernels works on every packet of every network namespace once it is loaded",
          "to do without: leave the table out, and never list it (iptables -t nat -L "
          "loads it, too)"};
      finding.construct_name = "table nat";
      finding.modules = std::make_shared<const std::vector<std::string>>(
          modules_of_nat_table(version, facts.kernel));
      finding.label = fmt::format("loads {}", fmt::join(finding.module_names(), ", "));
      finding.ip_versions = version;
      findings.push_back(std::move(finding));
    }
  }
}

// By IpVersion: a construct that cannot do its work without tracking, if there is one.
using Bound = std::array<ConstructId, 2>;

// The one that keeps tracking on in all of these families, whatever becomes of `id`; names nothing
// if tracking could end in one of them.
ConstructId keeper_of(const Bound& bound, IpVersions versions) {
  ConstructId keeper;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!versions.has(version)) continue;
    keeper = bound[static_cast<std::size_t>(version)];
    if (!keeper.names_something()) return keeper;
  }
  return keeper;
}

// Of a rule for both families, that one of them is tracked all the same; empty: none is for
// certain.
std::string kept_elsewhere(const Facts& facts, const Bound& bound, IpVersions versions) {
  if (!versions.has(IpVersion::ipv4) || !versions.has(IpVersion::ipv6)) return {};
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const ConstructId keeper = bound[static_cast<std::size_t>(version)];
    if (!keeper.names_something()) continue;
    const Construct& other = facts.ruleset[keeper];
    const IpVersion free = version == IpVersion::ipv4 ? IpVersion::ipv6 : IpVersion::ipv4;
    return fmt::format("this can end tracking for {} alone: {} in line {} needs it for {}",
                       display_name(free), display_name(other),
                       facts.sources.locate(other.span).line, display_name(version));
  }
  return {};
}

// Whether rules that match none of its packets are all that tracks the family: they stand in tables
// of family inet, and those count for both.
bool is_tracked_for_nothing(const Facts& facts, IpVersion version) {
  const std::vector<ConstructId>& forced_by = facts.tracking[version].forced_by;
  return !forced_by.empty() && facts.tracking[version].forced_by_tables.empty() &&
         std::ranges::none_of(forced_by, [&](ConstructId id) {
           const RuleId rule = facts.ruleset[id].rule;
           return is_declaration(facts.ruleset, facts.ruleset[rule]) ||
                  facts.ip_versions_matched(rule).has(version);
         });
}

// What moving rules of one family out of inet would bring; empty: nothing.
std::string advice_to_move(const Facts& facts, const Construct& construct) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!facts.ip_versions_of(construct.rule).has(version)) continue;
    if (!is_tracked_for_nothing(facts, version)) continue;
    const bool is_ipv4 = version == IpVersion::ipv4;
    const std::size_t count = facts.tracking[version].forced_by.size();
    return fmt::format(
        "it matches {} packets alone, {}: in a table of family {} {} would leave {} untracked",
        is_ipv4 ? "IPv6" : "IPv4",
        count == 1 ? "and tracks both families in a table of family inet"
                   : "as all that tracks here does",
        is_ipv4 ? "ip6" : "ip", count == 1 ? "it" : "these rules", display_name(version));
  }
  return {};
}

// What is said of each of them alike: most constructs are one of a few extensions.
class KnownWords {
 public:
  struct Row {
    const catalog::Extension* extension;
    IpVersions versions;
    std::string_view noun;
    std::string message;
    std::shared_ptr<const std::vector<std::string>> modules;
    std::string label;
  };

  const Row& of(const Facts& facts, const Construct& construct, IpVersions versions) {
    const std::string_view noun = noun_of(facts.ruleset, construct);
    for (const Row& row : rows_) {
      if (row.extension == construct.extension && row.versions == versions && row.noun == noun) {
        return row;
      }
    }
    std::vector<std::string> names = modules_of(construct, versions, facts.kernel);
    std::string label;
    if (!names.empty()) label = fmt::format("loads {}", fmt::join(names, ", "));
    rows_.push_back({construct.extension, versions, noun,
                     fmt::format("this {} forces connection tracking for all {} packets", noun,
                                 display_name(versions)),
                     std::make_shared<const std::vector<std::string>>(std::move(names)),
                     std::move(label)});
    return rows_.back();
  }

 private:
  std::deque<Row> rows_;
};

Finding find_one(const Facts& facts, ConstructId id, IpVersions versions, const Bound& bound,
                 KnownWords& words) {
  const Construct& construct = facts.ruleset[id];
  Purpose purpose = purpose_of(facts, id);
  const bool is_reached = facts.is_reached[construct.rule.index()];
  Finding finding;
  finding.check = &forces_tracking;
  // Where something cannot work without tracking, this one alone is not what keeps it on.
  const ConstructId keeper = keeper_of(bound, versions);
  finding.severity = keeper.names_something() ? Severity::warning : Severity::error;
  finding.span = construct.span;
  const KnownWords::Row& known = words.of(facts, construct, versions);
  finding.message = known.message;
  finding.modules = known.modules;
  finding.label = known.label;
  finding.notes.reserve(2);  // as many as most have
  purpose.what.shrink_to_fit();
  finding.notes.push_back(std::move(purpose.what));
  if (std::string advice = advice_to_move(facts, construct); !advice.empty()) {
    finding.notes.push_back(std::move(advice));
  }
  if (is_declaration(facts.ruleset, facts.ruleset[construct.rule])) {
    finding.notes.emplace_back(
        "it counts as soon as it is declared, whether a rule uses it or not");
    finding.need = purpose.need;
  } else if (!is_reached) {
    finding.notes.emplace_back(
        "no packet reaches this rule; it tracks all the same, since it counts once it is loaded");
    finding.need = Need::free;
  } else if (decides_nothing(facts, construct.rule)) {
    finding.notes.emplace_back("it can go: what it does not accept, the policy accepts (UT310)");
    finding.need = Need::free;
  } else if (keeper.names_something() && purpose.need != Need::bound) {
    const Construct& other = facts.ruleset[keeper];
    finding.notes.push_back(fmt::format("removing it does not end tracking: {} in line {} needs it",
                                        display_name(other),
                                        facts.sources.locate(other.span).line));
  } else {
    finding.need = purpose.need;
    finding.notes.push_back(std::move(purpose.instead));
    std::string other = kept_elsewhere(facts, bound, versions);
    if (purpose.need != Need::bound && !other.empty()) finding.notes.push_back(std::move(other));
  }
  finding.ip_versions = versions;
  finding.construct = id;
  finding.construct_name = spell(facts.ruleset, construct);
  return finding;
}

void find_forces_tracking(const Facts& facts, std::vector<Finding>& findings) {
  std::vector<Place> places;
  Bound bound;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    for (const ConstructId id : facts.tracking[version].forced_by) {
      places.push_back({facts.ruleset[id].span, id, version});
      ConstructId& keeper = bound[static_cast<std::size_t>(version)];
      if (keeper.names_something()) continue;
      const bool is_reached = facts.is_reached[facts.ruleset[id].rule.index()];
      const bool is_matched = facts.ip_versions_matched(facts.ruleset[id].rule).has(version) ||
                              is_declaration(facts.ruleset, facts.ruleset[facts.ruleset[id].rule]);
      if (is_reached && is_matched && purpose_of(facts, id).need == Need::bound) keeper = id;
    }
  }
  // One line may stand for both families.
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.span < b.span; });
  KnownWords words;
  for (std::size_t i = 0; i < places.size();) {
    IpVersions versions;
    std::size_t next = i;
    for (; next < places.size() && places[next].span == places[i].span; ++next) {
      versions = versions | places[next].version;
    }
    findings.push_back(find_one(facts, places[i].construct, versions, bound, words));
    i = next;
  }
  add_tables(facts, findings);
}

}  // namespace

const CheckInfo forces_tracking{
    .code = "UT301",
    .name = "forces-tracking",
    .since = "0.1",
    .severity = Severity::error,
    .summary = "A match or target that makes the kernel track every packet of its family.",
    .why =
        R"(The kernel tracks connections for a family of addresses as soon as one loaded rule needs it: the extension takes
a reference when the rule is loaded (`nf_ct_netns_get`), never when a packet meets it. So one such match, in a rule that no
packet reaches, tracks every packet of that family in the network namespace: in, out, forwarded, and on loopback. IPv4 and
IPv6 are counted apart; a rule in `iptables` never tracks IPv6. What `-j CT --notrack`, plain rules and an empty nat table
do not need, they do not switch on.

There is one finding for each such match or target. It is an *error* where nothing in the family is known to need the
table, so that all of it may go; it is a *warning* where something does that cannot work without entries (NAT, a helper, connlimit,
connection marks, zones, SYNPROXY, byte counts), since then this one alone is not what keeps tracking on.

What to do: decide whether the host needs what the rule is there for; the finding says what that is and how to do without.
Tracking ends at once when the last such rule is gone, and only then. A host that needs it for some flows can exempt the others with
NOTRACK in the raw table, in both directions.

Limits: what each construct needs was measured on a current kernel. Before 4.10 (`--kernel`) the loaded module alone tracks
everything in every namespace. Other users of connection tracking (nftables rules not given, other namespaces, Open
vSwitch, tc, IPVS, the module parameter `enable_hooks`) are not seen in a ruleset; the report lists what was not seen.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 32768:60999 --tcp-flags ACK ACK -j ACCEPT
-A INPUT -p tcp -m tcp --dport 32768:60999 --tcp-flags SYN,ACK,FIN,RST RST -j ACCEPT
-A INPUT -p udp -m udp --sport 53 --dport 32768:60999 -j ACCEPT
-A INPUT -p icmp -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_forces_tracking};

}  // namespace untrack::checks
