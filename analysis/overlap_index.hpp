// OverlapIndex: which of many intervals overlap a given one, without looking at the others. Used by
// the search for shadows within long chains, where most rules have nothing to do with each other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

class OverlapIndex {
 public:
  // O(n log n).
  explicit OverlapIndex(const std::vector<Interval>& intervals);

  // How many overlap; O(log n).
  [[nodiscard]] std::size_t count(const Interval& wanted) const;

  // Calls visit(i) for each that overlaps, in no order, i its place in the constructor's list;
  // O(log n) for each of them.
  template <class Visit>
  void for_each(const Interval& wanted, Visit&& visit) const {
    descend(0, rows_.size(), wanted, visit);
  }

 private:
  struct Row {
    Interval interval;
    Number greatest_last = 0;  // of the half that the row is in the middle of
    std::uint32_t place = 0;
  };

  Number set_greatest(std::size_t begin, std::size_t end);

  // The rows [begin, end) are a tree: the one in the middle above its two halves.
  template <class Visit>
  void descend(std::size_t begin, std::size_t end, const Interval& wanted, Visit& visit) const {
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      const Row& row = rows_[middle];
      if (row.greatest_last < wanted.first) return;
      descend(begin, middle, wanted, visit);
      if (row.interval.first > wanted.last) return;
      if (row.interval.last >= wanted.first) visit(row.place);
      begin = middle + 1;
    }
  }

  std::vector<Row> rows_;  // by the first number
  std::vector<Number> lasts_;
};

}  // namespace untrack
