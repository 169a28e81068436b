#include "report/rewrite/reserved_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "analysis/program/service_ports.hpp"

namespace untrack {

std::vector<std::string> reserved_ports(const RewriteReport& report) {
  std::vector<std::string> ports;
  if (!report.assumptions.has(Assumption::service_ports)) return ports;
  for (const FamilyRewrite& family : report.families) {
    if (family.outcome != RewriteOutcome::rewritten) continue;
    for (const Interval& range :
         service_ports(report.original.ruleset, family.version, report.assumptions.host_ports)
             .few) {
      const auto first = static_cast<std::uint32_t>(range.first);
      const auto last = static_cast<std::uint32_t>(range.last);
      std::string text =
          first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
      if (std::ranges::find(ports, text) == ports.end()) ports.push_back(std::move(text));
    }
  }
  return ports;
}

}  // namespace untrack
