// The operations of Diagram on one function: each walks it once, and remembers what it found for
// every node under a number that stands for the operation with its parameters.
#include <algorithm>
#include <map>

#include "analysis/diagram/diagram.hpp"

namespace untrack {
namespace {

enum Kind : std::uint32_t {
  kind_relabel,
  kind_where,
  kind_graft,
  kind_fix,
  kind_fix_any,
  kind_exists,
  kind_rename
};

// What a value is replaced by, or nullptr.
template <class Into>
const Into* replacement(const std::vector<std::pair<std::uint32_t, Into>>& to,
                        std::uint32_t value) {
  const auto at = std::ranges::lower_bound(to, value, {}, &std::pair<std::uint32_t, Into>::first);
  return at != to.end() && at->first == value ? &at->second : nullptr;
}

using Atoms = std::vector<std::pair<Diagram::Atom, Diagram::Atom>>;

// The new names of a run of atoms, as runs.
Atoms renamed(const std::vector<Diagram::Atom>& map, Diagram::Atom first, Diagram::Atom last) {
  std::vector<Diagram::Atom> names(map.begin() + first, map.begin() + last + 1);
  std::ranges::sort(names);
  Atoms runs;
  for (const Diagram::Atom name : names) {
    if (!runs.empty() && name <= runs.back().second + 1) {
      runs.back().second = name;
    } else {
      runs.emplace_back(name, name);
    }
  }
  return runs;
}

}  // namespace

// Operations with long parameters are rarely asked again, and dear to compare.
std::uint32_t Diagram::interned(std::vector<std::uint32_t> operation) {
  constexpr std::size_t longest_known = 64;
  if (operation.size() > longest_known) return next_operation_++;
  const auto [at, is_new] = operations_.try_emplace(std::move(operation), next_operation_);
  if (is_new) ++next_operation_;
  return at->second;
}

template <class Apply>
Ref Diagram::cached(std::uint32_t op, Ref f, Apply&& apply) {
  const Pair& line = line_of(op, f, no);
  if (line.op == op && line.a == f && line.b == no) return line.result;
  count_step();
  const Ref result = apply();
  line_of(op, f, no) = {op, f, no, result};
  return result;
}

template <class Apply>
Ref Diagram::on_children(Ref f, Apply&& apply) {
  const std::size_t base = scratch_.size();
  const Node node = nodes_[f.id];
  for (std::uint32_t i = 0; i < node.count; ++i) {
    count_step();
    const Edge edge = edges_[node.first + i];  // by value: the pool may move below
    const Ref child = apply(edge.child);
    push(edge.last, child);
  }
  return make(node.level, base);
}

Ref Diagram::relabel(Ref f, const Relabelling& to) {
  if (to.empty()) return f;
  std::vector<std::uint32_t> operation{kind_relabel};
  for (const auto& [from, into] : to) {
    operation.push_back(from);
    operation.push_back(into);
  }
  return relabel_below(interned(std::move(operation)), f, to);
}

Ref Diagram::relabel_below(std::uint32_t op, Ref f, const Relabelling& to) {
  if (is_constant(f)) {
    const auto* replaced = replacement(to, value(f));
    return replaced == nullptr ? f : constant(*replaced);
  }
  return cached(op, f, [&] {
    return on_children(f, [&](Ref child) { return relabel_below(op, child, to); });
  });
}

Ref Diagram::graft(Ref f, const Grafts& to) {
  // Few at once go over f and the functions side by side: below, each edge of a wide node is a
  // condition of its own in front of all that a function has for that level.
  constexpr std::size_t few = 16;
  if (to.size() <= few) {
    Ref all = f;
    for (const auto& [from, into] : to) all = ite(where(f, from), into, all);
    return all;
  }
  std::vector<std::uint32_t> operation{kind_graft};
  for (const auto& [from, into] : to) {
    operation.push_back(from);
    operation.push_back(into.id);
  }
  return graft_below(interned(std::move(operation)), f, to);
}

Ref Diagram::graft_below(std::uint32_t op, Ref f, const Grafts& to) {
  if (is_constant(f)) {
    const auto* replaced = replacement(to, value(f));
    return replaced == nullptr ? f : *replaced;
  }
  return cached(op, f, [&] {
    const Node node = nodes_[f.id];
    // The functions may ask what stands above this node, so that its edges become conditions;
    // where they do not, the node is made as it is.
    std::vector<Edge> children;
    bool is_plain = true;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const Edge edge = edges_[node.first + i];
      const Ref child = graft_below(op, edge.child, to);
      is_plain = is_plain && top(child) > node.level;
      children.push_back({edge.last, child});
    }
    if (is_plain) {
      const std::size_t base = scratch_.size();
      for (const Edge& edge : children) push(edge.last, edge.child);
      return make(node.level, base);
    }
    Ref all = children.back().child;
    for (std::size_t i = children.size() - 1; i-- > 0;) {
      const Atom first = i == 0 ? 0 : children[i - 1].last + 1;
      all = ite(interval(node.level, first, children[i].last), children[i].child, all);
    }
    return all;
  });
}

Ref Diagram::where(Ref f, std::span<const std::uint32_t> values) {
  std::vector<std::uint32_t> operation{kind_where};
  operation.insert(operation.end(), values.begin(), values.end());
  return where_below(interned(std::move(operation)), f, values);
}

Ref Diagram::where_below(std::uint32_t op, Ref f, std::span<const std::uint32_t> values) {
  if (is_constant(f)) {
    return std::ranges::binary_search(values, value(f)) ? yes : no;
  }
  return cached(op, f, [&] {
    return on_children(f, [&](Ref child) { return where_below(op, child, values); });
  });
}

Ref Diagram::fix(Ref f, Level level, Atom atom) {
  return fix_below(interned({kind_fix, level, atom}), f, level, atom);
}

Ref Diagram::fix_below(std::uint32_t op, Ref f, Level fixed, Atom atom) {
  if (top(f) > fixed) return f;
  if (top(f) == fixed) return std::ranges::lower_bound(edges(f), atom, {}, &Edge::last)->child;
  return cached(op, f, [&] {
    return on_children(f, [&](Ref child) { return fix_below(op, child, fixed, atom); });
  });
}

Ref Diagram::fix_any(Ref f, Level level, Atom first, Atom last, std::uint32_t otherwise) {
  return fix_any_below(interned({kind_fix_any, level, first, last, otherwise}), f,
                       {level, first, last}, otherwise);
}

Ref Diagram::fix_any_below(std::uint32_t op, Ref f, const Constraint& fixed,
                           std::uint32_t otherwise) {
  if (top(f) > fixed.level) return f;
  if (top(f) < fixed.level) {
    return cached(op, f, [&] {
      return on_children(f, [&](Ref child) { return fix_any_below(op, child, fixed, otherwise); });
    });
  }
  const Node node = nodes_[f.id];
  std::optional<Ref> all;
  Atom begin = 0;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const Edge edge = edges_[node.first + i];
    if (edge.last >= fixed.first && begin <= fixed.last) {
      all = all ? agree(*all, edge.child, otherwise) : edge.child;
    }
    begin = edge.last + 1;
  }
  return *all;
}

Ref Diagram::exists(Ref set, const std::vector<bool>& gone) {
  Level deepest = 0;
  bool any = false;
  std::vector<std::uint32_t> operation{kind_exists};
  for (Level level = 0; level < gone.size(); ++level) {
    if (!gone[level]) continue;
    operation.push_back(level);
    deepest = level;
    any = true;
  }
  return any ? exists_below(interned(std::move(operation)), set, gone, deepest) : set;
}

Ref Diagram::exists_below(std::uint32_t op, Ref set, const std::vector<bool>& gone, Level deepest) {
  if (top(set) > deepest) return set;
  return cached(op, set, [&] {
    if (!gone[level(set)]) {
      return on_children(set, [&](Ref child) { return exists_below(op, child, gone, deepest); });
    }
    const Node node = nodes_[set.id];
    std::vector<Ref> children;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const Ref child = exists_below(op, edges_[node.first + i].child, gone, deepest);
      if (child == yes) return yes;
      if (child != no) children.push_back(child);
    }
    std::ranges::sort(children);
    children.erase(std::unique(children.begin(), children.end()), children.end());
    return any_of(std::move(children));
  });
}

Ref Diagram::rename(Ref set, std::span<const Level> to,
                    const std::vector<std::vector<Atom>>& maps) {
  std::vector<std::uint32_t> operation{kind_rename};
  operation.insert(operation.end(), to.begin(), to.end());
  for (Level level = 0; level < maps.size(); ++level) {
    if (maps[level].empty()) continue;
    operation.push_back(level);
    operation.insert(operation.end(), maps[level].begin(), maps[level].end());
  }
  // Long, but the same for every flow that is mirrored.
  const auto [at, is_new] = operations_.try_emplace(std::move(operation), next_operation_);
  if (is_new) ++next_operation_;
  return rename_below(at->second, set, to, maps);
}

Ref Diagram::rename_below(std::uint32_t op, Ref set, std::span<const Level> to,
                          const std::vector<std::vector<Atom>>& maps) {
  if (is_constant(set)) return set;
  return cached(op, set, [&] {
    const Node node = nodes_[set.id];
    const std::vector<Atom>& map = maps[node.level];
    std::vector<Piece> pieces;
    Atom begin = 0;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const Edge edge = edges_[node.first + i];
      const Ref child = rename_below(op, edge.child, to, maps);
      if (child != no) {
        Piece piece{{{begin, edge.last}}, child};
        if (!map.empty()) piece.atoms = renamed(map, begin, edge.last);
        pieces.push_back(std::move(piece));
      }
      begin = edge.last + 1;
    }
    return joined(to[node.level], pieces);
  });
}

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
