#include "analysis/packet/boxes.hpp"

#include <algorithm>

namespace untrack {
namespace {

constexpr Diagram::Level no_level = 0xffffffffU;

Ref side_set(Diagram& d, const BoxSide& side) { return d.ranges(side.level, side.runs); }

// The box without one of its sides.
Ref product(Diagram& d, const Box& box, Diagram::Level left_out) {
  Ref all = Diagram::yes;
  for (auto side = box.rbegin(); side != box.rend(); ++side) {
    if (side->level != left_out) all = d.conj(side_set(d, *side), all);
  }
  return all;
}

}  // namespace

namespace {

// The side is best said as a list of names: it is of interfaces, and needs none of those that no
// rule names, which can only be said as "not these".
bool is_list_of_names(Diagram& d, const Layout& layout, Diagram::Level level, Ref needed) {
  const auto field = layout.field_at(level);
  if (field != Field::in_interface && field != Field::out_interface) return false;
  const NameDomain& names = layout.names();
  for (NameDomain::Atom atom = 1; atom < names.size(); ++atom) {
    if (names.text(atom) != names.example(atom) &&
        d.intersects(needed, d.interval(level, atom, atom))) {
      return false;
    }
  }
  return true;
}

// Names have no order: neighbours of a needed one are not worth their words.
void add_needed(Diagram& d, Ref needed, Diagram::Level level, Diagram::Atom first,
                Diagram::Atom last, std::vector<std::pair<Diagram::Atom, Diagram::Atom>>& runs) {
  for (Diagram::Atom atom = first; atom <= last; ++atom) {
    if (!d.intersects(needed, d.interval(level, atom, atom))) continue;
    if (!runs.empty() && runs.back().second + 1 == atom) {
      runs.back().second = atom;
    } else {
      runs.emplace_back(atom, atom);
    }
  }
}

bool is_of_ports(const Layout& layout, Diagram::Level level) {
  const auto field = layout.field_at(level);
  return field == Field::source_port || field == Field::destination_port;
}

// What the box has to list of ports and of names of interfaces, if it is there for `needed` alone.
void trim(Diagram& d, const Layout& layout, Ref needed, Box& box) {
  for (BoxSide& side : box) {
    std::vector<bool> gone(d.level_count(), true);
    gone[side.level] = false;
    const Ref values = d.exists(needed, gone);
    const bool is_list = is_list_of_names(d, layout, side.level, values);
    if (!is_list && !is_of_ports(layout, side.level)) continue;
    std::vector<std::pair<Diagram::Atom, Diagram::Atom>> runs;
    for (const auto& [first, last] : side.runs) {
      if (is_list) {
        add_needed(d, values, side.level, first, last, runs);
      } else if (d.intersects(values, d.interval(side.level, first, last))) {
        runs.emplace_back(first, last);
      }
    }
    side.runs = std::move(runs);
  }
}

// Leaves out boxes, and values of boxes, whose part of the set the others hold together: a box that
// came first may be needless once there are those behind it.
void drop_needless(Diagram& d, const Layout& layout, Ref set, std::vector<Box>& boxes) {
  std::vector<Ref> own(boxes.size());
  std::vector<Ref> behind(boxes.size() + 1, Diagram::no);
  for (std::size_t i = boxes.size(); i-- > 0;) {
    own[i] = d.conj(set, product(d, boxes[i], no_level));
    behind[i] = d.disj(own[i], behind[i + 1]);
  }
  std::vector<Box> kept;
  Ref held = Diagram::no;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Ref needed = d.minus(own[i], d.disj(held, behind[i + 1]));
    if (needed == Diagram::no) continue;
    trim(d, layout, needed, boxes[i]);
    held = d.disj(held, d.conj(set, product(d, boxes[i], no_level)));
    kept.push_back(std::move(boxes[i]));
  }
  boxes = std::move(kept);
}

// `is_terse`: what a box shares with others is left out of its sides where that saves words, and
// boxes that others make needless are left out.
Cover find_cover(Diagram& d, const Layout& layout, Ref set, Ref room, std::size_t most,
                 bool is_terse) {
  Cover cover;
  const Ref outside = d.negate(room);
  Ref rest = set;
  while (rest != Diagram::no) {
    if (cover.boxes.size() == most) {
      cover.is_whole = false;
      break;
    }
    Box box;
    const auto path = d.heaviest_path(rest, layout.weights());
    for (const Diagram::Constraint& fixed : path) {
      box.push_back({fixed.level, {{fixed.first, fixed.last}}});
    }
    // Widened side by side, the last levels first: flags and ports before addresses.
    Ref below = Diagram::yes;  // the sides behind
    for (std::size_t i = box.size(); i-- > 0;) {
      const Diagram::Level level = box[i].level;
      const auto bad = d.atoms_within(outside, level, std::span(path).first(i), below);
      if (bad.empty()) {
        box.erase(box.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      Ref needed = Diagram::yes;
      if (is_terse) {
        std::vector<bool> gone(d.level_count(), true);
        gone[level] = false;
        needed = d.exists(d.conj(product(d, box, level), rest), gone);
      }
      box[i].runs.clear();
      const bool is_list = is_terse && is_list_of_names(d, layout, level, needed);
      const auto add_good = [&](Diagram::Atom first, Diagram::Atom last) {
        if (!d.intersects(needed, d.interval(level, first, last))) return;
        if (is_list) {
          add_needed(d, needed, level, first, last, box[i].runs);
        } else {
          box[i].runs.emplace_back(first, last);
        }
      };
      Diagram::Atom begin = 0;
      for (const auto& [first, last] : bad) {
        if (first > begin) add_good(begin, first - 1);
        begin = last + 1;
      }
      if (begin < d.size_of(level)) add_good(begin, d.size_of(level) - 1);
      below = d.conj(side_set(d, box[i]), below);
    }
    cover.boxes.push_back(std::move(box));
    if (cover.boxes.size() == most) {
      // What is left is not asked for.
      cover.is_whole = d.implies(rest, below);
      break;
    }
    rest = d.minus(rest, below);
  }
  if (is_terse) drop_needless(d, layout, set, cover.boxes);
  return cover;
}

}  // namespace

Cover cover(Diagram& d, const Layout& layout, Ref set, std::size_t most) {
  return find_cover(d, layout, set, set, most, false);
}

Cover cover_within(Diagram& d, const Layout& layout, Ref set, Ref room, std::size_t most) {
  return find_cover(d, layout, set, room, most, true);
}

Ref set_of(Diagram& diagram, const Box& box) {
  Ref all = Diagram::yes;
  for (const BoxSide& side : box) {
    Ref any = Diagram::no;
    for (const auto& [first, last] : side.runs) {
      any = diagram.disj(any, diagram.interval(side.level, first, last));
    }
    all = diagram.conj(all, any);
  }
  return all;
}

}  // namespace untrack
