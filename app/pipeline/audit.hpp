// audit: the library's front door to `untrack audit`. Everything the command can do, as a function
// from texts to a value; it opens no file and prints nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "analysis/pressure/quantity.hpp"
#include "app/pipeline/attribution.hpp"
#include "app/pipeline/input_text.hpp"
#include "model/snapshot.hpp"
#include "report/audit_report.hpp"

namespace untrack {

struct AuditPolicy {
  std::optional<Format> format;             // of all inputs; none: recognised from the content
  std::optional<IpVersion> ip_version;      // of inputs that do not say it
  std::optional<KernelVersion> kernel;      // of the target; none: 4.10 or later
  bool is_live = false;                     // the inputs are all that the kernel holds
  std::optional<Interval> host_ports = {};  // source ports of what the host starts; none: as usual
  // What a snapshot says of who else uses connection tracking; empty: nobody looked.
  std::vector<ConntrackUser> users = {};
  std::optional<EntriesText> entries = {};  // who admitted each is told
  LocalAddresses locals = {};               // of the host of the entries
  // What the allocator says of an entry's bytes, and whether a program listens to events, where a
  // snapshot tells.
  std::optional<Quantity> entry_object = {};
  std::optional<bool> has_listener = {};
  std::vector<InputText> settings = {};  // texts of sysctls; empty: none were given
  // For who counts the flow classes alone: they are not said in words, which nobody would read.
  FlowWords flow_words = FlowWords::lines;
  // Of the reasoning over packets, for each family and question; UT902 tells what they ended.
  DiagramLimits limits = FamilyWorld::usual_limits;
  // For one large ruleset; 0: as many as there are cores. The report is the same for any number.
  std::size_t threads = 1;
};

// All inputs are one host's, and judged together.
[[nodiscard]] AuditReport audit(std::vector<InputText> inputs, const AuditPolicy& policy);

// The highest severity among the findings that are not suppressed; nullopt if there is none.
[[nodiscard]] std::optional<Severity> worst(const AuditReport& report);

}  // namespace untrack
