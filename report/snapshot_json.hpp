// A Snapshot as the file that `untrack snapshot` writes (docs/schema/snapshot.schema.json), which
// parser/snapshot reads back. Nothing is lost on the way, whatever bytes the texts hold.
#pragma once

#include <string>
#include <string_view>

#include "model/snapshot.hpp"

namespace untrack {

// `version`: of untrack.
[[nodiscard]] std::string write_snapshot_json(const Snapshot& snapshot, std::string_view version);

}  // namespace untrack
