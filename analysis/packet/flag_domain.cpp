#include "analysis/packet/flag_domain.hpp"

#include <algorithm>
#include <bit>

namespace untrack {

FlagSet flags_where(std::uint8_t mask, std::uint8_t value) {
  FlagSet set;
  if ((value & ~mask) != 0) return set;
  set[0] = true;
  // The values of the bits below, once more with the bit set: beside them, or in their place.
  for (unsigned bit = 0; bit < 8; ++bit) {
    const FlagSet above = set << (1U << bit);
    if ((mask >> bit & 1U) == 0) {
      set |= above;
    } else if ((value >> bit & 1U) != 0) {
      set = above;
    }
  }
  return set;
}

namespace {

// By the highest value that one has and the other has not.
bool is_before(const FlagSet& a, const FlagSet& b) {
  constexpr std::size_t word = 64;
  const FlagSet low(~std::uint64_t{0});
  for (std::size_t at = 256; at > 0; at -= word) {
    const auto of_a = ((a >> (at - word)) & low).to_ullong();
    const auto of_b = ((b >> (at - word)) & low).to_ullong();
    if (of_a != of_b) return of_a < of_b;
  }
  return false;
}

}  // namespace

void FlagDomain::finish() {
  std::ranges::sort(sets_, is_before);
  // Values with equal answers to all tests are one class. Sorted by their answers, so that the
  // classes of one test tend to be neighbours: each test cuts what those before it left.
  classes_.assign(1, FlagSet().set());
  for (const FlagSet& set : sets_) {
    std::vector<FlagSet> cut;
    for (const FlagSet& values : classes_) {
      for (const FlagSet& part : {values & ~set, values & set}) {
        if (part.any()) cut.push_back(part);
      }
    }
    classes_.swap(cut);
  }
  atoms_.assign(256, 0);
  for (Atom atom = 0; atom < size(); ++atom) {
    for (unsigned flags = 0; flags < 256; ++flags) {
      if (classes_[atom][flags]) atoms_[flags] = atom;
    }
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
