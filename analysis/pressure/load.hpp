// Load: rates of new flows and how long they live, and the entries this keeps in the table by
// Little's law (entries = rate x time in the table). The time in the table is the flow's own life
// and the timeout of the state that it is left in. Used by the assessment; read from --rate and
// --profile.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/pressure/timeouts.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"

namespace untrack {

// One way in which flows of a protocol end, and the timeout that then runs.
struct EndingRow {
  std::string_view protocol;  // as --rate spells it
  std::string_view word;      // empty: chosen by itself
  Timeout timeout;
  bool is_assured;         // never evicted before the collector may (analysis/pressure/flood.hpp)
  bool needs_life;         // the flow's own life must be given
  std::string_view where;  // what the entry waits for, for the report
  std::string_view evidence;
};
[[nodiscard]] std::span<const EndingRow> ending_rows();

// A flow kind as given.
struct Load {
  std::string_view protocol;  // of the row
  std::string_view ending;    // the word given; empty: the first row of the protocol that fits
  double rate = 0;            // new flows a second
  double life = 0;            // seconds from first to last packet
  Span span;
};

// One load: "tcp=500/s,60s", "tcp=5/s,60s,reset", "udp=2000/s", "udp=50/s,5m". Appends a problem
// and returns nothing if it is not understood. `text` stands at `span` of its source.
[[nodiscard]] std::optional<Load> parse_load(std::string_view text, const Span& span,
                                             std::vector<Problem>& problems);
// A profile: one load a line; blank lines and what follows # are ignored.
[[nodiscard]] std::vector<Load> parse_profile(const SourceText& source, SourceId id,
                                              std::vector<Problem>& problems);

struct LoadEntries {
  Load load;
  const EndingRow* ending = nullptr;
  double seconds = 0;  // in the table: life + timeout
  double entries = 0;
};

// The row that a load ends in: the word's, or for UDP and GRE the stream's once the flow is one.
[[nodiscard]] const EndingRow& ending_of(const Load& load, const KernelVersion& kernel);
[[nodiscard]] LoadEntries steady_state(const Load& load, const Timeouts& timeouts,
                                       const KernelVersion& kernel);

}  // namespace untrack
