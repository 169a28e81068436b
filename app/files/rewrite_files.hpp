// Which files a rewrite is written to, with which texts. Used by the command `rewrite` alone;
// writes nothing itself.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/files/output_files.hpp"
#include "app/files/read_inputs.hpp"
#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

struct RewriteTargets {
  std::string to;  // "": no file
  bool in_place = false;
  bool as_rules = false;  // --output rules
};

// Of the running kernel or of a snapshot: what stays as it is needs no file, and what a table
// belongs to is noted.
void leave_out_unchanged_tables(RewriteReport& report, const std::vector<NamedSnapshot>& snapshots,
                                bool is_live);

// Nothing, with the reason told, if the targets do not fit the inputs: --to is one file, which
// takes all tables of a kernel that one program loads.
[[nodiscard]] std::optional<std::vector<OutputFile>> files_of_rewrite(const RewriteTargets& targets,
                                                                      const RewriteReport& report,
                                                                      std::ostream& err);

// All new rules, as --output rules prints them.
[[nodiscard]] std::string rules_of(const RewriteReport& report);

}  // namespace untrack
