// AtomRuns: runs of atoms of one level, on their way to a node. Private to the encoder, which makes
// them of names and of the elements of sets; joined, they are what Diagram::ranges takes.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/diagram/diagram.hpp"

namespace untrack {

using AtomRuns = std::vector<std::pair<Diagram::Atom, Diagram::Atom>>;

// Makes them sorted, and apart from each other.
inline void join(AtomRuns& runs) {
  if (!std::ranges::is_sorted(runs)) std::ranges::sort(runs);
  std::size_t kept = 0;
  for (const auto& run : runs) {
    if (kept > 0 && run.first <= runs[kept - 1].second) {
      runs[kept - 1].second = std::max(runs[kept - 1].second, run.second);
    } else {
      runs[kept++] = run;
    }
  }
  runs.resize(kept);
}

}  // namespace untrack
