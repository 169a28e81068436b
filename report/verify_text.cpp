#include "report/verify_text.hpp"

#include "report/certificate_text.hpp"
#include "report/witness_text.hpp"

namespace untrack {

std::string write_verify_text(const VerifyReport& report, const Display& display) {
  const CertifiedSides said{report.original, report.rewritten, *report.variables,
                            report.assumptions};
  std::string text = wrap(report.summary, "", "", display);
  std::vector<const Certificate*> certificates;
  for (const Certificate& certificate : report.certificates) {
    text += certificate_text(said, certificate, display);
    certificates.push_back(&certificate);
  }
  text += assumptions_text(said, certificates, display);
  text += not_understood_text(report.original, "the original", display);
  text += not_understood_text(report.rewritten, "the rewritten ruleset", display);
  return text;
}

}  // namespace untrack
