#include "analysis/program/field_test_key.hpp"

#include <fmt/format.h>

#include "model/address_text.hpp"

namespace untrack {

std::string field_test_key(const Ruleset& ruleset, const FieldTest& test, IpVersion version) {
  const bool is_address =
      test.field == Field::source_address || test.field == Field::destination_address;
  const auto number = [&](Number value) {
    if (is_address) return address_text(value, version);
    const auto high = static_cast<unsigned long long>(value >> 64U);
    const auto low = static_cast<unsigned long long>(value);
    return high == 0 ? fmt::format("{}", low) : fmt::format("{:#x}{:016x}", high, low);
  };
  std::string key(to_text(test.field));
  if (test.mask != FieldTest{}.mask) key += fmt::format(" & {:#x}", test.mask);
  std::string_view before = " ";
  for (const Interval& values : slice(ruleset.intervals, test.values)) {
    key += before;
    key += number(values.first);
    if (values.last != values.first) key += "-" + number(values.last);
    before = ",";
  }
  return key;
}

}  // namespace untrack
