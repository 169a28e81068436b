// Effects: what statements have done to a packet on its way through a chain, as assignments to the
// variables of the layout; and Outcomes, which number "how a chain ends, and with which effects",
// so that the numbers can be values of a diagram. Parts of the symbolic walk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/diagram/diagram.hpp"

namespace untrack {

// The variable becomes one of the atoms [first, last], and it is not known which.
struct Assignment {
  Diagram::Level level = 0;
  Diagram::Atom first = 0;
  Diagram::Atom last = 0;
  friend auto operator<=>(const Assignment&, const Assignment&) = default;
};

using Effects = std::vector<Assignment>;  // sorted by level, one a level

// First one, then the other.
[[nodiscard]] Effects after(const Effects& first, const Effects& then);

// Those that are a Decision have its number, so that a function that has no others is one of
// decisions as it is.
enum class End : std::uint8_t {
  accept,
  drop,
  reject,
  elsewhere,
  unknown,
  next,  // the next rule; behind the last one, back to the caller or to the policy
  back,  // RETURN
};

struct Outcome {
  End end{};
  Effects effects;
  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

class Outcomes {
 public:
  // Without effects the number is that of the End.
  Outcomes();
  [[nodiscard]] std::uint32_t of(const Outcome& outcome);
  [[nodiscard]] const Outcome& operator[](std::uint32_t number) const { return rows_[number]; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // Some outcome changes the packet. Until then the only values are the numbers of the Ends.
  [[nodiscard]] bool have_effects() const { return have_effects_; }
  [[nodiscard]] static Ref ref(End end) {
    return Diagram::constant(static_cast<std::uint32_t>(end));
  }

 private:
  std::vector<Outcome> rows_;
  std::map<Outcome, std::uint32_t> numbers_;
  bool have_effects_ = false;
};

}  // namespace untrack
