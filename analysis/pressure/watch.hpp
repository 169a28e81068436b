// Watched: what became of the table between two readings of it, as rates. Put together by
// app/pipeline/pressure, judged by the assessment, printed by report/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/pressure/statistics.hpp"

namespace untrack {

struct Watched {
  struct Growth {
    std::string column;
    std::uint64_t more = 0;
  };

  double seconds = 0;            // between the two
  std::vector<Growth> counters;  // all of the columns; empty: they could not be read
  std::optional<std::uint64_t> count_before, count_after;
  // Entries of the second listing that were not in the first, and the other way round. What began
  // and ended in between is in neither, so that these are the least that can have been.
  std::optional<std::uint64_t> made, gone;
  std::vector<std::string> not_read;  // why something is missing

  [[nodiscard]] double per_second(std::uint64_t number) const {
    return static_cast<double>(number) / seconds;
  }
  // Entries a second, less than 0 if there are fewer; nothing: they were not counted.
  [[nodiscard]] std::optional<double> growth() const;
  // If it goes on so; nothing: it does not grow, or is not known.
  [[nodiscard]] std::optional<double> seconds_to_full(std::uint64_t max) const;
};

// Columns of both; each processor counts modulo 2^32, and so do differences.
[[nodiscard]] std::vector<Watched::Growth> growth_between(const TableStatistics& first,
                                                          const TableStatistics& second);

}  // namespace untrack
