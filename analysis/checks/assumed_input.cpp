#include "analysis/checks/list.hpp"
#include "analysis/checks/problems.hpp"

namespace untrack::checks {
namespace {

void find_assumed_input(const Facts& facts, std::vector<Finding>& findings) {
  for (const Problem& problem : facts.ruleset.problems) {
    if (problem.kind != ProblemKind::note) continue;
    findings.push_back(finding_of(assumed_input, facts, problem));
  }
}

}  // namespace

const CheckInfo assumed_input{
    .code = "UT102",
    .name = "assumed-input",
    .since = "0.1",
    .severity = Severity::note,
    .summary =
        "A place that the inputs leave open or that is easily misread, and how it was taken.",
    .why =
        R"(Rules without a table header, a file that does not say whether it is for IPv4 or IPv6, a set whose contents are
not given, a jump to a chain that another program makes, an old place of `!`: the text is read, and the note
says as what. Nothing is wrong with it, but the verdict rests on that reading.

What to do: nothing, if the reading is right. Otherwise name what is missing: `--family`, the output of `ipset save` or the
file with the other chains as a further input.

Limits: notes do not change the exit status, unless `--fail-on note` is given. A jump to a chain that is not given makes
the verdict *unknown* where nothing else forces tracking, since the rules of that chain are not seen.)",
    .bad = R"(*filter
:INPUT ACCEPT [0:0]
-A INPUT -m set --match-set blocked src -j DROP
COMMIT
)",
    .good = R"(*filter
:INPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -j DROP
COMMIT
)",
    .also = "",
    .run = find_assumed_input};

}  // namespace untrack::checks
