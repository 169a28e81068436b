// BoxValues: what a box of packets asks of each field, as ranges of values: what the spellers of
// both languages begin with.
#pragma once

#include <vector>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/layout.hpp"

namespace untrack {

// Negated: in none of the values.
struct SidedValues {
  bool is_negated = false;
  std::vector<Interval> values;
};

class BoxValues {
 public:
  BoxValues(const Box& box, const Layout& layout) : box_(box), layout_(layout) {}

  // Null: the field is not asked for.
  [[nodiscard]] const BoxSide* side(Field field) const;
  // Empty: the field is not asked for.
  [[nodiscard]] std::vector<Interval> values(Field field) const;
  // The same, or what it leaves out, if that is one range; or `any_fewer`: if that is fewer ranges.
  [[nodiscard]] SidedValues shorter(Field field, bool any_fewer = false) const;

  // The atoms of one interface that a side has, and those that it has not, apart from "none".
  struct Interfaces {
    std::vector<NameDomain::Atom> in;
    std::vector<NameDomain::Atom> out;
  };
  [[nodiscard]] Interfaces interfaces(const BoxSide& side) const;

  // It asks for fields that no rule of a rewrite names.
  [[nodiscard]] bool asks_for_others() const;

 private:
  const Box& box_;
  const Layout& layout_;
};

}  // namespace untrack
