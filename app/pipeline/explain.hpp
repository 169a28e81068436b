// explain: the library's front door to `untrack explain`: a ruleset and packets in, the way of each
// packet out, rule by rule. It opens no file and prints nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/pipeline/audit.hpp"
#include "app/pipeline/explain_ways.hpp"
#include "report/explain_report.hpp"

namespace untrack {

struct ExplainPolicy {
  std::optional<Format> format;         // of all inputs; none: recognised from the content
  std::optional<IpVersion> ip_version;  // of inputs that do not say it
  std::optional<KernelVersion> kernel;  // of the target
  bool every_state = false;             // each packet as new, established, related and invalid
  ExplainedHost host = {};              // where translated packets go
};

struct PacketToExplain {
  Packet packet;
  std::vector<std::string> assumed;
  bool has_usual_flags = false;  // its TCP flags follow its state
};

[[nodiscard]] ExplainReport explain(std::vector<InputText> inputs,
                                    const std::vector<PacketToExplain>& packets,
                                    const ExplainPolicy& policy);

}  // namespace untrack
