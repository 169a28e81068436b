// Leaving: of the packets that enter a chain whose summary is known, those that leave it by some of
// its ends, as what was done to them leaves them. Used by reach() alone.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "analysis/walk/symbolic.hpp"

namespace untrack {

class Leaving {
 public:
  // `is_exact`: see ReachQuestion.
  Leaving(SymbolicWalk& walk, bool is_exact)
      : walk_(walk), d_(walk.diagram()), is_exact_(is_exact) {}

  // The packets as the effects leave them.
  Ref image(Ref region, const Effects& effects) {
    for (const Assignment& set : effects) {
      std::vector<bool> gone(set.level + std::size_t{1});
      gone[set.level] = true;
      region = d_.conj(d_.exists(region, gone), d_.interval(set.level, set.first, set.last));
    }
    return region;
  }

  // The packets of the region, of each of which the summary has one of the values, as these leave
  // them. In halves, so that what is left of the summary gets smaller as they do.
  Ref images(Ref region, Ref summary, std::span<const std::uint32_t> values) {
    if (region == Diagram::no || values.empty()) return Diagram::no;
    if (values.size() == 1) {
      const Effects effects = walk_.outcomes()[values.front()].effects;
      return image(d_.conj(region, d_.where(summary, values.front())), effects);
    }
    const auto half = values.size() / 2;
    Ref all = Diagram::no;
    for (const auto part : {values.first(half), values.subspan(half)}) {
      const Ref own = d_.where(summary, part);
      const Ref rest = d_.ite(own, summary, Outcomes::ref(End::unknown));
      all = d_.disj(all, images(d_.conj(region, own), rest, part));
    }
    return all;
  }

  // What of a region leaves a summarised chain by one of the ends.
  // What ends `unknown` is, where that is wanted, anything that rules may have made of it.
  template <class Wanted>
  Ref by_end(Ref region, Ref summary, Wanted&& wanted) {
    return by_outcome(region, summary, [&](const Outcome& outcome) { return wanted(outcome.end); });
  }

  template <class Wanted>
  Ref by_outcome(Ref region, Ref summary, Wanted&& wanted) {
    std::vector<std::uint32_t> plain;
    std::vector<std::uint32_t> changed;
    Ref all = Diagram::no;
    for (const std::uint32_t value : d_.values_of(summary)) {
      const Outcome& outcome = walk_.outcomes()[value];
      if (!wanted(outcome)) continue;
      if (outcome.end == End::unknown) {
        all = forgotten(d_.conj(region, d_.where(summary, value)));
      } else {
        (outcome.effects.empty() ? plain : changed).push_back(value);
      }
    }
    if (!plain.empty()) all = d_.disj(all, d_.conj(region, d_.where(summary, plain)));
    if (changed.size() > most_changes && is_exact_) {
      return d_.disj(all, images(d_.conj(region, d_.where(summary, changed)), summary, changed));
    }
    if (changed.size() > most_changes) {
      // Too many different changes (a NAT rule an endpoint) to follow each: what they set is
      // forgotten, so that more packets seem to come to the rules behind than do.
      std::vector<bool> gone(d_.level_count());
      for (const std::uint32_t value : changed) {
        for (const Assignment& set : walk_.outcomes()[value].effects) gone[set.level] = true;
      }
      return d_.disj(all, d_.exists(d_.conj(region, d_.where(summary, changed)), gone));
    }
    for (const std::uint32_t value : changed) {
      const Effects effects = walk_.outcomes()[value].effects;
      all = d_.disj(all, image(d_.conj(region, d_.where(summary, value)), effects));
    }
    return all;
  }

 private:
  // What was done to packets of which it is not known how they left is not known either.
  Ref forgotten(Ref packets) { return d_.exists(packets, walk_.changed_levels()); }

  // More are forgotten rather than followed, where that is allowed.
  static constexpr std::size_t most_changes = 32;

  SymbolicWalk& walk_;
  Diagram& d_;
  bool is_exact_;
};

}  // namespace untrack
