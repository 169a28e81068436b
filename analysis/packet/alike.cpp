#include "analysis/packet/alike.hpp"

#include <algorithm>

namespace untrack {
namespace {

bool are_alike(const NumberDomain& a, const NumberDomain& b) {
  if (a.size() != b.size() || a.last() != b.last()) return false;
  for (NumberDomain::Atom atom = 0; atom < a.size(); ++atom) {
    if (a.values_of(atom) != b.values_of(atom)) return false;
  }
  return true;
}

}  // namespace

bool are_alike(const Layout& a, const Layout& b) {
  if (a.version() != b.version() || a.sizes() != b.sizes() || a.free_count() != b.free_count()) {
    return false;
  }
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (a.level_of(field) != b.level_of(field) || !are_alike(a.numbers(field), b.numbers(field))) {
      return false;
    }
  }
  for (FreeId id = 0; id < a.free_count(); ++id) {
    if (a.level_of_free(id) != b.level_of_free(id)) return false;
  }
  for (NameDomain::Atom atom = 0; atom < a.names().size(); ++atom) {
    if (a.names().text(atom) != b.names().text(atom)) return false;
  }
  for (FlagDomain::Atom atom = 0; atom < a.flags().size(); ++atom) {
    if (a.flags().values_of(atom) != b.flags().values_of(atom)) return false;
  }
  return std::ranges::equal(a.marks().blocks(), b.marks().blocks(),
                            [](const MarkBlocks::Block& one, const MarkBlocks::Block& other) {
                              return one.mask == other.mask && are_alike(one.values, other.values);
                            });
}

}  // namespace untrack
