#include "analysis/packet/name_domain.hpp"

#include <algorithm>
#include <tuple>

namespace untrack {

NameDomain::NameDomain() : atoms_{{"", false}, {"", true}, {"lo", false}} {}

void NameDomain::add(const NamePattern& pattern) {
  atoms_.push_back({std::string(pattern.text), pattern.is_prefix});
}

void NameDomain::finish() {
  const auto key = [](const NameAtom& atom) { return std::tuple(atom.text, !atom.is_class); };
  // The absent name stays in front: the class of the empty beginning comes behind it.
  std::sort(atoms_.begin() + 1, atoms_.end(),
            [&](const NameAtom& a, const NameAtom& b) { return key(a) < key(b); });
  const auto last =
      std::unique(atoms_.begin() + 1, atoms_.end(),
                  [&](const NameAtom& a, const NameAtom& b) { return key(a) == key(b); });
  atoms_.erase(last, atoms_.end());
  std::erase_if(atoms_, [this](const NameAtom& atom) {
    return &atom != atoms_.data() && atom.text.empty() && !atom.is_class;
  });
}

NameDomain::Atom NameDomain::atom_of(std::string_view name) const {
  if (name.empty()) return absent();
  Atom best = absent();
  std::size_t longest = 0;
  for (Atom atom = 1; atom < size(); ++atom) {
    const NameAtom& row = atoms_[atom];
    if (!row.is_class && row.text == name) return atom;
    if (row.is_class && name.starts_with(row.text) && row.text.size() >= longest) {
      longest = row.text.size();
      best = atom;
    }
  }
  return best;
}

bool NameDomain::matches(const NamePattern& pattern, const NameAtom& atom) const {
  if (pattern.is_prefix) return atom.text.starts_with(pattern.text);
  return !atom.is_class && atom.text == pattern.text;
}

std::vector<bool> NameDomain::matched_by(const NamePattern& pattern) const {
  std::vector<bool> members(size());
  for (Atom atom = 0; atom < size(); ++atom) members[atom] = matches(pattern, atoms_[atom]);
  return members;
}

std::string NameDomain::example(Atom atom) const {
  const NameAtom& row = atoms_[atom];
  if (!row.is_class) return row.text;
  constexpr std::string_view endings[] = {"0", "1", "2",  "3",  "4",    "5",    "6",  "7",
                                          "8", "9", "a0", "b1", "net0", "wan0", "x7", ""};
  constexpr std::string_view names[] = {"eth0", "eth1", "ens3", "enp1s0", "wlan0", "net0", "if9"};
  const std::size_t longest = 15;
  if (row.text.empty()) {
    for (const std::string_view name : names) {
      if (atom_of(name) == atom) return std::string(name);
    }
  }
  for (const std::string_view ending : endings) {
    std::string name = row.text + std::string(ending);
    if (!name.empty() && name.size() <= longest && atom_of(name) == atom) return name;
  }
  return row.text + "_";
}

std::string NameDomain::text(Atom atom) const {
  if (atom == absent()) return "none";
  const NameAtom& row = atoms_[atom];
  if (!row.is_class) return row.text;
  return row.text.empty() ? "any other" : row.text + "+";
}

}  // namespace untrack
