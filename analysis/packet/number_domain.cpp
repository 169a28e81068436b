#include "analysis/packet/number_domain.hpp"

#include <algorithm>

namespace untrack {

NumberDomain::NumberDomain(unsigned width)
    : last_(width >= 128 ? ~Number{0} : (Number{1} << width) - 1) {}

void NumberDomain::cut(const Interval& range) {
  if (range.first > 0 && range.first <= last_) starts_.push_back(range.first);
  if (range.last < last_) starts_.push_back(range.last + 1);
}

void NumberDomain::repeat(const Interval& from, Number to) {
  const Number size = from.last - from.first;
  const std::vector<Number> before = starts_;
  for (const Number start : before) {
    if (start >= from.first && start <= from.last) starts_.push_back(to + (start - from.first));
    if (start >= to && start <= to + size) starts_.push_back(from.first + (start - to));
  }
}

void NumberDomain::finish() {
  // The keys of large sets mostly are in order, with what others ask behind them.
  const auto sorted = std::ranges::is_sorted_until(starts_);
  std::sort(sorted, starts_.end());
  std::inplace_merge(starts_.begin(), sorted, starts_.end());
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
}

NumberDomain::Atom NumberDomain::atom_of(Number value) const {
  const auto behind = std::ranges::upper_bound(starts_, value);
  return static_cast<Atom>(behind - starts_.begin() - 1);
}

Interval NumberDomain::values_of(Atom atom) const {
  return {starts_[atom], atom + 1 < size() ? starts_[atom + 1] - 1 : last_};
}

}  // namespace untrack
