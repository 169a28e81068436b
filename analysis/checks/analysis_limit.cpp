#include <fmt/format.h>

#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

std::string_view left_out(Analysis analysis) {
  switch (analysis) {
    case Analysis::shadows:
      return "rules that no packet matches (UT201, UT203), but for those that rules of the same "
             "chain "
             "hide";
    case Analysis::redundancy:
      return "rules that decide nothing of their own (UT202)";
    case Analysis::flow_facts:
      return "what becomes of flows and of fragments (UT312 to UT316, UT402)";
    case Analysis::flow_classes:
      return "flow classes, and so whether this host needs connection tracking";
  }
  return "";
}

// The first table of the family, or a rule of it where tables have no line of their own.
Span place_of(const Ruleset& ruleset, IpVersion version) {
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    if (!table.span.empty()) return table.span;
    for (const ChainId chain : table.chains) {
      if (!ruleset[chain].rules.empty()) return ruleset[ruleset[chain].rules.front()].text;
    }
  }
  return {};
}

void find_analysis_limit(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const std::vector<Analysis>& cut = facts.cut[static_cast<std::size_t>(version)];
    if (cut.empty()) continue;
    Finding finding;
    finding.check = &analysis_limit;
    finding.severity = analysis_limit.severity;
    finding.span = place_of(facts.ruleset, version);
    finding.message = fmt::format("the {} rules are too many, or too different, for some questions",
                                  display_name(version));
    finding.label = "and what follows";
    for (const Analysis analysis : cut) {
      finding.notes.push_back(fmt::format("not known: {}", left_out(analysis)));
    }
    finding.ip_versions = version;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo analysis_limit{
    .code = "UT902",
    .name = "analysis-limit",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "The ruleset is too large for a part of the analysis, which is therefore missing.",
    .why =
        R"(Reasoning over all packets at once has limits of memory and of work, so that an audit ends within seconds. Where one is reached, the question is given up: nothing is claimed that is
not known. The finding lists, for each family, the questions that have no whole answer. That no finding of those codes is printed then means nothing. Rules that no packet matches are then
looked for within each chain alone: what is named is certain. Of how many rules a packet is known that matches them, and of how many neither is known, is said above the findings. What was found before a limit is
true all the same, and what rests on the text alone (UT1xx, UT301 and most others) is not touched.

What to do: put addresses and ports that are treated alike into one ipset, or rules about them into a chain of their own: what counts is how many ways rules cut the packets, in source and
destination at once, not their number. Or audit the chains that matter as a ruleset of their own.

Limits: this is a limit of the program, not a fault of the ruleset. Inputs that are a part of a larger ruleset are not asked these questions at all, whatever their size. The examples here are judged
within 1,200 nodes instead of millions, so that they can be small.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -s 192.0.2.16/32 -d 198.51.100.7/32 -p tcp -m tcp --sport 1024:65535 --dport 22 -j ACCEPT
-A INPUT -s 192.0.2.33/32 -d 198.51.100.5/32 -p udp -m udp --sport 1024:65535 --dport 53 -j ACCEPT
-A INPUT -s 192.0.2.4/32 -d 198.51.100.8/32 -p tcp -m tcp --sport 1024:65535 --dport 443 -j ACCEPT
-A INPUT -s 192.0.2.99/32 -d 198.51.100.2/32 -p tcp -m tcp --sport 1024:65535 --dport 80 -j ACCEPT
-A OUTPUT -s 198.51.100.7/32 -d 192.0.2.16/32 -p tcp -m tcp --sport 22 --dport 1024:65535 -j ACCEPT
-A OUTPUT -s 198.51.100.5/32 -d 192.0.2.33/32 -p udp -m udp --sport 53 --dport 1024:65535 -j ACCEPT
-A OUTPUT -s 198.51.100.8/32 -d 192.0.2.4/32 -p tcp -m tcp --sport 443 --dport 1024:65535 -j ACCEPT
-A OUTPUT -s 198.51.100.2/32 -d 192.0.2.99/32 -p tcp -m tcp --sport 80 --dport 1024:65535 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A OUTPUT -d 192.0.2.0/24 -p tcp -m tcp --sport 22 -j ACCEPT
COMMIT
)",
    .also = "",
    .example_nodes = 1'200,
    .run = find_analysis_limit};

}  // namespace untrack::checks
