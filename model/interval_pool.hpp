// IntervalPool: the intervals of a Ruleset, of which there are several for each rule. One that fits
// into 32 bits takes 8 bytes here in place of 32, and so do nearly all: addresses of IPv4, ports,
// protocols, marks. Written by parser/, read by all as if it were a vector, but for intervals that
// are made anew where they are asked for.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

#include "model/ids.hpp"
#include "model/match.hpp"

namespace untrack {

class IntervalPool {
  // first > last: a place in wide_.
  struct Narrow {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };

 public:
  [[nodiscard]] std::size_t size() const { return narrow_.size(); }
  [[nodiscard]] std::size_t capacity() const { return narrow_.capacity(); }
  void reserve(std::size_t count) { narrow_.reserve(count); }
  // The memory it fills, for who asks the system for it ahead of time.
  [[nodiscard]] const std::vector<Narrow>& memory() const { return narrow_; }

  [[nodiscard]] Interval operator[](std::size_t place) const {
    const Narrow& kept = narrow_[place];
    if (kept.first > kept.last) return wide_[kept.last];
    return {kept.first, kept.last};
  }
  [[nodiscard]] Interval back() const { return (*this)[size() - 1]; }

  void push_back(const Interval& interval) { narrow_.push_back(kept(interval)); }
  // The same, of numbers that the caller knows to be small; first <= last.
  void push_narrow(std::uint32_t first, std::uint32_t last) { narrow_.push_back({first, last}); }
  void set(std::size_t place, const Interval& interval) { narrow_[place] = kept(interval); }
  // Takes out what stands behind the first `count`.
  void shorten(std::size_t count) {
    while (size() > count) {
      const Narrow& last = narrow_.back();
      if (last.first > last.last && last.last + std::size_t{1} == wide_.size()) wide_.pop_back();
      narrow_.pop_back();
    }
  }

 private:
  [[nodiscard]] Narrow kept(const Interval& interval) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    if (interval.first <= interval.last && interval.last <= most) {
      return {static_cast<std::uint32_t>(interval.first),
              static_cast<std::uint32_t>(interval.last)};
    }
    wide_.push_back(interval);
    return {most, static_cast<std::uint32_t>(wide_.size() - 1)};
  }

  std::vector<Narrow> narrow_;
  std::vector<Interval> wide_;
};

// The intervals of a range, to be iterated over. Valid as long as the pool lives, even while it
// grows.
class IntervalSlice {
 public:
  class iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;  // it gives no references
    using value_type = Interval;
    using difference_type = std::ptrdiff_t;
    using reference = Interval;
    using pointer = void;

    iterator() = default;
    iterator(const IntervalPool* pool, std::ptrdiff_t place) : pool_(pool), place_(place) {}

    Interval operator*() const { return (*pool_)[static_cast<std::size_t>(place_)]; }
    Interval operator[](difference_type by) const { return *(*this + by); }
    iterator& operator++() { return *this += 1; }
    iterator& operator--() { return *this -= 1; }
    iterator operator++(int) {
      const iterator before = *this;
      ++*this;
      return before;
    }
    iterator operator--(int) {
      const iterator before = *this;
      --*this;
      return before;
    }
    iterator& operator+=(difference_type by) {
      place_ += by;
      return *this;
    }
    iterator& operator-=(difference_type by) { return *this += -by; }
    friend iterator operator+(iterator at, difference_type by) { return at += by; }
    friend iterator operator+(difference_type by, iterator at) { return at += by; }
    friend iterator operator-(iterator at, difference_type by) { return at -= by; }
    friend difference_type operator-(const iterator& a, const iterator& b) {
      return a.place_ - b.place_;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.place_ == b.place_; }
    friend auto operator<=>(const iterator& a, const iterator& b) { return a.place_ <=> b.place_; }

   private:
    const IntervalPool* pool_ = nullptr;
    std::ptrdiff_t place_ = 0;
  };

  IntervalSlice(const IntervalPool& pool, PoolRange<Interval> range)
      : pool_(&pool), range_(range) {}

  [[nodiscard]] iterator begin() const { return {pool_, range_.first}; }
  [[nodiscard]] iterator end() const { return begin() + range_.count; }
  [[nodiscard]] std::size_t size() const { return range_.count; }
  [[nodiscard]] bool empty() const { return range_.count == 0; }
  [[nodiscard]] Interval operator[](std::size_t place) const {
    return (*pool_)[range_.first + place];
  }
  [[nodiscard]] Interval front() const { return (*this)[0]; }
  [[nodiscard]] Interval back() const { return (*this)[size() - 1]; }

 private:
  const IntervalPool* pool_;
  PoolRange<Interval> range_;
};

[[nodiscard]] inline IntervalSlice slice(const IntervalPool& pool, PoolRange<Interval> range) {
  return {pool, range};
}

}  // namespace untrack
