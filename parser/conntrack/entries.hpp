// Reads a listing of the connection tracking table: what `conntrack -L` prints (with -o extended or
// without) and what /proc/net/nf_conntrack says. Of each entry the original direction is kept,
// which is how its first packet went, and who answers. Used for --entries.
#pragma once

#include <functional>
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

// Calls `use` for each entry of the source, in order: nothing is kept of a million of them. Returns
// the lines that are none, as above.
[[nodiscard]] std::vector<Problem> each_conntrack_entry(
    const Sources& sources, SourceId source, const std::function<void(const ConntrackEntry&)>& use);

// `path` is printed, never opened. Linear in the text.
[[nodiscard]] ParsedEntries parse_conntrack_entries(std::string path, std::string text);

}  // namespace untrack
