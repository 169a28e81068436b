#include "analysis/checks/list.hpp"
#include "analysis/checks/problems.hpp"

namespace untrack::checks {
namespace {

void find_not_understood(const Facts& facts, std::vector<Finding>& findings) {
  for (const Problem& problem : facts.ruleset.problems) {
    if (problem.kind != ProblemKind::not_understood) continue;
    Finding finding = finding_of(not_understood, facts, problem);
    if (problem.may_track) {
      finding.notes.emplace_back(
          "it may switch on connection tracking, so that this family cannot be called free of it");
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo not_understood{
    .code = "UT901",
    .name = "not-understood",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "Text that may be right, but that this program does not know.",
    .why =
        R"(An extension that iptables 1.8.9 does not ship, a loop or a command substitution in a shell script: the text is
kept, but what it does is not known, and so is whether it makes the kernel track. Nothing is dropped in silence: each such
place is listed, the exit status is 3, and a family in which nothing else forces tracking is reported as *unknown*.

What to do: for a script, audit what it produces instead: run it and pass the output of `iptables-save`. For an extension,
look whether its kernel module depends on nf_conntrack (`modinfo -F depends xt_NAME`).

Limits: this is a limit of the program, not a fault of the ruleset.)",
    .bad = R"(*filter
:INPUT ACCEPT [0:0]
-A INPUT -m frobnicate --level 3 -j DROP
COMMIT
)",
    .good = R"(*filter
:INPUT ACCEPT [0:0]
-A INPUT -m length --length 1:64 -j DROP
COMMIT
)",
    .also = "",
    .run = find_not_understood};

}  // namespace untrack::checks
