#include "analysis/pressure/listing_change.hpp"

#include <algorithm>
#include <utility>

namespace untrack {

ListingChange::ListingChange(std::vector<std::uint64_t> identities)
    : first_(std::move(identities)), is_found_(first_.size()) {
  std::ranges::sort(first_);
}

void ListingChange::add(std::uint64_t identity) {
  auto at = static_cast<std::size_t>(std::ranges::lower_bound(first_, identity) - first_.begin());
  while (at < first_.size() && first_[at] == identity && is_found_[at]) ++at;
  if (at == first_.size() || first_[at] != identity) {
    ++made_;
    return;
  }
  is_found_[at] = true;
  ++found_;
}

}  // namespace untrack
