#include "analysis/packet/boxes.hpp"

#include <algorithm>

namespace untrack {
namespace {

Ref side_set(Diagram& d, const BoxSide& side) {
  Ref any = Diagram::no;
  for (const auto& [first, last] : side.runs)
    any = d.disj(any, d.interval(side.level, first, last));
  return any;
}

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

// `is_terse`: what a box shares with others is left out of its sides where that saves words.
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
    for (const Diagram::Constraint& fixed : d.heaviest_path(rest, layout.weights())) {
      box.push_back({fixed.level, {{fixed.first, fixed.last}}});
    }
    // Widened side by side, the last levels first: flags and ports before addresses.
    for (std::size_t i = box.size(); i-- > 0;) {
      const Diagram::Level level = box[i].level;
      const Ref others = product(d, box, level);
      const Ref bad = d.conj(others, outside);
      if (bad == Diagram::no) {
        box.erase(box.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      std::vector<bool> gone(d.level_count(), true);
      gone[level] = false;
      const Ref bad_atoms = d.exists(bad, gone);
      box[i].runs.clear();
      Diagram::Atom begin = 0;
      if (Diagram::is_constant(bad_atoms)) continue;  // cannot be: the side itself is good
      const Ref needed = is_terse ? d.exists(d.conj(others, rest), gone) : Diagram::yes;
      // A copy: what is asked below may move the edges.
      const auto edges = d.edges(bad_atoms);
      for (const Diagram::Edge& edge : std::vector<Diagram::Edge>(edges.begin(), edges.end())) {
        if (edge.child == Diagram::no &&
            d.intersects(needed, d.interval(level, begin, edge.last))) {
          box[i].runs.emplace_back(begin, edge.last);
        }
        begin = edge.last + 1;
      }
    }
    rest = d.minus(rest, product(d, box, 0xffffffffU));
    cover.boxes.push_back(std::move(box));
  }
  return cover;
}

}  // namespace

Cover cover(Diagram& d, const Layout& layout, Ref set, std::size_t most) {
  return find_cover(d, layout, set, set, most, false);
}

Cover cover_within(Diagram& d, const Layout& layout, Ref set, Ref room, std::size_t most) {
  return find_cover(d, layout, set, room, most, true);
}

}  // namespace untrack
