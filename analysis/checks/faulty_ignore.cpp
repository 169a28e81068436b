#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

void find_faulty_ignore(const Facts& facts, std::vector<Finding>& findings) {
  for (const IgnoreFault& fault : facts.ignores.faults) {
    Finding finding;
    finding.check = &faulty_ignore;
    finding.severity = faulty_ignore.severity;
    finding.span = fault.span;
    finding.message = fault.message;
    finding.label = fault.label;
    finding.notes.emplace_back("it silences nothing");
    finding.ip_versions = facts.given;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo faulty_ignore{
    .code = "UT105",
    .name = "faulty-ignore",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A comment that should ignore a finding says too little, or what cannot be.",
    .why =
        R"(An ignore names the check and the reason: `# untrack: ignore UT301 the table is watched`. Without a code it
would hide findings that nobody has seen yet; without a reason the next reader cannot tell whether it still holds.

Some checks cannot be ignored, since they say what the verdict does not rest on: UT101, UT901 and UT902, and what is
said of ignores themselves.

What to do: write code and reason. `untrack checks` lists the codes; their names are taken, too.

Limits: what begins with another word than "untrack:" is no ignore, however much it looks like one.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
# untrack: ignore UT301
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
# untrack: ignore UT301 the table is watched
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_faulty_ignore};

}  // namespace untrack::checks
