#include "analysis/checks/list.hpp"
#include "analysis/checks/problems.hpp"

namespace untrack::checks {
namespace {

void run(const Facts& facts, std::vector<Finding>& findings) {
  for (const Problem& problem : facts.ruleset.problems) {
    if (problem.kind != ProblemKind::note) continue;
    findings.push_back(finding_of(read_differently, facts, problem));
  }
}

}  // namespace

const CheckInfo read_differently{
    .code = "UT102",
    .name = "surprising-text",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "A line that is understood, but may not mean what its reader thinks.",
    .why =
        R"(iptables accepts spellings whose meaning is easily missed: a host address with a prefix length loses its host
bits, an old place of `!` still works, a rule after `COMMIT` waits for the next table. The line is read as iptables reads
it; the note says how.

What to do: write the line the way it is meant, if the note surprises you.

Limits: only spellings that the reader knows to be treacherous are named.)",
    .bad = R"()",
    .good = R"()",
    .also = "",
    .run = run};

}  // namespace untrack::checks
