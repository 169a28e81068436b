#include "rewriter/spell/box_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace untrack {

const BoxSide* BoxValues::side(Field field) const {
  const auto at = std::ranges::find(box_, layout_.level_of(field), &BoxSide::level);
  return at == box_.end() ? nullptr : &*at;
}

std::vector<Interval> BoxValues::values(Field field) const {
  std::vector<Interval> all;
  const BoxSide* found = side(field);
  if (found == nullptr) return all;
  for (const auto& [first, last] : found->runs) {
    const Interval range{layout_.numbers(field).values_of(first).first,
                         layout_.numbers(field).values_of(last).last};
    if (!all.empty() && all.back().last + 1 == range.first) {
      all.back().last = range.last;
    } else {
      all.push_back(range);
    }
  }
  return all;
}

SidedValues BoxValues::shorter(Field field, bool any_fewer) const {
  SidedValues sided{false, values(field)};
  if (sided.values.empty()) return sided;
  std::vector<Interval> others = complement(sided.values, layout_.numbers(field).last());
  const bool is_shorter = others.size() < sided.values.size() && !others.empty();
  if (is_shorter && (any_fewer || others.size() == 1)) sided = {true, std::move(others)};
  return sided;
}

BoxValues::Interfaces BoxValues::interfaces(const BoxSide& side) const {
  Interfaces found;
  for (NameDomain::Atom atom = 1; atom < layout_.names().size(); ++atom) {
    const bool is_in = std::ranges::any_of(
        side.runs, [&](const auto& run) { return atom >= run.first && atom <= run.second; });
    (is_in ? found.in : found.out).push_back(atom);
  }
  return found;
}

bool BoxValues::asks_for_others() const {
  using enum Field;
  static constexpr std::array said = {
      source_address, destination_address, in_interface,     out_interface,
      protocol,       source_port,         destination_port, icmp_type_code,
      later_fragment, tcp_flags,           source_type,      destination_type};
  return std::ranges::any_of(box_, [&](const BoxSide& each) {
    const auto field = layout_.field_at(each.level);
    return !field || std::ranges::find(said, *field) == said.end();
  });
}

}  // namespace untrack
