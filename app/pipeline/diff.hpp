// diff: the library's front door to `untrack diff`: two rulesets in, what they decide differently
// out. It opens no file and prints nothing.
#pragma once

#include <optional>
#include <vector>

#include "app/pipeline/audit.hpp"
#include "app/pipeline/pressure.hpp"
#include "report/diff_report.hpp"

namespace untrack {

struct DiffPolicy {
  std::optional<Format> format;         // of all inputs; none: recognised from the content
  std::optional<IpVersion> ip_version;  // of inputs that do not say it
  std::optional<KernelVersion> kernel;  // of the target
  // Of the two hosts, where they are known: what of the table is compared. Nothing else is read.
  PressureRequest settings_before = {};
  PressureRequest settings_after = {};
};

// Each list of inputs is one host's, and judged together.
[[nodiscard]] DiffReport diff(std::vector<InputText> before, std::vector<InputText> after,
                              const DiffPolicy& policy);

}  // namespace untrack
