#include "app/pipeline/checks.hpp"

#include <algorithm>

#include "app/pipeline/audit.hpp"
#include "report/audit_text.hpp"
#include "report/check_pages.hpp"

namespace untrack {

AuditReport audit_example(const CheckInfo& check, std::string_view name, std::string_view text,
                          std::string_view settings) {
  AuditPolicy policy;
  policy.ip_version = IpVersion::ipv4;
  if (check.example_nodes > 0) policy.limits.nodes = check.example_nodes;
  if (!settings.empty()) policy.settings.push_back({"sysctl.conf", std::string(settings)});
  return audit({{std::string(name), std::string(text)}}, policy);
}

std::string output_of_bad(const CheckInfo& check, const Display& display) {
  AuditReport report = audit_example(check, "bad.rules", check.bad, check.bad_settings);
  const auto is_other = [&](const Finding& finding) { return finding.check != &check; };
  report.findings.erase(std::remove_if(report.findings.begin(), report.findings.end(), is_other),
                        report.findings.end());
  return write_findings_text(report, display, false);
}

std::map<std::string, std::string> make_check_pages() {
  std::map<std::string, std::string> pages;
  pages["README.md"] = write_check_index();
  for (const CheckInfo* const check : all_checks()) {
    pages[std::string(check->code) + ".md"] =
        write_check_markdown(*check, output_of_bad(*check, {false, 100}));
  }
  return pages;
}

}  // namespace untrack
