// Diagram: sets of packets, and functions from packets to small numbers, as interval decision
// diagrams: one level per variable, edges over runs of its values ("atoms", numbered from 0),
// shared and canonical, so that two functions are equal exactly if their Refs are. The engine under
// the symbolic walk; it knows nothing of packets (that is analysis/packet/layout.hpp).
//
// One Diagram is one arena: no global state, nothing is freed before it goes. When a limit is
// reached, the operation throws BudgetExhausted, which only within_budget() catches: the answer of
// the analysis is then "not known", never a wrong one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/diagram/huge_pages.hpp"

namespace untrack {

// A function of the diagram it came from. Functions with the values `no` and `yes` alone are sets.
struct Ref {
  std::uint32_t id = 0x80000000U;
  friend auto operator<=>(const Ref&, const Ref&) = default;
};

struct DiagramLimits {
  std::size_t nodes = 6'000'000;  // about 40 bytes each with their edges
  std::size_t steps =
      60'000'000;  // expansions of all operations together; about 5 million a second
};

class BudgetExhausted : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "limit of the analysis"; }
};

class Diagram {
 public:
  using Level = std::uint32_t;
  using Atom = std::uint32_t;
  struct Edge {
    Atom last = 0;  // covers the atoms behind the edge before up to this one
    Ref child;
    friend bool operator==(const Edge&, const Edge&) = default;
  };
  static_assert(std::has_unique_object_representations_v<Edge>, "edges are compared as bytes");

  static constexpr Ref no{0x80000000U};
  static constexpr Ref yes{0x80000001U};

  // `sizes`: the number of atoms of each level, at least 1. Lower levels are tested first.
  explicit Diagram(std::vector<Atom> sizes, const DiagramLimits& limits = {});

  [[nodiscard]] static constexpr Ref constant(std::uint32_t value) {
    return Ref{0x80000000U | value};
  }
  [[nodiscard]] static constexpr bool is_constant(Ref f) { return (f.id & 0x80000000U) != 0; }
  [[nodiscard]] static constexpr std::uint32_t value(Ref constant) {
    return constant.id & 0x7fffffffU;
  }
  [[nodiscard]] Level level(Ref f) const { return nodes_[f.id].level; }
  [[nodiscard]] std::span<const Edge> edges(Ref f) const {
    const Node& node = nodes_[f.id];
    return {edges_.data() + node.first, node.count};
  }
  [[nodiscard]] Atom size_of(Level level) const { return sizes_[level]; }
  [[nodiscard]] std::size_t level_count() const { return sizes_.size(); }

  // The atoms [first, last] of a level.
  [[nodiscard]] Ref interval(Level level, Atom first, Atom last);
  // The atoms in one of the ranges, which are sorted and apart from each other.
  [[nodiscard]] Ref ranges(Level level, std::span<const std::pair<Atom, Atom>> ranges);
  // The atoms for which `members` is true; as long as the level.
  [[nodiscard]] Ref atoms(Level level, const std::vector<bool>& members);

  // The atoms behind the run before up to `last`, and the number of a function.
  struct Run {
    Atom last = 0;
    std::uint32_t function = 0;
  };
  // For each packet the function of the run in which its atom of the level lies. The runs cover all
  // atoms. Linear in the runs where the functions ask nothing above the level.
  [[nodiscard]] Ref choose(Level level, std::span<const Run> runs,
                           const std::vector<Ref>& functions);

  // `condition` is a set; the others are any functions.
  [[nodiscard]] Ref ite(Ref condition, Ref then, Ref otherwise);
  // Of sets alone.
  [[nodiscard]] Ref conj(Ref a, Ref b) {
    if (a == b || b == yes) return a;
    if (a == yes) return b;
    if (a == no || b == no) return no;
    return a < b ? conj_below(a, b) : conj_below(b, a);
  }
  [[nodiscard]] Ref disj(Ref a, Ref b) {
    if (a == b || b == no) return a;
    if (a == no) return b;
    if (a == yes || b == yes) return yes;
    return a < b ? disj_below(a, b) : disj_below(b, a);
  }
  [[nodiscard]] Ref minus(Ref a, Ref b) {
    if (a == b || a == no || b == yes) return no;
    if (b == no) return a;
    return minus_below(a, b);
  }
  // The union of many sets, by halves: one after the other would go over all that is there already
  // for each of them.
  [[nodiscard]] Ref any_of(std::vector<Ref> sets);
  [[nodiscard]] Ref negate(Ref a) { return minus(yes, a); }
  // Quicker than making the set, since they end at the first packet that tells.
  [[nodiscard]] bool intersects(Ref a, Ref b);
  [[nodiscard]] bool implies(Ref a, Ref b);

  // f where it is not `hole`, g where it is: associative, the composition of rules.
  [[nodiscard]] Ref fill(Ref f, std::uint32_t hole, Ref g);
  // f where both agree, `otherwise` where not.
  [[nodiscard]] Ref agree(Ref f, Ref g, std::uint32_t otherwise);
  // The set on which f has one of the values, which are sorted.
  [[nodiscard]] Ref where(Ref f, std::span<const std::uint32_t> values);
  [[nodiscard]] Ref where(Ref f, std::uint32_t value) { return where(f, std::span(&value, 1)); }
  // The same with the variable fixed to one atom, without all that is made for the others.
  [[nodiscard]] Ref where_at(Ref f, std::span<const std::uint32_t> values, Level level, Atom atom);
  // f with values replaced by others, or by functions; sorted by the value, and values that are not
  // named stay. Name few: the same pairs are the same operation.
  using Relabelling = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  [[nodiscard]] Ref relabel(Ref f, const Relabelling& to);
  using Grafts = std::vector<std::pair<std::uint32_t, Ref>>;
  [[nodiscard]] Ref graft(Ref f, const Grafts& to);
  // The values that f takes, in ascending order; they stay as long as the diagram.
  [[nodiscard]] std::span<const std::uint32_t> values_of(Ref f) const;

  // f with the variable fixed to one atom.
  [[nodiscard]] Ref fix(Ref f, Level level, Atom atom);
  // f if it is the same for all atoms [first, last] of the level, `otherwise` where it is not.
  [[nodiscard]] Ref fix_any(Ref f, Level level, Atom first, Atom last, std::uint32_t otherwise);
  // The set of what is in `set` for some value of the levels marked in `gone`; for all values.
  [[nodiscard]] Ref exists(Ref set, const std::vector<bool>& gone);
  [[nodiscard]] Ref for_all(Ref set, const std::vector<bool>& gone) {
    return negate(exists(negate(set), gone));
  }
  // The set with its levels renamed: a packet p is in it if the packet with p's value of to[l] as
  // its value of l, for every l, is in `set`. Atoms of a level l with a map are renamed, too:
  // maps[l] gives the new atom of each old one (empty: unchanged).
  [[nodiscard]] Ref rename(Ref set, std::span<const Level> to,
                           const std::vector<std::vector<Atom>>& maps);

  // A run of atoms of one level.
  struct Constraint {
    Level level = 0;
    Atom first = 0;
    Atom last = 0;
  };
  // One way through a non-empty set: by `weights` (of each atom of each level, summing to 1 for a
  // level) the heaviest at every step. Levels that do not matter have no constraint.
  using Weights = std::vector<std::vector<double>>;
  // The same object with the same content in every call, or a new Diagram: what was weighed is
  // remembered by its address.
  [[nodiscard]] std::vector<Constraint> heaviest_path(Ref set, const Weights& weights) const;
  // The share of all packets that the set holds.
  [[nodiscard]] double weight(Ref set, const Weights& weights) const;
  // The atoms of a level that some packet of the set has whose atoms of the levels in front of it
  // are within `above`, by level, and which is in `below`, a set that asks the levels behind it
  // alone; as runs, sorted and apart. Makes nothing but the set's answers.
  [[nodiscard]] std::vector<std::pair<Atom, Atom>> atoms_within(Ref set, Level level,
                                                                std::span<const Constraint> above,
                                                                Ref below);
  // The value of f for one packet: its atom of each level.
  [[nodiscard]] std::uint32_t evaluate(Ref f, std::span<const Atom> atoms) const;

  [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
  // Nodes of one function, each once.
  [[nodiscard]] std::size_t size(Ref f) const;
  [[nodiscard]] std::size_t steps() const { return steps_; }
  // New limits; steps count from here.
  void allow(const DiagramLimits& limits) {
    limits_ = limits;
    steps_ = 0;
  }

 private:
  struct Node {
    Level level = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  // What an operation gave. Lossy caches, a line for each hash: what is lost is computed again.
  // Four lines of pairs to a line of the processor's cache, where most time is spent waiting.
  struct Pair {
    std::uint32_t op = 0;
    Ref a, b;
    Ref result;
  };
  struct Triple {
    std::uint32_t op = 0;
    Ref a, b, c;
    Ref result;
  };
  enum Op : std::uint32_t {
    op_none,
    op_ite,
    op_conj,
    op_disj,
    op_minus,
    op_intersects,
    op_implies,
    op_fill,
    op_agree,
    op_first_interned
  };

  // The node with the edges that stand in scratch_ from `base` on, which it takes away.
  Ref make(Level level, std::size_t base);
  // Takes them away unmade, since they say the same as f.
  Ref as_it_was(Ref f, std::size_t base) {
    scratch_.resize(base);
    return f;
  }
  void push(Atom last, Ref child) { scratch_.push_back({last, child}); }
  [[nodiscard]] Level top(Ref f) const { return is_constant(f) ? bottom : level(f); }
  // Where the result of an operation is, or goes to. It may lie elsewhere once something was made.
  [[nodiscard]] Pair& line_of(std::uint32_t op, Ref a, Ref b) {
    if (pairs_.size() < nodes_.size()) grow_caches();
    return pairs_[hash_of(op, a, b, no) & (pairs_.size() - 1)];
  }
  [[nodiscard]] Triple& line_of(std::uint32_t op, Ref a, Ref b, Ref c) {
    return triples_[hash_of(op, a, b, c) & (triples_.size() - 1)];
  }
  [[nodiscard]] static std::uint64_t hash_of(std::uint32_t op, Ref a, Ref b, Ref c) {
    // Multiplicative hashing (Knuth, TAOCP 3, 6.4), one word of two operands at a time.
    std::uint64_t hash = (std::uint64_t{a.id} << 32U | b.id) * 0x9e3779b97f4a7c15ULL;
    hash ^= (std::uint64_t{c.id} << 32U | op) * 0xc2b2ae3d27d4eb4fULL;
    return hash ^ (hash >> 32U);
  }
  void grow_caches();
  void count_step() {
    if (++steps_ > limits_.steps) throw BudgetExhausted();
  }
  void grow_table();
  // The number of the operation that stands in operation_. Nothing else may be asked in between.
  std::vector<std::uint32_t>& operation(std::uint32_t kind) {
    operation_.assign(1, kind);
    return operation_;
  }
  [[nodiscard]] std::uint32_t interned();
  [[nodiscard]] std::uint32_t interned(std::initializer_list<std::uint32_t> operation) {
    operation_ = operation;
    return interned();
  }
  // Children of two operands beside which the other's child does not matter, so that all runs of
  // the other under them are one.
  struct Absorbing {
    Ref of_a, of_b;
  };
  // One node of the result from the children of the operands whose level is the topmost, their
  // edges merged run by run.
  template <class Combine>
  Ref merge(Ref a, Ref b, const Absorbing& absorbing, Combine&& combine);
  Ref choose_below(Level level, std::span<const Run> runs, const std::vector<Ref>& functions,
                   std::map<std::vector<Ref>, Ref>& known);
  Ref merge_ite(Ref condition, Ref then, Ref otherwise);
  // True as soon as `holds` does for the children over some run of atoms.
  template <class Holds>
  bool over_some_run(Op op, Ref a, Ref b, const Absorbing& absorbing, Holds&& holds);
  // Of two that the plain cases do not decide; for conj and disj in their order, for the cache.
  Ref conj_below(Ref a, Ref b);
  Ref disj_below(Ref a, Ref b);
  Ref minus_below(Ref a, Ref b);
  template <class Combine>
  Ref binary(Op op, Ref a, Ref b, const Absorbing& absorbing, Combine&& combine);
  // Unary operations: `op` is interned and stands for all that is not f.
  template <class Apply>
  Ref cached(std::uint32_t op, Ref f, Apply&& apply);
  template <class Apply>
  Ref on_children(Ref f, Apply&& apply);
  Ref relabel_below(std::uint32_t op, Ref f, const Relabelling& to);
  Ref where_below(std::uint32_t op, Ref f, std::span<const std::uint32_t> values);
  struct Fixed {
    Level level = 0;
    Atom atom = 0;
  };
  Ref where_at_below(std::uint32_t op, std::uint32_t below, Ref f,
                     std::span<const std::uint32_t> values, const Fixed& fixed);
  Ref graft_below(std::uint32_t op, Ref f, const Grafts& to);
  Ref fix_below(std::uint32_t op, Ref f, Level fixed, Atom atom);
  Ref fix_any_below(std::uint32_t op, Ref f, const Constraint& fixed, std::uint32_t otherwise);
  Ref exists_below(std::uint32_t op, Ref set, const std::vector<bool>& gone, Level deepest);
  // What is in one of the sets for the atoms of the level that it stands for.
  struct Piece {
    std::vector<std::pair<Atom, Atom>> atoms;  // sorted, apart from each other
    Ref set;
  };
  Ref joined(Level level, std::span<const Piece> pieces);
  Ref rename_below(std::uint32_t op, Ref set, std::span<const Level> to,
                   const std::vector<std::vector<Atom>>& maps);
  double weight_below(Ref set) const;
  void know_weights(const Weights& weights) const;
  // The weight of a run of atoms.
  [[nodiscard]] double share(Level level, Atom first, Atom last) const;
  // For one more node, so that a large pool is not copied as it grows.
  void make_room(std::size_t edges);
  [[nodiscard]] bool is_first_visit(Ref f) const;

  static constexpr Level bottom = 0xffffffffU;

  std::vector<Atom> sizes_;
  DiagramLimits limits_;
  template <class T>
  using Large = std::vector<T, HugePages<T>>;
  Large<Node> nodes_;
  Large<Edge> edges_;
  // Open addressing: the number of a node + 1 and, in the upper half, its hash, so that most
  // collisions are seen without a look at the node; 0 is free.
  Large<std::uint64_t> table_;
  Large<Pair> pairs_;
  Large<Triple> triples_;
  std::vector<Edge> scratch_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> operations_;
  std::vector<std::uint32_t> operation_;
  std::uint32_t next_operation_ = op_first_interned;
  std::size_t steps_ = 0;
  // Marks of nodes that the walk with the number `visit_` has seen.
  mutable std::vector<std::uint32_t> visited_;
  mutable std::uint32_t visit_ = 0;
  mutable std::vector<Ref> open_;  // nodes that such a walk has still to look at
  mutable std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> known_values_;
  // Of the nodes that weight_below has seen, for one table of weights; negative: not seen.
  mutable std::vector<double> known_weights_;
  mutable const Weights* weights_of_known_ = nullptr;
  mutable std::vector<std::vector<double>> sums_;  // of each level, a heap: i holds 2i and 2i + 1
};

// What `work` returns, or nothing if a limit was reached on the way. The one place where
// BudgetExhausted is caught.
template <class Work>
[[nodiscard]] auto within_budget(Work&& work) -> std::optional<decltype(work())> {
  try {
    return std::forward<Work>(work)();
  } catch (const BudgetExhausted&) {
    return std::nullopt;
  }
}

}  // namespace untrack
