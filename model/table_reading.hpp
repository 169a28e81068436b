// TableReading: one look at the conntrack table of a network namespace, as the kernel's own texts,
// with the time of it, so that two of them give rates. Made by live/, compared by app/pipeline.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace untrack {

struct TableReading {
  double seconds = 0;                     // of a clock that only goes forward
  std::optional<std::string> statistics;  // /proc/net/stat/nf_conntrack
  std::optional<std::string> count;       // nf_conntrack_count
  std::vector<std::string> not_read;      // "/proc/net/nf_conntrack: Permission denied"
};

}  // namespace untrack
