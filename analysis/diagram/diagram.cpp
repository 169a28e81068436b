#include "analysis/diagram/diagram.hpp"

#include <algorithm>

namespace untrack {
namespace {

// Fibonacci hashing of a few words (Knuth, TAOCP 3, 6.4).
constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 29U);
}

constexpr std::size_t first_cache_lines = std::size_t{1} << 12U;
constexpr std::size_t most_cache_lines = std::size_t{1} << 21U;

}  // namespace

Diagram::Diagram(std::vector<Atom> sizes, const DiagramLimits& limits)
    : sizes_(std::move(sizes)), limits_(limits), table_(1U << 10U), cache_(first_cache_lines) {}

void Diagram::count_step() {
  if (++steps_ > limits_.steps) throw BudgetExhausted();
}

Diagram::CacheLine& Diagram::line_of(std::uint32_t op, Ref a, Ref b, Ref c) {
  if (cache_.size() < nodes_.size() && cache_.size() < most_cache_lines) {
    // A lossy cache: what is lost is computed again.
    std::vector<CacheLine> larger(cache_.size() * 4);
    cache_.swap(larger);
    for (const CacheLine& line : larger) {
      if (line.op != op_none) line_of(line.op, line.a, line.b, line.c) = line;
    }
  }
  std::uint64_t hash = mixed(op, a.id);
  hash = mixed(mixed(hash, b.id), c.id);
  return cache_[hash & (cache_.size() - 1)];
}

void Diagram::push(Atom last, Ref child) { scratch_.push_back({last, child}); }

void Diagram::grow_table() {
  std::vector<std::uint64_t> larger(table_.size() * 4);
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
  std::size_t end = base;
  std::uint64_t hash = level;
  for (std::size_t i = base; i < scratch_.size(); ++i) {
    // Neighbours with one child are one edge: that makes the form canonical.
    if (i + 1 < scratch_.size() && scratch_[i + 1].child == scratch_[i].child) continue;
    scratch_[end++] = scratch_[i];
    hash = mixed(mixed(hash, scratch_[end - 1].last), scratch_[end - 1].child.id);
  }
  if (end == base + 1) {
    const Ref only = scratch_[base].child;
    scratch_.resize(base);
    return only;
  }
  const std::span<const Edge> wanted(scratch_.data() + base, end - base);
  const std::size_t mask = table_.size() - 1;
  const std::uint64_t folded = (hash ^ (hash >> 32U)) & 0xffffffffU;
  std::size_t at = folded & mask;
  while (table_[at] != 0) {
    const Ref known{static_cast<std::uint32_t>(table_[at]) - 1};
    if (table_[at] >> 32U == folded && nodes_[known.id].level == level &&
        std::ranges::equal(edges(known), wanted)) {
      scratch_.resize(base);
      return known;
    }
    at = (at + 1) & mask;
  }
  if (nodes_.size() >= limits_.nodes || edges_.size() >= limits_.nodes * 8) throw BudgetExhausted();
  const auto id = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({level, static_cast<std::uint32_t>(edges_.size()),
                    static_cast<std::uint32_t>(wanted.size())});
  edges_.insert(edges_.end(), wanted.begin(), wanted.end());
  scratch_.resize(base);
  table_[at] = (folded << 32U) | (id + 1);
  if (nodes_.size() * 2 > table_.size()) grow_table();
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

// One node of the result from the children of the operands whose level is the topmost: their edges
// are merged run by run.
template <class Combine>
Ref Diagram::expand(Ref a, Ref b, Ref c, Combine&& combine) {
  const Level at = std::min({top(a), top(b), top(c)});
  struct Operand {
    Ref whole;
    bool is_here = false;
    std::uint32_t next = 0;
  };
  Operand operands[3] = {{a, top(a) == at, 0}, {b, top(b) == at, 0}, {c, top(c) == at, 0}};
  const std::size_t base = scratch_.size();
  while (true) {
    Atom last = sizes_[at] - 1;
    Ref children[3];
    for (int i = 0; i < 3; ++i) {
      const Operand& operand = operands[i];
      if (operand.is_here) {
        // By index each time: the pools may move while a child is combined.
        const Edge& edge = edges_[nodes_[operand.whole.id].first + operand.next];
        children[i] = edge.child;
        last = std::min(last, edge.last);
      } else {
        children[i] = operand.whole;
      }
    }
    count_step();  // a wide node costs as many as it has edges
    const Ref child = combine(children[0], children[1], children[2]);
    push(last, child);
    if (last + 1 == sizes_[at]) break;
    for (Operand& operand : operands) {
      if (operand.is_here && edges_[nodes_[operand.whole.id].first + operand.next].last == last) {
        ++operand.next;
      }
    }
  }
  return make(at, base);
}

Ref Diagram::ite(Ref condition, Ref then, Ref otherwise) {
  if (condition == yes || then == otherwise) return then;
  if (condition == no) return otherwise;
  if (then == yes && otherwise == no) return condition;
  if (then == condition) then = yes;
  if (otherwise == condition) otherwise = no;
  if (then == otherwise) return then;
  const CacheLine& line = line_of(op_ite, condition, then, otherwise);
  if (line.op == op_ite && line.a == condition && line.b == then && line.c == otherwise) {
    return line.result;
  }
  const Ref result =
      expand(condition, then, otherwise, [this](Ref a, Ref b, Ref c) { return ite(a, b, c); });
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
  const CacheLine& line = line_of(op_fill, f, g, empty);
  if (line.op == op_fill && line.a == f && line.b == g && line.c == empty) return line.result;
  const Ref result =
      expand(f, g, empty, [this, hole](Ref a, Ref b, Ref) { return fill(a, hole, b); });
  line_of(op_fill, f, g, empty) = {op_fill, f, g, empty, result};
  return result;
}

Ref Diagram::agree(Ref f, Ref g, std::uint32_t otherwise) {
  const Ref differs = constant(otherwise);
  if (f == g) return f;
  if (f == differs || g == differs || (is_constant(f) && is_constant(g))) return differs;
  const CacheLine& line = line_of(op_agree, f, g, differs);
  if (line.op == op_agree && line.a == f && line.b == g && line.c == differs) return line.result;
  const Ref result = expand(
      f, g, differs, [this, otherwise](Ref a, Ref b, Ref) { return agree(a, b, otherwise); });
  line_of(op_agree, f, g, differs) = {op_agree, f, g, differs, result};
  return result;
}

std::uint32_t Diagram::evaluate(Ref f, std::span<const Atom> atoms) const {
  while (!is_constant(f)) {
    const Atom atom = atoms[level(f)];
    const auto list = edges(f);
    f = std::ranges::lower_bound(list, atom, {}, &Edge::last)->child;
  }
  return value(f);
}

bool Diagram::is_first_visit(Ref f) const {
  if (visited_.size() < nodes_.size()) visited_.resize(nodes_.size());
  if (visited_[f.id] == visit_) return false;
  visited_[f.id] = visit_;
  return true;
}

std::size_t Diagram::size(Ref f) const {
  ++visit_;
  std::vector<Ref> open{f};
  std::size_t count = 0;
  while (!open.empty()) {
    const Ref next = open.back();
    open.pop_back();
    if (is_constant(next) || !is_first_visit(next)) continue;
    ++count;
    for (const Edge& edge : edges(next)) open.push_back(edge.child);
  }
  return count;
}

std::vector<std::uint32_t> Diagram::values_of(Ref f) const {
  if (is_constant(f)) return {value(f)};
  if (const auto at = known_values_.find(f.id); at != known_values_.end()) return at->second;
  ++visit_;
  std::vector<std::uint32_t> values;
  std::vector<Ref> open{f};
  while (!open.empty()) {
    const Ref next = open.back();
    open.pop_back();
    if (is_constant(next)) {
      values.push_back(value(next));
    } else if (is_first_visit(next)) {
      for (const Edge& edge : edges(next)) open.push_back(edge.child);
    }
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  known_values_.emplace(f.id, values);
  return values;
}

}  // namespace untrack
