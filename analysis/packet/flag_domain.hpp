// FlagDomain: the 256 values of the TCP flags, compressed to the classes that the tests in use can
// tell apart. Part of a Layout.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace untrack {

using FlagSet = std::bitset<256>;  // by value of the flags

// The values whose bits under `mask` are `value`.
[[nodiscard]] FlagSet flags_where(std::uint8_t mask, std::uint8_t value);

class FlagDomain {
 public:
  using Atom = std::uint32_t;

  // Quick for few different sets, however often each is named.
  void distinguish(const FlagSet& set) {
    if (std::ranges::find(sets_, set) == sets_.end()) sets_.push_back(set);
  }
  void finish();

  [[nodiscard]] Atom size() const { return static_cast<Atom>(classes_.size()); }
  [[nodiscard]] Atom atom_of(std::uint8_t flags) const { return atoms_[flags]; }
  // The atoms within a set that was distinguished.
  [[nodiscard]] std::vector<bool> members(const FlagSet& set) const;
  [[nodiscard]] const FlagSet& values_of(Atom atom) const { return classes_[atom]; }
  // The value with the fewest flags.
  [[nodiscard]] std::uint8_t example(Atom atom) const;

 private:
  std::vector<FlagSet> sets_;
  std::vector<FlagSet> classes_;
  std::vector<Atom> atoms_;  // by value
};

}  // namespace untrack
