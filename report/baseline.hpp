// Baseline: the findings that were known at a time, so that only new ones count. A value, its file
// (docs/schema/baseline.schema.json), and what it says of an audit. Used by `audit`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/audit_report.hpp"

namespace untrack {

class Baseline {
 public:
  void add(BaselineEntry entry);
  [[nodiscard]] const std::vector<BaselineEntry>& entries() const { return entries_; }
  [[nodiscard]] bool has(const std::string& host, const std::string& fingerprint) const {
    return by_print_.contains({host, fingerprint});
  }

 private:
  std::vector<BaselineEntry> entries_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_print_;
};

// An entry for each finding that may be in a baseline and is not suppressed for another reason.
[[nodiscard]] std::vector<BaselineEntry> baseline_entries(const AuditReport& report);

// Suppresses the findings that are in it, and puts its entries that no longer occur in what was
// audited into `report.gone`. Entries of other hosts and files are left alone.
void apply_baseline(const Baseline& baseline, AuditReport& report);

[[nodiscard]] std::string write_baseline_json(const std::vector<BaselineEntry>& entries);
// Nullopt, with the reason in `why`, if the text is no baseline.
[[nodiscard]] std::optional<Baseline> read_baseline_json(std::string_view text, std::string& why);

}  // namespace untrack
