#include "report/host_row.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace untrack {
namespace {

// That of the family that is worse off.
std::optional<TrackingState> state_of(const HostRow& row) {
  std::optional<TrackingState> worst;
  for (const auto& state : row.tracking) {
    if (!state) continue;
    if (*state == TrackingState::forced) return state;
    if (!worst || *state == TrackingState::unknown) worst = state;
  }
  return worst;
}

std::string count(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

}  // namespace

HostRow row_of(const AuditReport& report) {
  HostRow row;
  row.name = report.host;
  row.verdict = report.verdict;
  for (const FamilyVerdict& family : report.families) {
    row.tracking[static_cast<std::size_t>(family.version)] = family.state;
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) {
      ++row.suppressed;
    } else {
      ++row.findings[static_cast<std::size_t>(report.findings[i].severity)];
    }
  }
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& flow : table.rows) ++row.flows[static_cast<std::size_t>(flow.need)];
    row.has_flows = true;
    row.has_all_flows = row.has_all_flows && table.is_whole();
  }
  row.is_readable = report.unreadable.empty();
  row.is_fully_understood = report.is_fully_understood;
  return row;
}

std::string packets_of(const DiffReport& change) {
  const bool is_known = std::ranges::all_of(change.families, [](const FamilyDifference& family) {
    return family.difference.has_value();
  });
  if (!change.is_fully_understood || !is_known) return "not known";
  return change.is_equivalent() ? "alike" : "differ";
}

std::string sentence_of_changes(const HostsSummary& summary) {
  if (summary.since.empty()) return {};
  std::string text = fmt::format("Since {}, every host changed", summary.since);
  if (summary.unchanged > 0) {
    text = fmt::format("Since {}, {} did not change and {} not audited", summary.since,
                       count(summary.unchanged, "host"), summary.unchanged == 1 ? "was" : "were");
  }
  if (!summary.gone.empty()) {
    text += fmt::format("; no longer there: {}", fmt::join(summary.gone, ", "));
  }
  return text + ".";
}

std::string sentence_of(const HostsSummary& summary) {
  std::array<std::size_t, 3> states{};
  std::array<std::size_t, 3> findings{};
  std::size_t unread = 0;
  std::size_t doubtful = 0;
  std::size_t suppressed = 0;
  for (const HostRow& row : summary.rows) {
    if (!row.is_readable) {
      ++unread;
      continue;
    }
    if (!row.is_fully_understood) ++doubtful;
    if (const auto state = state_of(row)) ++states[static_cast<std::size_t>(*state)];
    for (std::size_t i = 0; i < findings.size(); ++i) findings[i] += row.findings[i];
    suppressed += row.suppressed;
  }
  std::vector<std::string> hosts;
  const auto add = [](std::vector<std::string>& parts, std::size_t number, std::string_view what) {
    if (number > 0) parts.push_back(fmt::format("{} {}", number, what));
  };
  add(hosts, states[static_cast<std::size_t>(TrackingState::forced)], "tracked");
  add(hosts, states[static_cast<std::size_t>(TrackingState::not_forced)], "not forced");
  add(hosts, states[static_cast<std::size_t>(TrackingState::unknown)], "not known");
  add(hosts, doubtful, "not fully understood");
  add(hosts, unread, "not read");
  std::vector<std::string> found;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    const std::size_t number = findings[static_cast<std::size_t>(severity)];
    if (number > 0) found.push_back(count(number, to_text(severity)));
  }
  if (found.empty()) found.emplace_back("no findings");
  if (suppressed > 0) found.push_back(fmt::format("{} suppressed", suppressed));
  return fmt::format("{}{}{}; {}", count(summary.rows.size(), "host"), hosts.empty() ? "" : ": ",
                     fmt::join(hosts, ", "), fmt::join(found, ", "));
}

}  // namespace untrack
