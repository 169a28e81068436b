// anonymized: a snapshot with other addresses, names and comments, of which everything but them is
// still true: the rules decide as before of the packets with the other addresses. Used by
// `untrack snapshot --anonymize`.
#pragma once

#include <optional>
#include <string>

#include "model/snapshot.hpp"
#include "parser/anonymize/address_map.hpp"

namespace untrack {

struct Anonymized {
  std::optional<Snapshot> snapshot;
  std::string why_not;  // which text has what cannot be replaced; empty if there is a snapshot
};

// The same key gives the same names and addresses again.
[[nodiscard]] Anonymized anonymized(const Snapshot& snapshot, const anonymize::Key& key);

}  // namespace untrack
