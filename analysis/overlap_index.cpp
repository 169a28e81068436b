#include "analysis/overlap_index.hpp"

namespace untrack {

OverlapIndex::OverlapIndex(const std::vector<Interval>& intervals) {
  rows_.reserve(intervals.size());
  lasts_.reserve(intervals.size());
  for (const Interval& interval : intervals) {
    rows_.push_back({interval, 0, static_cast<std::uint32_t>(rows_.size())});
    lasts_.push_back(interval.last);
  }
  std::ranges::sort(rows_, {}, [](const Row& row) { return row.interval.first; });
  std::ranges::sort(lasts_);
  (void)set_greatest(0, rows_.size());
}

Number OverlapIndex::set_greatest(std::size_t begin, std::size_t end) {
  if (begin == end) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  Row& row = rows_[middle];
  row.greatest_last =
      std::max({row.interval.last, set_greatest(begin, middle), set_greatest(middle + 1, end)});
  return row.greatest_last;
}

std::size_t OverlapIndex::count(const Interval& wanted) const {
  // All but those that end before and those that begin behind.
  const auto before = std::ranges::lower_bound(lasts_, wanted.first) - lasts_.begin();
  const auto behind =
      rows_.end() - std::ranges::upper_bound(rows_, wanted.last, {},
                                             [](const Row& row) { return row.interval.first; });
  return rows_.size() - static_cast<std::size_t>(before) - static_cast<std::size_t>(behind);
}

}  // namespace untrack
