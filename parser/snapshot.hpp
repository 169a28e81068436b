// Reads the file that `untrack snapshot` writes (docs/schema/snapshot.schema.json). Used by app/
// wherever a ruleset is named: the texts in it go the way of texts in files. Refuses what it does
// not understand, since a part that is left out could be a rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/snapshot.hpp"

namespace untrack {

// From the beginning alone; for no text of another kind.
[[nodiscard]] bool is_snapshot(std::string_view text);

struct ParsedSnapshot {
  std::optional<Snapshot> snapshot;
  std::string why_not;  // with the line; empty if there is one
};

// Keys that it does not know are passed over, as those of a later minor version.
[[nodiscard]] ParsedSnapshot parse_snapshot(std::string_view text);

}  // namespace untrack
