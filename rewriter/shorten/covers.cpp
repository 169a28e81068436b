#include "rewriter/shorten/covers.hpp"

#include <algorithm>

#include "analysis/program/program.hpp"

namespace untrack {
namespace {

constexpr unsigned bits_in_a_byte = 8;

void append(std::string& key, Number value) {
  for (unsigned i = 0; i < sizeof(Number); ++i) {
    key += static_cast<char>(static_cast<unsigned char>(value >> (i * bits_in_a_byte)));
  }
}

}  // namespace

Covers::Shape Covers::shape_of(const RuleTests& tests) const {
  Shape shape;
  for (const ValueTest& test : tests.values) {
    int bits = several_values;
    if (test.values.size() == 1) {
      const auto [first, last] = test.values.front();
      int host_bits = 0;
      const int width = static_cast<int>(width_of(test.field, version_));
      while (host_bits < width && (first >> host_bits) != (last >> host_bits)) ++host_bits;
      const Number hosts = host_bits >= 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
      if ((first & hosts) == 0 && (last & hosts) == hosts) bits = host_bits;
    }
    shape.push_back({test.field, bits});
  }
  return shape;
}

std::optional<std::string> Covers::key_of(const Shape& shape, const RuleTests& tests) const {
  std::string key;
  for (const Side& side : shape) {
    const auto test = std::ranges::find(tests.values, side.field, &ValueTest::field);
    if (test == tests.values.end()) return std::nullopt;
    if (side.bits == several_values || test->values.empty()) continue;
    const auto network = [&](Number value) {
      return side.bits >= 128 ? Number{0} : value >> side.bits;
    };
    const Number found = network(test->values.front().first);
    if (network(test->values.back().last) != found) return std::nullopt;
    append(key, found);
  }
  return key;
}

void Covers::add(RuleId rule, const RuleTests& tests) {
  if (!tests.is_whole) return;
  const Shape shape = shape_of(tests);
  auto at = std::ranges::find(shapes_, shape, &OfShape::shape);
  if (at == shapes_.end()) at = shapes_.insert(shapes_.end(), OfShape{shape, {}});
  if (const auto key = key_of(shape, tests)) at->rows[*key].push_back({rule, &tests});
}

std::optional<RuleId> Covers::find(RuleId rule, const RuleTests& tests,
                                   const std::function<bool(RuleId)>& fits) const {
  for (const OfShape& of_shape : shapes_) {
    const auto key = key_of(of_shape.shape, tests);
    if (!key) continue;
    const auto rows = of_shape.rows.find(*key);
    if (rows == of_shape.rows.end()) continue;
    for (const Row& row : rows->second) {
      if (row.rule != rule && fits(row.rule) && covers(*row.tests, tests)) return row.rule;
    }
  }
  return std::nullopt;
}

}  // namespace untrack
