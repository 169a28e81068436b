// NameDomain: interface names, compressed to what rulesets can tell apart: no interface, each name
// that is mentioned, and for each mentioned beginning (`eth+`) the other names that have it as
// their longest one. Part of a Layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/match.hpp"

namespace untrack {

class NameDomain {
 public:
  using Atom = std::uint32_t;

  NameDomain();
  void add(const NamePattern& pattern);
  void finish();

  [[nodiscard]] Atom size() const { return static_cast<Atom>(atoms_.size()); }
  // The atom of a packet that has no such interface.
  [[nodiscard]] static constexpr Atom absent() { return 0; }
  [[nodiscard]] Atom loopback() const { return atom_of("lo"); }
  [[nodiscard]] Atom atom_of(std::string_view name) const;  // empty: absent
  // The atoms that a pattern matches; one of those that were added.
  [[nodiscard]] std::vector<bool> matched_by(const NamePattern& pattern) const;
  // A name of the atom, at most 15 characters long as in the kernel (IFNAMSIZ); empty for absent.
  [[nodiscard]] std::string example(Atom atom) const;
  // "eth0", "eth+" for the others of a beginning, "any other" for those of none.
  [[nodiscard]] std::string text(Atom atom) const;

 private:
  struct NameAtom {
    std::string text;
    bool is_class = false;  // all names that begin so and are no other atom's
  };
  [[nodiscard]] bool matches(const NamePattern& pattern, const NameAtom& atom) const;

  std::vector<NameAtom> atoms_;  // the first is absent; the others sorted
};

}  // namespace untrack
