// rewrite: the library's front door to `untrack rewrite`: one host's ruleset in, the same policy
// without state (or with NOTRACK) out, with a certificate for each family; or the reason why not.
// It opens no file and prints nothing.
#pragma once

#include <optional>
#include <vector>

#include "analysis/flows/obligations.hpp"
#include "app/pipeline/audit.hpp"
#include "model/conntrack_entry.hpp"
#include "report/rewrite/rewrite_report.hpp"
#include "rewriter/notrack/saved_entries.hpp"
#include "rewriter/notrack/selectors.hpp"

namespace untrack {

struct RewritePolicy {
  RewriteMode mode{};
  Assumptions assumptions;
  // Kinds of exposure that a NOTRACK rewrite may list; the harmless ones always.
  std::vector<ExposureKind> allowed;
  bool stateless_nat = false;  // of addresses one to one, with payload statements
  Selection selection;         // of the flows that NOTRACK takes up
  // Of the host's conntrack table: by it services are put in order and counted.
  std::optional<std::vector<ConntrackEntry>> entries;
  // Or what services get of new flows, which says the same.
  std::optional<std::vector<ServiceEntries>> rates;
  std::optional<Format> format;         // of all inputs; none: recognised from the content
  std::optional<IpVersion> ip_version;  // of inputs that do not say it
  std::optional<KernelVersion> kernel;  // of the target
  // Options that are told for what was refused, or left tracked, are tried; no caller need want it.
  bool tries_options = true;
  LoadTester load_tester;  // empty: no tool is asked whether it would load
  // Which rules let in what is exposed: a part of the certificate that not everybody looks at.
  Causes causes = Causes::listed;
};

// All inputs are one host's, and rewritten together. A text is given away only with a certificate
// in which every obligation holds. Throws std::logic_error on a fault of this program.
[[nodiscard]] RewriteReport rewrite(std::vector<InputText> inputs, const RewritePolicy& policy);

}  // namespace untrack
