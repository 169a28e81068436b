// NameDomain: interface names, compressed to what rulesets can tell apart: no interface, each name
// that is mentioned, and for each mentioned beginning (`eth+`) the other names that have it as
// their longest one. Part of a Layout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
  // The first and last atom that a pattern matches, all between them too; nullopt: none. Takes no
  // look at each name, since rulesets name tens of thousands.
  [[nodiscard]] std::optional<std::pair<Atom, Atom>> atoms_of(const NamePattern& pattern) const;
  // A name of the atom, at most 15 characters long as in the kernel (IFNAMSIZ); empty for absent.
  [[nodiscard]] std::string example(Atom atom) const;
  // "eth0", "eth+" for the others of a beginning, "any other" for those of none.
  [[nodiscard]] std::string text(Atom atom) const;

 private:
  struct NameAtom {
    std::string text;
    bool is_class = false;  // all names that begin so and are no other atom's
  };
  // The atom of the name, or of the class of what begins so; absent: there is none.
  [[nodiscard]] Atom find(std::string_view text, bool is_class) const;

  // The first is absent; the others sorted, each class in front of the names in it.
  std::vector<NameAtom> atoms_;
  std::size_t longest_class_ = 0;
};

}  // namespace untrack
