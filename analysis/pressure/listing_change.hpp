// ListingChange: which entries of one listing of the conntrack table are in a later one, of which
// nothing is kept. Of the earlier one eight bytes and a bit for each entry are. Used by app/ for
// `untrack pressure --watch`.
#pragma once

#include <cstdint>
#include <vector>

namespace untrack {

class ListingChange {
 public:
  // `identities` of the earlier listing (parser/conntrack/identities.hpp), in any order.
  explicit ListingChange(std::vector<std::uint64_t> identities);

  // Of the later one; what is named twice counts as two.
  void add(std::uint64_t identity);
  [[nodiscard]] std::uint64_t made() const { return made_; }  // were not in the earlier one
  [[nodiscard]] std::uint64_t gone() const { return first_.size() - found_; }

 private:
  std::vector<std::uint64_t> first_;  // sorted
  std::vector<bool> is_found_;
  std::uint64_t found_ = 0, made_ = 0;
};

}  // namespace untrack
