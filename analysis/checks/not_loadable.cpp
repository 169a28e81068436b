#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/checks/problems.hpp"

namespace untrack::checks {
namespace {

void find_not_loadable(const Facts& facts, std::vector<Finding>& findings) {
  std::vector<Span> misplaced;
  for (const ConstructId id : facts.misplaced_raw_targets) {
    misplaced.push_back(facts.ruleset[id].span);
  }
  std::sort(misplaced.begin(), misplaced.end());
  for (const Problem& problem : facts.ruleset.problems) {
    if (problem.kind != ProblemKind::error) continue;
    // UT307 says the same of these, and why.
    if (std::binary_search(misplaced.begin(), misplaced.end(), problem.span)) continue;
    findings.push_back(finding_of(not_loadable, facts, problem));
  }
}

}  // namespace

const CheckInfo not_loadable{
    .code = "UT101",
    .name = "not-loadable",
    .since = "0.1",
    .severity = Severity::error,
    .summary = "A line that iptables or the kernel would refuse.",
    .why =
        R"(A port that is no number and no service, a jump to a chain that does not exist, an option that its
extension does not have: `iptables-restore` stops at such a line, and since it commits a whole table or nothing, none of
the table's rules are loaded. The message names what was found and what could stand there.

What to do: correct the line. `iptables-restore --test FILE` should then be silent.

Limits: the line is judged by the rules of iptables 1.8.9. Another version, or an extension that only your system has,
may accept what is refused here. The rest of the file is still read and judged as if the line were right, and the exit
status is 3.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport htpp -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport http -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_not_loadable};

}  // namespace untrack::checks
