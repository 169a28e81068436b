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

// Which of the candidates a packet is of, known by some fields alone, as one function; their
// number: of none.
Ref which_of(World& world, const std::vector<Candidate>& candidates, std::span<const Field> known) {
  Diagram& d = world.diagram();
  std::vector<bool> gone(d.level_count(), true);
  for (const Field field : known) gone[world.layout().level_of(field)] = false;
  Ref which = Diagram::constant(static_cast<std::uint32_t>(candidates.size()));
  for (std::size_t i = candidates.size(); i-- > 0;) {
    which = d.ite(d.exists(candidates[i].flows, gone),
                  Diagram::constant(static_cast<std::uint32_t>(i)), which);
  }
  return which;
}

// The candidate that has these values, if one has.
Candidate* fitting(World& world, std::vector<Candidate>& candidates, Ref which,
                   std::span<const Field> known, std::span<const Number> values) {
  const Layout& layout = world.layout();
  std::vector<Diagram::Atom> atoms(world.diagram().level_count());
  for (std::size_t i = 0; i < known.size(); ++i) {
    atoms[layout.level_of(known[i])] = layout.numbers(known[i]).atom_of(values[i]);
  }
  const std::uint32_t of = world.diagram().evaluate(which, atoms);
  return of < candidates.size() ? &candidates[of] : nullptr;
}

void most_first(std::vector<Candidate>& candidates) {
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::entries);
}

}  // namespace

std::size_t order_by_entries(FamilyWorld& family, std::vector<Candidate>& candidates,
                             std::span<const ConntrackEntry> entries) {
  World& world = *family.world();
  const Ref which = which_of(world, candidates, known_fields);
  std::size_t all = 0;
  for (const ConntrackEntry& entry : entries) {
    if (entry.version != world.version()) continue;
    ++all;
    Candidate* of = fitting(world, candidates, which, known_fields, values_of(entry));
    if (of != nullptr) ++of->entries;
  }
  most_first(candidates);
  return all;
}

std::size_t order_by_rates(FamilyWorld& family, std::vector<Candidate>& candidates,
                           std::span<const ServiceEntries> rates) {
  constexpr std::array of_services = {Field::protocol, Field::destination_port};
  World& world = *family.world();
  const Ref which = which_of(world, candidates, of_services);
  std::size_t all = 0;
  for (const ServiceEntries& row : rates) {
    all += row.entries;
    const std::array values = {Number{row.protocol}, row.ports.first};
    Candidate* of = fitting(world, candidates, which, of_services, values);
    if (of != nullptr) of->entries += row.entries;
  }
  most_first(candidates);
  return all;
}

}  // namespace untrack
