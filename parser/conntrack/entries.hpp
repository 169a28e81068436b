// Reads a listing of the connection tracking table: what `conntrack -L` prints (with -o extended or
// without) and what /proc/net/nf_conntrack says. Of each entry the original direction is kept,
// which is how its first packet went, and who answers. Used for --entries.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/conntrack_entry.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"
#include "model/text_blocks.hpp"

namespace untrack {

struct ParsedEntries {
  Sources sources;
  std::vector<ConntrackEntry> entries;  // in the order of the text
  // Lines that are no entry, the first hundred of them; each is an error.
  std::vector<Problem> problems;
};

// Calls `use` for each entry and its line, in order. One block is held at a time, and nothing is
// kept of a million entries. `path` is printed, never opened. Returns the lines that are none, as
// above, and why the text ends too soon, if it does; they point into a source that is added to
// `sources`: these lines at their places, and empty ones for all others before them.
using UseEntry = std::function<void(const ConntrackEntry&, std::string_view line)>;
[[nodiscard]] std::vector<Problem> each_conntrack_entry(TextBlocks& text, const std::string& path,
                                                        Sources& sources, const UseEntry& use);

// `path` is printed, never opened. Linear in the text.
[[nodiscard]] ParsedEntries parse_conntrack_entries(const std::string& path, std::string text);

}  // namespace untrack
