// ServiceRates: what `untrack rewrite --rate` takes: how many new flows a service gets, as the
// entries that they keep in the table. Used by the command line alone.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel_version.hpp"
#include "report/diagnostic.hpp"
#include "rewriter/notrack/saved_entries.hpp"

namespace untrack {

// "tcp/443=500/s,60s", "udp/53=2000/s": a port and a load as `untrack pressure` takes it, without
// its protocol. Timeouts are the kernel's own. Nothing, with the reason told, if one is wrong.
[[nodiscard]] std::optional<std::vector<ServiceEntries>> read_service_rates(
    const std::vector<std::string>& words, const std::optional<KernelVersion>& kernel,
    std::ostream& err, const Display& display);

}  // namespace untrack
