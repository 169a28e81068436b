// SourceCounts: how often each address occurs, exactly, in memory that grows with the different
// ones alone: addresses are collected, sorted, and counted into those that are known. Used by
// attribution.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace untrack {

// In three passes over 11 bits each, the least first: a million take no time.
inline void sort_addresses(std::vector<std::uint32_t>& values) {
  constexpr unsigned digit_bits = 11;
  constexpr std::uint32_t digits = 1U << digit_bits;
  std::vector<std::uint32_t> other(values.size());
  for (unsigned shift = 0; shift < 32; shift += digit_bits) {
    std::array<std::size_t, digits + 1> begins{};
    for (const std::uint32_t value : values) ++begins[(value >> shift) % digits + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    for (const std::uint32_t value : values) other[begins[(value >> shift) % digits]++] = value;
    values.swap(other);
  }
}
template <class Address>
void sort_addresses(std::vector<Address>& values) {
  std::ranges::sort(values);
}

template <class Address>
class SourceCounts {
 public:
  struct Row {
    Address address;
    std::uint32_t count;  // a table has fewer entries than 2^32
  };

  void add(Address address) {
    waiting_.push_back(address);
    if (waiting_.size() >= std::max(least_waiting, rows_.size())) count_waiting();
  }
  // By address; valid until the next one is added.
  [[nodiscard]] const std::vector<Row>& rows() {
    count_waiting();
    return rows_;
  }

 private:
  static constexpr std::size_t least_waiting = std::size_t{1} << 18U;

  void count_waiting() {
    sort_addresses(waiting_);
    std::vector<Row> all;
    all.reserve(rows_.size() + std::min(waiting_.size(), std::size_t{1024}));
    auto old = rows_.begin();
    for (std::size_t begin = 0, end = 0; begin < waiting_.size(); begin = end) {
      const Address address = waiting_[begin];
      while (end < waiting_.size() && waiting_[end] == address) ++end;
      while (old != rows_.end() && old->address < address) all.push_back(*old++);
      const bool is_known = old != rows_.end() && old->address == address;
      const auto more = static_cast<std::uint32_t>(end - begin);
      all.push_back({address, more + (is_known ? (old++)->count : 0)});
    }
    all.insert(all.end(), old, rows_.end());
    rows_ = std::move(all);
    waiting_.clear();
  }

  std::vector<Address> waiting_;
  std::vector<Row> rows_;
};

}  // namespace untrack
