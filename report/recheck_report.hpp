// RecheckReport: the one value that `untrack recheck` produces and that every format prints. Made
// by app/pipeline/recheck.
#pragma once

#include <string>
#include <vector>

#include "analysis/recheck/recheck.hpp"

namespace untrack {

struct RecheckReport {
  std::string path;     // of the certificate
  std::string made_by;  // the version of untrack that wrote it
  RewriteMode mode{};
  std::vector<Assumption> assumptions;
  std::vector<std::string> original;   // paths
  std::vector<std::string> rewritten;  //
  // Why it is refused as a whole: a text is not the one that it names. Then nothing was rechecked.
  std::vector<std::string> refused;
  // Why nothing could be rechecked: a text is missing, or not all of it is understood.
  std::string why_not;
  std::vector<RecheckedFamily> families;
  std::string summary;

  [[nodiscard]] std::size_t count(RecheckResult result) const;
  // That the tools of a machine take the text (O5): these were asked, and no reader of texts can
  // say it again.
  [[nodiscard]] std::size_t count_of_tools() const;
  [[nodiscard]] bool is_refused() const;
  // Something was rechecked, and nothing that is claimed was not, but for what tools said.
  [[nodiscard]] bool is_rechecked() const;
};

// RecheckReport::summary, from the rest of it.
[[nodiscard]] std::string summary_of(const RecheckReport& report);

}  // namespace untrack
