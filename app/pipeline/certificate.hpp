// A certificate as it lies in a file: what `verify` and `rewrite` found, with the texts and options
// that it is about, so that `recheck` needs nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/certificate/certificate_file.hpp"
#include "app/pipeline/input_text.hpp"

namespace untrack {

// What the texts were read with, and what was assumed.
struct CertifiedPolicy {
  RewriteMode mode{};
  Assumptions assumptions;
  bool stateless_nat = false;
  std::optional<Format> format;
  std::optional<IpVersion> ip_version;
  std::optional<KernelVersion> kernel;
};

[[nodiscard]] CertificateFile certificate_file(const CertifiedPolicy& policy,
                                               const std::vector<InputText>& original,
                                               const std::vector<InputText>& rewritten,
                                               std::vector<FamilyClaims> families,
                                               std::string_view tool_version);

}  // namespace untrack
