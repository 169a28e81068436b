// recheck: the library's front door to `untrack recheck`: a certificate in, what of it holds out.
// It reads the texts that the certificate brings, and none of its proofs; it opens no file and
// prints nothing.
#pragma once

#include <string>
#include <vector>

#include "analysis/certificate/certificate_file.hpp"
#include "analysis/recheck/recheck.hpp"
#include "app/pipeline/input_text.hpp"
#include "report/recheck_report.hpp"

namespace untrack {

// Texts that the certificate is to be about, in its order; empty: whatever it brings.
struct GivenTexts {
  std::vector<InputText> original;
  std::vector<InputText> rewritten;
};

// Throws std::logic_error where the boxes and the concrete walk disagree, which is a fault of this
// program.
[[nodiscard]] RecheckReport recheck_certificate(std::string path, const CertificateFile& file,
                                                const GivenTexts& given,
                                                const RecheckLimits& limits = {});

}  // namespace untrack
