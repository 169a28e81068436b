#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

// The checks of each ignore that found nothing where it stands.
std::vector<std::vector<const CheckInfo*>> find_unused(const Ignores& ignores,
                                                       const std::vector<Finding>& findings) {
  std::vector<std::vector<const CheckInfo*>> unused;
  for (const Ignore& ignore : ignores.list) unused.push_back(ignore.checks);
  const auto matched = match_ignores(ignores, findings);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (matched[i]) std::erase(unused[*matched[i]], findings[i].check);
  }
  return unused;
}

void find_unused_ignore(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.ignores.list.empty()) return;
  const auto unused = find_unused(facts.ignores, findings);
  for (std::size_t i = 0; i < unused.size(); ++i) {
    if (unused[i].empty()) continue;
    std::vector<std::string_view> codes;
    for (const CheckInfo* check : unused[i]) codes.push_back(check->code);
    Finding finding;
    finding.check = &unused_ignore;
    finding.severity = unused_ignore.severity;
    finding.span = facts.ignores.list[i].span;
    finding.message = fmt::format("nothing to ignore: no {} here", fmt::join(codes, ", "));
    finding.label = facts.ignores.list[i].is_of_file
                        ? "no such finding in this text"
                        : "no such finding in the rule that it is about";
    finding.notes.emplace_back("take it away, so that it hides nothing one day");
    finding.ip_versions = facts.given;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo unused_ignore{
    .code = "UT104",
    .name = "unused-ignore",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A comment ignores a finding that is not there.",
    .why =
        R"(`# untrack: ignore CODE REASON` says that a finding is known and wanted. When the rule changes, or the check, the
comment stays behind, and the day the finding comes back for another reason it is silenced unseen.

What to do: take the comment away, or put it beside the rule that it is about: above the rule, behind it in nft and scripts,
or in its comment (`-m comment --comment "untrack: ignore[CODE] REASON"`, nft `comment "untrack: ignore[CODE] REASON"`).

Limits: an ignore counts for findings whose first line is in the rule; others that explain themselves by the rule are
reported where they are.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
# untrack: ignore UT301 the table is watched
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
# untrack: ignore UT301 the table is watched
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "",
    .is_last = true,
    .run = find_unused_ignore};

}  // namespace untrack::checks
