// Covers: rules of a chain, to be asked for one that covers another. The rules are kept by the
// shape of what they ask (which fields, networks of which length, single values or more), and
// within a shape by the values themselves, so that a question costs a look-up for each shape and
// not a comparison with each rule.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rewriter/shorten/rule_tests.hpp"

namespace untrack {

class Covers {
 public:
  explicit Covers(IpVersion version) : version_(version) {}

  // Only one that is_whole can cover another. `tests` must outlive this.
  void add(RuleId rule, const RuleTests& tests);
  // One that covers it, other than itself, and that `fits`.
  [[nodiscard]] std::optional<RuleId> find(RuleId rule, const RuleTests& tests,
                                           const std::function<bool(RuleId)>& fits) const;

 private:
  struct Side {
    Field field{};
    int bits = 0;  // of the network that the values make up; several_values: they are no network
    friend bool operator==(const Side&, const Side&) = default;
  };
  using Shape = std::vector<Side>;
  struct Row {
    RuleId rule;
    const RuleTests* tests = nullptr;
  };
  struct OfShape {
    Shape shape;
    std::unordered_map<std::string, std::vector<Row>> rows;
  };

  static constexpr int several_values = -1;
  [[nodiscard]] Shape shape_of(const RuleTests& tests) const;
  // The networks of the shape that the values lie in; none: they lie in no such networks.
  [[nodiscard]] std::optional<std::string> key_of(const Shape& shape, const RuleTests& tests) const;

  IpVersion version_;
  std::vector<OfShape> shapes_;
};

}  // namespace untrack
