// Says of a ruleset what untrack audit says, and prints it without connection tracking, if that is
// proven to keep its policy. Usage: lean_host FILE
#include <fstream>
#include <iostream>
#include <iterator>

#include "analysis/check.hpp"
#include "app/pipeline/audit.hpp"
#include "app/pipeline/rewrite.hpp"

int main(int count, char** words) {
  if (count != 2) return 2;
  std::ifstream file(words[1]);
  const std::string text(std::istreambuf_iterator<char>(file), {});

  // Every command is a function from texts to a value. The name is printed, never opened.
  const untrack::AuditReport report = untrack::audit({{words[1], text}}, untrack::AuditPolicy{});
  std::cerr << report.verdict << "\n";
  for (const untrack::Finding& finding : report.findings) {
    const untrack::SourceText& source = report.sources[finding.span.source];
    std::cerr << source.path() << ":" << source.locate(finding.span).line << ": "
              << finding.check->code << " " << finding.message << "\n";
  }
  // What was not understood may force tracking, too: no verdict without looking at this.
  if (!report.is_fully_understood) return 3;

  untrack::RewritePolicy policy;
  policy.mode = untrack::RewriteMode::stateless;
  const untrack::RewriteReport rewritten = untrack::rewrite({{words[1], text}}, policy);
  if (rewritten.is_refused()) return 1;
  for (const untrack::RewrittenFile& each : rewritten.files) std::cout << each.text;
  return 0;
}
