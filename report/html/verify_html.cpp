#include "report/html/verify_html.hpp"

#include <fmt/format.h>

#include "report/html/certificate_html.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"

namespace untrack {

std::string write_verify_html(const VerifyReport& report, std::string_view tool_version) {
  using namespace html;
  const std::string mode = fmt::format("verify --mode {}", to_text(report.mode));
  PageFrame frame{mode, tool_version, {}, report.summary};
  for (const ComparedSide* side : {&report.original, &report.rewritten}) {
    for (const InputSummary& input : side->ruleset.inputs) {
      frame.inputs.push_back((*side->sources)[input.source].path());
    }
  }
  const CertifiedSides said{report.original, report.rewritten, *report.variables,
                            report.assumptions};
  std::string proofs;
  std::vector<const Certificate*> certificates;
  for (const Certificate& each : report.certificates) {
    proofs += certificate(said, each);
    certificates.push_back(&each);
  }
  std::string markup = section("certificate", "Obligations", proofs);
  markup += section("assumed", "What is assumed", assumed(said, certificates));
  markup += section("original", "Wrong or not understood in the original",
                    not_understood(report.original));
  markup += section("rewritten", "Wrong or not understood in the rewritten ruleset",
                    not_understood(report.rewritten));
  return page(frame, markup);
}

}  // namespace untrack
