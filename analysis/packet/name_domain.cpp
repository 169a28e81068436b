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
  for (const NameAtom& atom : atoms_) {
    if (atom.is_class) longest_class_ = std::max(longest_class_, atom.text.size());
  }
}

NameDomain::Atom NameDomain::find(std::string_view text, bool is_class) const {
  const auto wanted = std::pair(text, !is_class);
  const auto at = std::partition_point(atoms_.begin() + 1, atoms_.end(), [&](const NameAtom& row) {
    return std::pair(std::string_view(row.text), !row.is_class) < wanted;
  });
  const bool is_found = at != atoms_.end() && at->text == text && at->is_class == is_class;
  return is_found ? static_cast<Atom>(at - atoms_.begin()) : absent();
}

NameDomain::Atom NameDomain::atom_of(std::string_view name) const {
  if (name.empty()) return absent();
  if (const Atom whole = find(name, false); whole != absent()) return whole;
  std::size_t length = std::min(name.size(), longest_class_);
  Atom best = find(name.substr(0, length), true);
  while (best == absent() && length > 0) best = find(name.substr(0, --length), true);
  return best;
}

std::optional<std::pair<NameDomain::Atom, NameDomain::Atom>> NameDomain::atoms_of(
    const NamePattern& pattern) const {
  const std::string_view text = pattern.text;
  if (!pattern.is_prefix) {
    const Atom atom = find(text, false);
    if (atom == absent() && !text.empty()) return std::nullopt;
    return std::pair(atom, atom);
  }
  if (text.empty()) return std::pair(absent(), size() - 1);
  const auto head = [&](const NameAtom& row) {
    return std::string_view(row.text).substr(0, text.size());
  };
  const auto first = std::partition_point(atoms_.begin() + 1, atoms_.end(),
                                          [&](const NameAtom& row) { return head(row) < text; });
  const auto end = std::partition_point(first, atoms_.end(),
                                        [&](const NameAtom& row) { return head(row) == text; });
  if (first == end) return std::nullopt;
  return std::pair(static_cast<Atom>(first - atoms_.begin()),
                   static_cast<Atom>(end - atoms_.begin() - 1));
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
