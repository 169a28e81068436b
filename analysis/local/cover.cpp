#include "analysis/local/cover.hpp"

#include <algorithm>

#include "analysis/stand_in.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_pieces = 2'000;
constexpr std::size_t most_cuts = 2'000;  // rules that it takes to cover one

// Rather a host than the address of a network, since people will read it.
Number number_in(const Ranges& side) {
  const Interval& range = side.all().front();
  return range.last - range.first > 1 ? range.first + 1 : range.first;
}

// Rather one that every way has: neither none nor lo.
Number interface_in(const Ranges& side, const NameDomain& names) {
  for (const Interval& range : side.all()) {
    for (Number atom = range.first; atom <= range.last; ++atom) {
      if (atom != NameDomain::absent() && atom != names.loopback()) return atom;
    }
  }
  return side.all().back().last;
}

// Narrows the box to one value of each field that rules are looked up by, which becomes the
// packet's. False: the box is empty.
bool narrow_to_point(RangeBox& box, const RuleBoxes& boxes, Packet& packet) {
  for (const Field field : key_fields) {
    const Ranges* side = box.side(field);
    if (side == nullptr) side = &boxes.domains()[static_cast<std::size_t>(field)];
    const bool is_interface = field == Field::in_interface || field == Field::out_interface;
    const bool is_free = side->empty() && box.side(field) == nullptr;
    const Number value = is_free        ? 0
                         : is_interface ? interface_in(*side, boxes.names())
                                        : number_in(*side);
    if (!box.restrict(field, Ranges(Interval{value, value}))) return false;
    if (!is_interface) {
      packet[field] = value;
      continue;
    }
    const auto atom = static_cast<NameDomain::Atom>(value);
    std::string& name = field == Field::in_interface ? packet.in_interface : packet.out_interface;
    name = atom == NameDomain::absent() ? std::string() : boxes.names().example(atom);
  }
  return true;
}

}  // namespace

Covered ChainCover::of(std::size_t place, std::size_t& most_cut) {
  const std::vector<RuleId>& rules = ruleset_[chain_].rules;
  Covered found;
  boxes_.region_of(rules[place], view_, region_);
  found.is_asked_for = !region_.boxes.empty();
  std::vector<RangeBox> left = region_.boxes;
  std::vector<std::size_t> takers;
  bool is_first = true;
  for (std::size_t cuts = 0; !left.empty(); ++cuts) {
    if (cuts == most_cuts || left.size() > most_pieces || most_cut == 0 || index_.is_tired()) {
      return found;
    }
    RangeBox point = left.back();
    Packet packet;
    if (!narrow_to_point(point, boxes_, packet)) return found;
    index_.places_of(chain_, packet, places_);
    std::size_t taker = place;
    RuleRegion first;
    for (const std::uint32_t other : places_) {
      if (other >= place) break;
      if (!only_decides(ruleset_, ruleset_[rules[other]])) continue;
      boxes_.region_of(rules[other], view_, taking_);
      if (!taking_.is_exact) continue;
      const auto takes = [&](const RangeBox& box) { return intersects(point, box); };
      if (taker == place && std::ranges::any_of(taking_.boxes, takes)) {
        taker = other;
        first = taking_;
      }
      // One rule that asks for all of it, and so for this packet, says more than the many that take
      // a piece before it.
      const bool is_whole =
          is_first && std::ranges::all_of(region_.boxes, [&](const RangeBox& box) {
            return std::ranges::any_of(taking_.boxes, [&](const RangeBox& taken) {
              return is_within(box, taken, boxes_.domains());
            });
          });
      if (!is_whole) continue;
      found.is_known = true;
      found.takers = {rules[other]};
      return found;
    }
    is_first = false;
    if (taker == place) {
      found.left.push_back(std::move(point));
      found.left.insert(found.left.end(), left.rbegin(), left.rend());
      break;
    }
    for (const RangeBox& taken : first.boxes) {
      most_cut -= std::min(most_cut, left.size() + 1);
      (void)cut_out(left, taken, boxes_.domains());
    }
    takers.push_back(taker);
  }
  found.is_known = true;
  std::ranges::sort(takers);
  for (const std::size_t each : takers) found.takers.push_back(rules[each]);
  return found;
}

}  // namespace untrack
