#include "rewriter/notrack/saved_entries.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace untrack {
namespace {

constexpr std::array known_fields = {Field::source_address,   Field::destination_address,
                                     Field::protocol,         Field::source_port,
                                     Field::destination_port, Field::icmp_type_code};

// In the order of known_fields.
std::array<Number, known_fields.size()> values_of(const ConntrackEntry& entry) {
  return {entry.source,           entry.destination,
          entry.protocol,         entry.source_port,
          entry.destination_port, Number{entry.icmp_type} * 256 + entry.icmp_code};
}

}  // namespace

std::size_t order_by_entries(FamilyWorld& family, std::vector<Candidate>& candidates,
                             std::span<const ConntrackEntry> entries) {
  World& world = *family.world();
  Diagram& d = world.diagram();
  const Layout& layout = world.layout();
  std::vector<bool> gone(d.level_count(), true);
  for (const Field field : known_fields) gone[layout.level_of(field)] = false;
  // Which of them an entry is of, as one function; behind the last: of none.
  const auto none = static_cast<std::uint32_t>(candidates.size());
  Ref which = Diagram::constant(none);
  for (std::size_t i = candidates.size(); i-- > 0;) {
    which = d.ite(d.exists(candidates[i].flows, gone),
                  Diagram::constant(static_cast<std::uint32_t>(i)), which);
  }
  std::size_t all = 0;
  std::vector<Diagram::Atom> atoms(d.level_count());
  for (const ConntrackEntry& entry : entries) {
    if (entry.version != world.version()) continue;
    ++all;
    const auto values = values_of(entry);
    for (std::size_t i = 0; i < known_fields.size(); ++i) {
      atoms[layout.level_of(known_fields[i])] = layout.numbers(known_fields[i]).atom_of(values[i]);
    }
    const std::uint32_t of = d.evaluate(which, atoms);
    if (of != none) ++candidates[of].entries;
  }
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::entries);
  return all;
}

}  // namespace untrack
