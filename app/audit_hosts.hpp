// audit_hosts: many hosts, audited by all cores, and written as one document for each form.
#pragma once

#include <vector>

#include "app/audit_options.hpp"
#include "app/host_inputs.hpp"
#include "app/outputs.hpp"

namespace untrack {

// Output and exit status do not depend on how many threads there are. The status is the worst of
// the hosts'.
[[nodiscard]] ExitStatus audit_hosts(const std::vector<HostInputs>& hosts,
                                     const AuditOptions& options,
                                     const std::vector<Output>& outputs,
                                     const Surroundings& surroundings);

}  // namespace untrack
