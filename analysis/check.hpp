// CheckInfo: one row per check, the only place that knows its code, text and examples. The command
// line, docs/checks/, the reports and the tests all read the row (docs/architecture.md).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analysis/finding.hpp"

namespace untrack {

struct Facts;

struct CheckInfo {
  std::string_view code;     // "UT301"; never reused
  std::string_view name;     // "forces-tracking": names the pattern; reads well after "allow ..."
  std::string_view since;    // version of untrack
  Severity severity{};       // of its findings, unless `run` lowers it
  std::string_view summary;  // one sentence
  std::string_view why;      // the user's page: what, why, what to do, limits (Markdown paragraphs)
  std::string_view bad;      // a whole iptables-save text that yields this code and those of `also`
  std::string_view good;     // its repaired twin, which yields no finding of this code
  // Sysctls that belong to the examples; empty: none.
  std::string_view bad_settings = {};
  std::string_view good_settings = {};
  // Codes that `bad` cannot help yielding, too, separated by blanks: a check about a state match
  // needs a state match, and each of those is a UT301.
  std::string_view also;
  // The limit of nodes (DiagramLimits) under which both examples are judged, so that a check about
  // limits can have small ones; 0: the usual limits.
  std::size_t example_nodes = 0;
  // `run` looks at what all other checks have found.
  bool is_last = false;
  void (*run)(const Facts& facts, std::vector<Finding>& findings) = nullptr;
};

// All checks in the order of their codes. The list in checks.cpp is written by hand on purpose:
// objects that register themselves are dropped by the linker from static libraries.
[[nodiscard]] std::span<const CheckInfo* const> all_checks();
[[nodiscard]] const CheckInfo* find_check(std::string_view code_or_name);

// Runs every check; findings sorted by place, then code.
[[nodiscard]] std::vector<Finding> run_checks(const Facts& facts);

}  // namespace untrack
