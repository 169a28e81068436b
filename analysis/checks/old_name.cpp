#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

std::string today(const Construct& construct) {
  if (construct.name == "state") return "-m conntrack --ctstate";
  if (construct.name == "NOTRACK") return "-j CT --notrack";
  Construct named = construct;
  named.name = construct.extension->old_name_of;
  return display_name(named);
}

void find_old_name(const Facts& facts, std::vector<Finding>& findings) {
  // The new names are as old as CT (2.6.34); a system of that age may not have them.
  if (facts.kernel && *facts.kernel < KernelVersion{2, 6, 34}) return;
  for (std::size_t i = 0; i < facts.ruleset.constructs.size(); ++i) {
    const Construct& construct = facts.ruleset.constructs[i];
    if (construct.extension == nullptr || construct.extension->old_name_of.empty()) continue;
    if (!facts.is_loaded[construct.rule.index()]) continue;
    Finding finding;
    finding.check = &old_name;
    finding.severity = old_name.severity;
    finding.span = construct.span;
    finding.message = fmt::format("{} is an old name", construct.name);
    finding.label = fmt::format("today: {}", today(construct));
    finding.notes.emplace_back("both are read alike; nothing changes for packets or for tracking");
    finding.ip_versions = facts.ip_versions_of(construct.rule);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo old_name{
    .code = "UT103",
    .name = "old-name",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "An extension that has had another name for years.",
    .why =
        R"(`-m state --state` is `-m conntrack --ctstate`, and `-j NOTRACK` is `-j CT --notrack`. The old names still load,
with the same effect and the same cost: changing `state` to `conntrack` is not a step towards less tracking.

What to do: use the new name when you touch the line next.

Limits: not reported for target kernels before 2.6.34, which do not have all of the new names.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m state --state ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_old_name};

}  // namespace untrack::checks
