// RangeBox: packets as a product of ranges, one for each field that is asked about; and what is
// left of boxes when others are cut out of them, exactly. What the search for live and dead rules
// of long chains reckons with (rule_lives.hpp), where a diagram of everything would be too large.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "analysis/packet/packet.hpp"

namespace untrack {

// Numbers of one field, as sorted ranges without anything in common. One range takes no allocation.
class Ranges {
 public:
  Ranges() = default;  // of no number
  explicit Ranges(const Interval& one) : one_(one), is_empty_(false) {}
  // `all`: sorted, disjoint.
  explicit Ranges(std::vector<Interval> all);

  [[nodiscard]] bool empty() const { return is_empty_; }
  [[nodiscard]] std::span<const Interval> all() const {
    if (is_empty_) return {};
    return more_.empty() ? std::span(&one_, 1) : std::span<const Interval>(more_);
  }
  [[nodiscard]] Interval hull() const { return {all().front().first, all().back().last}; }
  [[nodiscard]] bool has(Number number) const;
  [[nodiscard]] bool intersects(const Ranges& other) const;

  friend bool operator==(const Ranges&, const Ranges&) = default;

 private:
  Interval one_{};
  std::vector<Interval> more_;  // two and more
  bool is_empty_ = true;
};

[[nodiscard]] Ranges intersection(const Ranges& a, const Ranges& b);
[[nodiscard]] Ranges difference(const Ranges& a, const Ranges& b);

// Interfaces are numbers of the search (rule_boxes.hpp), states those of CtState.
struct FieldSide {
  Field field{};
  Ranges values;
};

class RangeBox {
 public:
  // False: nothing is left of it, and it is good for nothing any more.
  [[nodiscard]] bool restrict(Field field, const Ranges& values);
  [[nodiscard]] bool restrict(const RangeBox& other);
  // nullptr: any value of the field's domain.
  [[nodiscard]] const Ranges* side(Field field) const;
  [[nodiscard]] std::span<const FieldSide> sides() const { return sides_; }
  void clear() { sides_.clear(); }
  // Lets the field be anything.
  void forget(Field field) {
    std::erase_if(sides_, [&](const FieldSide& side) { return side.field == field; });
  }

 private:
  std::vector<FieldSide> sides_;  // by field
};

// What a field can be, by Field; of a field that has no domain, anything.
using BoxDomains = std::array<Ranges, field_count>;

[[nodiscard]] bool intersects(const RangeBox& a, const RangeBox& b);
// Every packet of `inner` is in `outer`.
[[nodiscard]] bool is_within(const RangeBox& inner, const RangeBox& outer,
                             const BoxDomains& domains);

// Cuts `taken` out of the pieces, which do not overlap; whether any of them had something of it.
// They may become more, by one for each field that is cut.
bool cut_out(std::vector<RangeBox>& pieces, const RangeBox& taken, const BoxDomains& domains);

}  // namespace untrack
