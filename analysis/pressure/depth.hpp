// Depth of a bucket: how many tuples a look-up may have to walk. Each entry stands in the table
// twice (original and reply tuple), each tuple in a bucket that a keyed hash chooses, so that
// depths follow a binomial distribution, here taken as Poisson. Used by the assessment and the
// advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/kernel_version.hpp"

namespace untrack {

// Tuples in a bucket, on average: 2 x entries / buckets.
[[nodiscard]] double mean_depth(double entries, double buckets);

// Share of buckets that hold more than `depth` tuples, for a mean of `mean`. Poisson; the exact
// binomial differs by less than 1 % of the value for a thousand buckets or more and depths up
// to 50.
[[nodiscard]] double share_deeper_than(double mean, unsigned depth);

// The longest chain that the kernel lets grow: an insertion into a longer one fails and the packet
// is dropped (counted as chaintoolong). Drawn between `least` and `most` for each insertion.
struct ChainCapRow {
  KernelVersion since;
  unsigned least;
  unsigned most;
  std::string_view evidence;
};
[[nodiscard]] std::span<const ChainCapRow> chain_cap_rows();
[[nodiscard]] const ChainCapRow* chain_cap(const KernelVersion& kernel);  // null: no limit

// Share of insertions that would be refused at that mean depth: both chains must be short enough.
[[nodiscard]] double share_refused(double mean, const ChainCapRow& cap);

// 2 x max / buckets above these is reported (our own thresholds, not from a source).
inline constexpr double deep_mean = 8;
inline constexpr double too_deep_mean = 25;

}  // namespace untrack
