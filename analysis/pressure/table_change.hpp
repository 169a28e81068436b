// TableChange: what another ruleset, or other settings, mean for the conntrack table, value by
// value: bytes of an entry, limits, timeouts. Pure. Which packets make an entry is not told here
// but by analysis/difference. Used by `untrack diff`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/extension_rules.hpp"
#include "analysis/pressure/settings.hpp"

namespace untrack {

enum class TableUnit : std::uint8_t { bytes, entries, buckets, seconds, tuples, flag };
[[nodiscard]] std::string_view to_text(TableUnit unit);

struct TableChange {
  std::string name;  // "entry", "nf_conntrack_max", "full_table"; stable
  TableUnit unit{};
  std::optional<double> before, after;  // none: not set, or no such thing
  std::string why;                      // of the value after; may be empty
};

// One side of a comparison.
struct TableSide {
  bool is_used = false;  // tracking is forced in a family, or that is not known
  ExtensionRules rules;
  HostSettings host;  // nothing in it: not known
  KernelVersion kernel;
};
[[nodiscard]] bool has_settings(const HostSettings& host);

// Only what differs; an "entry" of as many bytes as before stands there if others carry its
// extension block now. Values of settings are compared where both sides have some; a value that
// only one of them has differs. A side that does not use the table has no entries, and nothing that
// they fill.
[[nodiscard]] std::vector<TableChange> table_changes(const TableSide& before,
                                                     const TableSide& after);

}  // namespace untrack
