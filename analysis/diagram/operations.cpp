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
  kind_where_at,
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
std::uint32_t Diagram::interned() {
  constexpr std::size_t longest_known = 64;
  if (operation_.size() > longest_known) return next_operation_++;
  const auto [at, is_new] = operations_.try_emplace(operation_, next_operation_);
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
  std::vector<std::uint32_t>& words = operation(kind_relabel);
  for (const auto& [from, into] : to) {
    words.push_back(from);
    words.push_back(into);
  }
  return relabel_below(interned(), f, to);
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
  std::vector<std::uint32_t>& words = operation(kind_graft);
  for (const auto& [from, into] : to) {
    words.push_back(from);
    words.push_back(into.id);
  }
  return graft_below(interned(), f, to);
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
  std::vector<std::uint32_t>& words = operation(kind_where);
  words.insert(words.end(), values.begin(), values.end());
  return where_below(interned(), f, values);
}

Ref Diagram::where_below(std::uint32_t op, Ref f, std::span<const std::uint32_t> values) {
  if (is_constant(f)) {
    return std::ranges::binary_search(values, value(f)) ? yes : no;
  }
  return cached(op, f, [&] {
    return on_children(f, [&](Ref child) { return where_below(op, child, values); });
  });
}

Ref Diagram::where_at(Ref f, std::span<const std::uint32_t> values, Level level, Atom atom) {
  std::vector<std::uint32_t>& words = operation(kind_where);
  words.insert(words.end(), values.begin(), values.end());
  // Below the level it is what where() does, and is known where that was asked.
  const std::uint32_t below = interned();
  return where_at_below(interned({kind_where_at, level, atom, below}), below, f, values,
                        {level, atom});
}

Ref Diagram::where_at_below(std::uint32_t op, std::uint32_t below, Ref f,
                            std::span<const std::uint32_t> values, const Fixed& fixed) {
  if (top(f) > fixed.level) return where_below(below, f, values);
  if (top(f) == fixed.level) {
    const Ref child = std::ranges::lower_bound(edges(f), fixed.atom, {}, &Edge::last)->child;
    return where_below(below, child, values);
  }
  return cached(op, f, [&] {
    return on_children(f,
                       [&](Ref child) { return where_at_below(op, below, child, values, fixed); });
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
  std::vector<std::uint32_t>& words = operation(kind_exists);
  for (Level level = 0; level < gone.size(); ++level) {
    if (!gone[level]) continue;
    words.push_back(level);
    deepest = level;
    any = true;
  }
  return any ? exists_below(interned(), set, gone, deepest) : set;
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
  std::vector<std::uint32_t>& words = operation(kind_rename);
  words.insert(words.end(), to.begin(), to.end());
  for (Level level = 0; level < maps.size(); ++level) {
    if (maps[level].empty()) continue;
    words.push_back(level);
    words.insert(words.end(), maps[level].begin(), maps[level].end());
  }
  // Long, but the same for every flow that is mirrored.
  const auto [at, is_new] = operations_.try_emplace(words, next_operation_);
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

}  // namespace untrack
