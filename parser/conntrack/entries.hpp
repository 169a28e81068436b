// Reads a listing of the connection tracking table: what `conntrack -L` prints (with -o extended or
// without) and what /proc/net/nf_conntrack says. Of each entry only the original direction is kept,
// which is how its first packet went. Used by `rewrite --entries`.
#pragma once

#include <string>
#include <vector>

#include "model/conntrack_entry.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct ParsedEntries {
  Sources sources;
  std::vector<ConntrackEntry> entries;  // in the order of the text
  // Lines that are no entry, the first hundred of them; each is an error.
  std::vector<Problem> problems;
};

// `path` is printed, never opened. Linear in the text.
[[nodiscard]] ParsedEntries parse_conntrack_entries(std::string path, std::string text);

}  // namespace untrack
