// Small words about cells that the two halves of Space share.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "analysis/recheck/tests.hpp"

namespace untrack::boxwise {

// Source and destination are cut alike, so that they can change places.
[[nodiscard]] inline std::size_t domain_of(Field field) {
  switch (field) {
    case Field::destination_address:
      return static_cast<std::size_t>(Field::source_address);
    case Field::destination_port:
      return static_cast<std::size_t>(Field::source_port);
    case Field::destination_type:
      return static_cast<std::size_t>(Field::source_type);
    case Field::out_interface:
      return static_cast<std::size_t>(Field::in_interface);
    default:
      return static_cast<std::size_t>(field);
  }
}

[[nodiscard]] inline bool is_named(Field field) {
  return field == Field::in_interface || field == Field::out_interface;
}

// No box has a cell for these: the state is asked for one at a time, the others are no fields of a
// packet or are not followed.
[[nodiscard]] inline bool has_no_cells(Field field) {
  return field == Field::ct_state || field == Field::either_port || field == Field::family ||
         field == Field::tcp_option || field == Field::sctp_chunks;
}

[[nodiscard]] inline bool holds_for(const Condition& condition, Number value, unsigned width) {
  const Number looked_at = width <= 32 ? value & condition.bits : value;
  const bool is_in = std::ranges::any_of(condition.values, [&](const Interval& interval) {
    return interval.first <= looked_at && looked_at <= interval.last;
  });
  return is_in != condition.outside;
}

[[nodiscard]] inline bool fits(const NamePattern& pattern, std::string_view name) {
  return pattern.is_prefix ? name.starts_with(pattern.text) : name == pattern.text;
}

}  // namespace untrack::boxwise
