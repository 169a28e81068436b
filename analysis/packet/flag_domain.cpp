#include "analysis/packet/flag_domain.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace untrack {

FlagSet flags_where(std::uint8_t mask, std::uint8_t value) {
  FlagSet set;
  for (unsigned flags = 0; flags < 256; ++flags) set[flags] = (flags & mask) == value;
  return set;
}

void FlagDomain::finish() {
  std::ranges::sort(
      sets_, [](const FlagSet& a, const FlagSet& b) { return a.to_string() < b.to_string(); });
  // Values with equal answers to all tests are one class. Sorted by their answers, so that the
  // classes of one test tend to be neighbours.
  std::map<std::vector<bool>, FlagSet> classes;
  for (unsigned flags = 0; flags < 256; ++flags) {
    std::vector<bool> answers;
    answers.reserve(sets_.size());
    for (const FlagSet& set : sets_) answers.push_back(set[flags]);
    classes[answers][flags] = true;
  }
  atoms_.assign(256, 0);
  for (const auto& [answers, values] : classes) {
    for (unsigned flags = 0; flags < 256; ++flags) {
      if (values[flags]) atoms_[flags] = size();
    }
    classes_.push_back(values);
  }
}

std::vector<bool> FlagDomain::members(const FlagSet& set) const {
  std::vector<bool> members(size());
  for (Atom atom = 0; atom < size(); ++atom) members[atom] = (classes_[atom] & set).any();
  return members;
}

std::uint8_t FlagDomain::example(Atom atom) const {
  unsigned best = 256;
  for (unsigned flags = 0; flags < 256; ++flags) {
    if (classes_[atom][flags] && (best == 256 || std::popcount(flags) < std::popcount(best))) {
      best = flags;
    }
  }
  return static_cast<std::uint8_t>(best);
}

}  // namespace untrack
