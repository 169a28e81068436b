// NumberDomain: the values of a numeric field, compressed to the ranges that the rulesets under
// comparison can tell apart ("atoms"). IPv6 then costs the engine what IPv4 costs. Filled while a
// Layout is made, read by whoever goes from values to atoms and back.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/match.hpp"

namespace untrack {

class NumberDomain {
 public:
  using Atom = std::uint32_t;

  // Values of `width` bits, 0 to 128.
  explicit NumberDomain(unsigned width = 0);

  // Values outside the range become distinguishable from those inside.
  void cut(const Interval& range);
  // The cuts within `from` stand once more from `to` on, and the other way round.
  void repeat(const Interval& from, Number to);
  // Sorts the cuts; only then atoms have numbers.
  void finish();

  [[nodiscard]] Atom size() const { return static_cast<Atom>(starts_.size()); }
  [[nodiscard]] Atom atom_of(Number value) const;
  // First and last atom of a range that was cut.
  [[nodiscard]] std::pair<Atom, Atom> atoms_of(const Interval& range) const {
    return {atom_of(range.first), atom_of(range.last)};
  }
  [[nodiscard]] Interval values_of(Atom atom) const;
  [[nodiscard]] Number last() const { return last_; }

 private:
  Number last_;
  std::vector<Number> starts_{0};
};

}  // namespace untrack
