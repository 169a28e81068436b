// Diagram::joined: a level whose atoms each have a set of their own, which may ask what stands
// above it; the dear half of rename().
#include <algorithm>
#include <map>
#include <utility>

#include "analysis/diagram/diagram.hpp"

namespace untrack {

// Where the pieces ask what stands above the level: all of them at once, since most of what they
// ask leaves few of them. Two and two would make all that half of them are on the way, and the
// halves of these.
Ref Diagram::joined(Level level, std::span<const Piece> pieces) {
  if (pieces.empty()) return no;
  std::vector<std::pair<std::pair<Atom, Atom>, Ref>> runs;
  bool is_plain = true;
  for (const Piece& piece : pieces) {
    is_plain = is_plain && top(piece.set) > level;
    for (const auto& atoms : piece.atoms) runs.emplace_back(atoms, piece.set);
  }
  std::ranges::sort(runs);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    is_plain = is_plain && runs[i - 1].first.second < runs[i].first.first;
  }
  if (!is_plain) {
    if (pieces.size() == 1) return conj(ranges(level, pieces.front().atoms), pieces.front().set);
    using Rest = std::vector<std::pair<std::uint32_t, Ref>>;  // pieces, and what is left of each
    std::map<Rest, Ref> known;
    const auto join = [&](const auto& self, const Rest& rest) -> Ref {
      if (rest.empty()) return no;
      if (rest.size() == 1) {
        return conj(ranges(level, pieces[rest[0].first].atoms), rest[0].second);
      }
      Level at = level;
      for (const auto& [piece, set] : rest) at = std::min(at, top(set));
      if (at == level) {
        std::vector<Ref> sets;
        for (const auto& [piece, set] : rest) {
          sets.push_back(conj(ranges(level, pieces[piece].atoms), set));
        }
        return any_of(std::move(sets));
      }
      if (const auto found = known.find(rest); found != known.end()) return found->second;
      struct Stretch {
        Atom first = 0;
        Atom last = 0;
        std::uint32_t piece = 0;
        Ref set;
      };
      std::vector<Stretch> stretches;
      std::vector<Atom> ends;
      for (const auto& [piece, set] : rest) {
        if (top(set) != at) {
          stretches.push_back({0, sizes_[at] - 1, piece, set});
          continue;
        }
        Atom first = 0;
        for (const Edge& edge : edges(set)) {
          if (edge.child != no) {
            stretches.push_back({first, edge.last, piece, edge.child});
            if (first > 0) ends.push_back(first - 1);
            ends.push_back(edge.last);
          }
          first = edge.last + 1;
        }
      }
      steps_ += stretches.size();
      ends.push_back(sizes_[at] - 1);
      std::ranges::sort(ends);
      ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
      // Where many cover much of the level, each of its runs would be about many of them.
      constexpr std::size_t most_at_once = 4;
      std::size_t cells = 0;
      for (const Stretch& one : stretches) {
        const auto begin = std::ranges::lower_bound(ends, one.first);
        cells += static_cast<std::size_t>(std::ranges::lower_bound(ends, one.last) - begin) + 1;
      }
      if (cells > most_at_once * (stretches.size() + ends.size())) {
        const auto half = rest.begin() + static_cast<std::ptrdiff_t>(rest.size() / 2);
        return disj(self(self, Rest(rest.begin(), half)), self(self, Rest(half, rest.end())));
      }
      std::ranges::sort(stretches, {},
                        [](const Stretch& one) { return std::pair(one.first, one.piece); });
      const std::size_t base = scratch_.size();
      std::vector<Stretch> here;
      std::size_t next = 0;
      Atom first = 0;
      for (const Atom last : ends) {
        count_step();
        std::erase_if(here, [&](const Stretch& one) { return one.last < first; });
        while (next < stretches.size() && stretches[next].first <= first)
          here.push_back(stretches[next++]);
        Rest below;
        for (const Stretch& one : here) below.emplace_back(one.piece, one.set);
        std::ranges::sort(below);
        push(last, self(self, below));
        first = last + 1;
      }
      const Ref made = make(at, base);
      known.emplace(rest, made);
      return made;
    };
    Rest all;
    for (std::uint32_t i = 0; i < pieces.size(); ++i) all.emplace_back(i, pieces[i].set);
    return join(join, all);
  }
  const std::size_t base = scratch_.size();
  Atom begin = 0;
  for (const auto& [atoms, set] : runs) {
    if (atoms.first > begin) push(atoms.first - 1, no);
    push(atoms.second, set);
    begin = atoms.second + 1;
  }
  if (begin < sizes_[level]) push(sizes_[level] - 1, no);
  return make(level, base);
}

}  // namespace untrack
