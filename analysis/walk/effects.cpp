#include "analysis/walk/effects.hpp"

#include <algorithm>

namespace untrack {

Effects after(const Effects& first, const Effects& then) {
  Effects both = then;
  for (const Assignment& earlier : first) {
    const auto at = std::ranges::find(then, earlier.level, &Assignment::level);
    if (at == then.end()) both.push_back(earlier);
  }
  std::ranges::sort(both);
  return both;
}

Outcomes::Outcomes() {
  for (const End end :
       {End::accept, End::drop, End::reject, End::elsewhere, End::unknown, End::next, End::back}) {
    (void)of({end, {}});
  }
}

std::uint32_t Outcomes::of(const Outcome& outcome) {
  const auto [at, is_new] = numbers_.try_emplace(outcome, static_cast<std::uint32_t>(rows_.size()));
  if (is_new) rows_.push_back(outcome);
  have_effects_ = have_effects_ || !outcome.effects.empty();
  return at->second;
}

}  // namespace untrack
