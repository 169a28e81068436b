#include "analysis/packet/number_domain.hpp"

#include <algorithm>

namespace untrack {
namespace {

template <class Value>
void make_sorted_set(std::vector<Value>& values) {
  // The keys of large sets mostly are in order, with what others ask behind them.
  const auto sorted = std::ranges::is_sorted_until(values);
  std::sort(sorted, values.end());
  std::inplace_merge(values.begin(), sorted, values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

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
  // Small numbers are sorted in half the time.
  if (last_ > 0xffffffffU) return make_sorted_set(starts_);
  std::vector<std::uint32_t> small;
  small.reserve(starts_.size());
  for (const Number start : starts_) small.push_back(static_cast<std::uint32_t>(start));
  make_sorted_set(small);
  starts_.assign(small.begin(), small.end());
}

NumberDomain::Atom NumberDomain::atom_of(Number value) const {
  const auto behind = std::ranges::upper_bound(starts_, value);
  return static_cast<Atom>(behind - starts_.begin() - 1);
}

Interval NumberDomain::values_of(Atom atom) const {
  return {starts_[atom], atom + 1 < size() ? starts_[atom + 1] - 1 : last_};
}

}  // namespace untrack
