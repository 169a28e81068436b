#include "analysis/diagram/diagram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace untrack {
namespace {

// The product waits for nothing that came before: wide nodes are many edges.
constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  return std::rotl(hash, 7) ^ (word * 0x9e3779b97f4a7c15ULL);
}

constexpr std::uint32_t folded(std::uint64_t hash) {
  hash = (hash ^ (hash >> 32U)) * 0xc2b2ae3d27d4eb4fULL;
  return static_cast<std::uint32_t>(hash >> 32U);
}

constexpr std::size_t first_cache_lines = std::size_t{1} << 12U;
constexpr std::size_t edges_a_node = 8;  // in the limit
constexpr std::size_t most_cache_lines = std::size_t{1} << 21U;

// The first edge that covers more than the atoms up to `last`. Mostly one of the next two; many lie
// between where a narrow set meets a wide one.
const Diagram::Edge* behind(const Diagram::Edge* edge, const Diagram::Edge* end,
                            Diagram::Atom last) {
  if (edge->last > last) return edge;
  if ((++edge)->last > last) return edge;
  return std::upper_bound(edge, end, last, [](Diagram::Atom atom, const Diagram::Edge& other) {
    return atom < other.last;
  });
}

}  // namespace

Diagram::Diagram(std::vector<Atom> sizes, const DiagramLimits& limits)
    : sizes_(std::move(sizes)),
      limits_(limits),
      table_(1U << 10U),
      pairs_(first_cache_lines),
      triples_(first_cache_lines) {}

void Diagram::grow_caches() {
  if (pairs_.size() >= most_cache_lines) return;
  Large<Pair> pairs(pairs_.size() * 2);
  pairs_.swap(pairs);
  for (const Pair& line : pairs) {
    if (line.op != op_none) line_of(line.op, line.a, line.b) = line;
  }
  // Most work is on pairs.
  if (triples_.size() * 4 > pairs_.size()) return;
  Large<Triple> triples(triples_.size() * 2);
  triples_.swap(triples);
  for (const Triple& line : triples) {
    if (line.op != op_none) line_of(line.op, line.a, line.b, line.c) = line;
  }
}

void Diagram::make_room(std::size_t edges) {
  // Small ones are many; a large one has the addresses for all that it may hold, of which only what
  // is used becomes memory.
  constexpr std::size_t large = std::size_t{1} << 18U;
  const auto reserve = [](auto& pool, std::size_t more, std::size_t most) {
    const std::size_t wanted = pool.size() + more;
    if (wanted <= pool.capacity() || wanted < large || wanted > most) return;
    try {
      pool.reserve(most);
    } catch (const std::bad_alloc&) {
      // It grows as it did, then.
    }
  };
  reserve(nodes_, 1, limits_.nodes);
  reserve(edges_, edges, limits_.nodes * edges_a_node);
}

void Diagram::grow_table() {
  // A small one by more, since most of the small ones grow on.
  constexpr std::size_t small = std::size_t{1} << 14U;
  Large<std::uint64_t> larger(table_.size() * (table_.size() < small ? 4 : 2));
  const std::size_t mask = larger.size() - 1;
  for (const std::uint64_t entry : table_) {
    if (entry == 0) continue;
    std::size_t at = (entry >> 32U) & mask;
    while (larger[at] != 0) at = (at + 1) & mask;
    larger[at] = entry;
  }
  table_.swap(larger);
}

Ref Diagram::make(Level level, std::size_t base) {
  Edge* const first = scratch_.data() + base;
  const Edge* const last = scratch_.data() + scratch_.size() - 1;
  // Neighbours with one child are one edge: that makes the form canonical. Without a branch, since
  // no one could foretell it.
  Edge* out = first;
  for (const Edge* edge = first; edge != last; ++edge) {
    *out = *edge;
    out += edge[1].child == edge->child ? 0 : 1;
  }
  *out++ = *last;
  if (out == first + 1) {
    const Ref only = first->child;
    scratch_.resize(base);
    return only;
  }
  const std::span<const Edge> wanted(first, out);
  std::uint64_t mix = level;
  for (const Edge& edge : wanted) mix = mixed(mix, std::uint64_t{edge.last} << 32U | edge.child.id);
  const std::size_t mask = table_.size() - 1;
  const std::uint64_t hash = folded(mix);
  std::size_t at = hash & mask;
  while (table_[at] != 0) {
    const Ref known{static_cast<std::uint32_t>(table_[at]) - 1};
    const Node& node = nodes_[known.id];
    if (table_[at] >> 32U == hash && node.level == level && node.count == wanted.size() &&
        std::memcmp(edges_.data() + node.first, first, wanted.size_bytes()) == 0) {
      scratch_.resize(base);
      return known;
    }
    at = (at + 1) & mask;
  }
  // A node of a million edges, too, is to fit: beyond what is reserved all would be copied.
  if (nodes_.size() >= limits_.nodes ||
      edges_.size() + wanted.size() > limits_.nodes * edges_a_node) {
    throw BudgetExhausted();
  }
  if (nodes_.size() == nodes_.capacity() || edges_.size() + wanted.size() > edges_.capacity()) {
    make_room(wanted.size());
  }
  const auto id = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({level, static_cast<std::uint32_t>(edges_.size()),
                    static_cast<std::uint32_t>(wanted.size())});
  edges_.insert(edges_.end(), wanted.begin(), wanted.end());
  scratch_.resize(base);
  table_[at] = (hash << 32U) | (id + 1);
  if (nodes_.size() * 4 > table_.size() * 3) grow_table();
  return Ref{id};
}

Ref Diagram::interval(Level level, Atom first, Atom last) {
  const std::size_t base = scratch_.size();
  if (first > 0) push(first - 1, no);
  push(last, yes);
  if (last + 1 < sizes_[level]) push(sizes_[level] - 1, no);
  return make(level, base);
}

Ref Diagram::ranges(Level level, std::span<const std::pair<Atom, Atom>> ranges) {
  const std::size_t base = scratch_.size();
  Atom begin = 0;
  for (const auto& [first, last] : ranges) {
    if (first > begin) push(first - 1, no);
    push(last, yes);
    begin = last + 1;
  }
  if (begin < sizes_[level]) push(sizes_[level] - 1, no);
  return make(level, base);
}

Ref Diagram::atoms(Level level, const std::vector<bool>& members) {
  const std::size_t base = scratch_.size();
  for (Atom atom = 0; atom < sizes_[level]; ++atom) {
    if (atom + 1 < sizes_[level] && members[atom] == members[atom + 1]) continue;
    push(atom, members[atom] ? yes : no);
  }
  return make(level, base);
}

template <class Combine>
Ref Diagram::merge(Ref a, Ref b, const Absorbing& absorbing, Combine&& combine) {
  const Level level_a = top(a);
  const Level level_b = top(b);
  const std::size_t base = scratch_.size();
  // Edges by index each time: the pools may move while a child is combined. A wide node costs as
  // many steps as it has edges.
  // Often the result is one of the operands, which need not be looked up then.
  if (level_a != level_b) {
    const bool is_a = level_a < level_b;
    const Ref upper = is_a ? a : b;
    const Node node = nodes_[upper.id];
    bool is_upper = true;
    for (std::uint32_t i = node.first; i != node.first + node.count; ++i) {
      count_step();
      const Edge edge = edges_[i];
      const Ref child = is_a ? combine(edge.child, b) : combine(a, edge.child);
      is_upper = is_upper && child == edge.child;
      push(edge.last, child);
    }
    return is_upper ? as_it_was(upper, base) : make(node.level, base);
  }
  bool is_a = true;
  bool is_b = true;
  std::uint32_t next_a = nodes_[a.id].first;
  std::uint32_t next_b = nodes_[b.id].first;
  const std::uint32_t end_a = next_a + nodes_[a.id].count;
  const std::uint32_t end_b = next_b + nodes_[b.id].count;
  const Atom end = sizes_[level_a] - 1;
  while (true) {
    count_step();
    const Edge edge_a = edges_[next_a];
    const Edge edge_b = edges_[next_b];
    const Atom last = edge_a.child == absorbing.of_a   ? edge_a.last
                      : edge_b.child == absorbing.of_b ? edge_b.last
                                                       : std::min(edge_a.last, edge_b.last);
    const Ref child = combine(edge_a.child, edge_b.child);
    is_a = is_a && child == edge_a.child && edge_a.last >= last;
    is_b = is_b && child == edge_b.child && edge_b.last >= last;
    push(last, child);
    if (last == end) break;
    const Edge* const edges = edges_.data();
    next_a = static_cast<std::uint32_t>(behind(edges + next_a, edges + end_a, last) - edges);
    next_b = static_cast<std::uint32_t>(behind(edges + next_b, edges + end_b, last) - edges);
  }
  if (is_a || is_b) return as_it_was(is_a ? a : b, base);
  return make(level_a, base);
}

Ref Diagram::merge_ite(Ref condition, Ref then, Ref otherwise) {
  const std::array<Ref, 3> operands = {condition, then, otherwise};
  const Level at = std::min({top(condition), top(then), top(otherwise)});
  // The edge of each that is next, and none for those that begin further down.
  constexpr std::uint32_t none = 0xffffffffU;
  std::array<std::uint32_t, 3> next{};
  for (std::size_t i = 0; i < 3; ++i) {
    next[i] = top(operands[i]) == at ? nodes_[operands[i].id].first : none;
  }
  const Atom end = sizes_[at] - 1;
  const std::size_t base = scratch_.size();
  while (true) {
    Atom last = end;
    std::array<Ref, 3> children = operands;
    for (std::size_t i = 0; i < 3; ++i) {
      if (next[i] == none) continue;
      const Edge& edge = edges_[next[i]];
      children[i] = edge.child;
      last = std::min(last, edge.last);
    }
    count_step();
    push(last, ite(children[0], children[1], children[2]));
    if (last == end) break;
    for (std::uint32_t& edge : next) {
      if (edge != none && edges_[edge].last == last) ++edge;
    }
  }
  return make(at, base);
}

template <class Combine>
Ref Diagram::binary(Op op, Ref a, Ref b, const Absorbing& absorbing, Combine&& combine) {
  const Pair& line = line_of(op, a, b);
  if (line.op == op && line.a == a && line.b == b) return line.result;
  const Ref result = merge(a, b, absorbing, combine);
  line_of(op, a, b) = {op, a, b, result};
  return result;
}

Ref Diagram::conj_below(Ref a, Ref b) {
  return binary(op_conj, a, b, {no, no},
                [this](Ref inner_a, Ref inner_b) { return conj(inner_a, inner_b); });
}

Ref Diagram::disj_below(Ref a, Ref b) {
  return binary(op_disj, a, b, {yes, yes},
                [this](Ref inner_a, Ref inner_b) { return disj(inner_a, inner_b); });
}

Ref Diagram::minus_below(Ref a, Ref b) {
  return binary(op_minus, a, b, {no, yes},
                [this](Ref inner_a, Ref inner_b) { return minus(inner_a, inner_b); });
}

template <class Holds>
bool Diagram::over_some_run(Op op, Ref a, Ref b, const Absorbing& absorbing, Holds&& holds) {
  const Pair& line = line_of(op, a, b);
  if (line.op == op && line.a == a && line.b == b) return line.result == yes;
  // Nothing is made, so that the pools stay where they are.
  const Level at = std::min(top(a), top(b));
  const Edge whole_a{sizes_[at] - 1, a};
  const Edge whole_b{sizes_[at] - 1, b};
  const Edge* next_a = top(a) == at ? edges(a).data() : &whole_a;
  const Edge* next_b = top(b) == at ? edges(b).data() : &whole_b;
  const Edge* const end_a = top(a) == at ? next_a + edges(a).size() : next_a + 1;
  const Edge* const end_b = top(b) == at ? next_b + edges(b).size() : next_b + 1;
  bool found = false;
  while (true) {
    count_step();
    found = holds(next_a->child, next_b->child);
    const Atom last = next_a->child == absorbing.of_a   ? next_a->last
                      : next_b->child == absorbing.of_b ? next_b->last
                                                        : std::min(next_a->last, next_b->last);
    if (found || last == sizes_[at] - 1) break;
    next_a = behind(next_a, end_a, last);
    next_b = behind(next_b, end_b, last);
  }
  line_of(op, a, b) = {op, a, b, found ? yes : no};
  return found;
}

bool Diagram::intersects(Ref a, Ref b) {
  if (a == no || b == no) return false;
  if (a == b || a == yes || b == yes) return true;
  if (a > b) std::swap(a, b);
  return over_some_run(op_intersects, a, b, {no, no},
                       [this](Ref inner_a, Ref inner_b) { return intersects(inner_a, inner_b); });
}

bool Diagram::implies(Ref a, Ref b) {
  if (a == no || b == yes || a == b) return true;
  if (a == yes || b == no) return false;
  // Remembered is whether something of a is not in b.
  return !over_some_run(op_implies, a, b, {no, yes},
                        [this](Ref inner_a, Ref inner_b) { return !implies(inner_a, inner_b); });
}

Ref Diagram::ite(Ref condition, Ref then, Ref otherwise) {
  if (condition == yes || then == otherwise) return then;
  if (condition == no) return otherwise;
  if (then == yes && otherwise == no) return condition;
  if (then == condition) then = yes;
  if (otherwise == condition) otherwise = no;
  if (then == otherwise) return then;
  const Triple& line = line_of(op_ite, condition, then, otherwise);
  if (line.op == op_ite && line.a == condition && line.b == then && line.c == otherwise) {
    return line.result;
  }
  const Ref result = merge_ite(condition, then, otherwise);
  line_of(op_ite, condition, then, otherwise) = {op_ite, condition, then, otherwise, result};
  return result;
}

Ref Diagram::any_of(std::vector<Ref> sets) {
  if (sets.empty()) return no;
  while (sets.size() > 1) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sets.size(); i += 2) {
      sets[kept++] = i + 1 < sets.size() ? disj(sets[i], sets[i + 1]) : sets[i];
    }
    sets.resize(kept);
  }
  return sets.front();
}

Ref Diagram::fill(Ref f, std::uint32_t hole, Ref g) {
  const Ref empty = constant(hole);
  if (is_constant(f)) return f == empty ? g : f;
  if (g == empty) return f;
  constexpr Absorbing none_absorbs{Ref{~0U}, Ref{~0U}};
  const Triple& line = line_of(op_fill, f, g, empty);
  if (line.op == op_fill && line.a == f && line.b == g && line.c == empty) return line.result;
  const Ref result =
      merge(f, g, none_absorbs, [this, hole](Ref a, Ref b) { return fill(a, hole, b); });
  line_of(op_fill, f, g, empty) = {op_fill, f, g, empty, result};
  return result;
}

Ref Diagram::agree(Ref f, Ref g, std::uint32_t otherwise) {
  const Ref differs = constant(otherwise);
  if (f == g) return f;
  if (f == differs || g == differs || (is_constant(f) && is_constant(g))) return differs;
  const Triple& line = line_of(op_agree, f, g, differs);
  if (line.op == op_agree && line.a == f && line.b == g && line.c == differs) return line.result;
  const Ref result = merge(f, g, {differs, differs},
                           [this, otherwise](Ref a, Ref b) { return agree(a, b, otherwise); });
  line_of(op_agree, f, g, differs) = {op_agree, f, g, differs, result};
  return result;
}

}  // namespace untrack
