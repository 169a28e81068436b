// HostRow: what the summary of many audits says of one host, and HostsSummary: of all of them.
// Plain numbers, so that the reports themselves need not be kept. Used by the text and by the forms
// for other programs, so that all of them say the same.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "report/audit_report.hpp"
#include "report/diff_report.hpp"

namespace untrack {

struct HostRow {
  std::string name;  // empty: the only one, which nobody named
  std::string verdict;
  // By IpVersion; none: no rules of that family were given.
  std::array<std::optional<TrackingState>, 2> tracking;
  std::array<std::size_t, 3> findings{};  // by Severity, without those that are suppressed
  std::size_t suppressed = 0;
  std::array<std::size_t, 3> flows{};  // classes, by Need
  bool has_flows = false;              // false: nothing is tracked, or nothing was read
  bool has_all_flows = true;           // false: there may be more than these
  bool is_readable = true;
  bool is_fully_understood = true;
  // Against an older version: "new", "alike", "differ" or "not known"; empty: there was none to ask
  // for.
  std::string packets;

  [[nodiscard]] std::size_t count(Severity severity) const {
    return findings[static_cast<std::size_t>(severity)];
  }
  [[nodiscard]] std::size_t count(Need need) const { return flows[static_cast<std::size_t>(need)]; }
};

[[nodiscard]] HostRow row_of(const AuditReport& report);

struct HostsSummary {
  std::vector<HostRow> rows;         // in the order in which the hosts were named
  std::vector<std::string> skipped;  // files that a pattern matched and that are no rulesets
  std::string since;                 // the rows are of hosts that changed since; empty: of all
  std::size_t unchanged = 0;         // hosts that did not, and were not audited
  std::vector<std::string> gone;     // that were there then and are no longer

  // Hosts were named as such: documents tell of each by its name, even if it is one.
  [[nodiscard]] bool is_of_many() const { return rows.empty() || !rows.front().name.empty(); }
};

// Whether the packets of both versions are decided alike, as HostRow::packets.
[[nodiscard]] std::string packets_of(const DiffReport& change);

// "Since v1.0, 3 hosts did not change, and 1 is gone: old-web.", as the rows do not tell; empty if
// all hosts were audited.
[[nodiscard]] std::string sentence_of_changes(const HostsSummary& summary);

// "3 hosts: 2 tracked, 1 not forced; 4 errors, 1 note", without a full stop.
[[nodiscard]] std::string sentence_of(const HostsSummary& summary);

}  // namespace untrack
