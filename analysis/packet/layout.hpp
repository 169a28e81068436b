// Layout: which variable stands on which level of a diagram, and what its atoms mean. The only
// owner of the variable order, which is worth more than the choice of data structure
// (docs/decisions). Made for one IP version and all programs that are compared: fields are
// compressed to what any of them can tell apart. Read by analysis/encode, the symbolic walk and
// whoever turns sets of packets back into words.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "analysis/packet/flag_domain.hpp"
#include "analysis/packet/mark_blocks.hpp"
#include "analysis/packet/name_domain.hpp"
#include "analysis/packet/number_domain.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"

namespace untrack {

// The values of a FieldTest under its mask, sorted and disjoint: {v : (v & mask) in values}, or
// outside of them if negated. None if that would be too many ranges.
[[nodiscard]] std::optional<std::vector<Interval>> values_of(const FieldTest& test,
                                                             const Ruleset& ruleset,
                                                             unsigned width);

// What of [0, last] lies outside of sorted, disjoint ranges.
[[nodiscard]] std::vector<Interval> complement(const std::vector<Interval>& ranges, Number last);

// The order of the levels.
enum class Order : std::uint8_t {
  source_first,       // in-interface, source | out-interface, destination, protocol, ports
  destination_first,  // destination, source, ports, protocol; interfaces and state last
  kind_first,         // what kind of packet it is; interfaces, addresses, ports
  service_first,      // what kind of packet it is; interfaces, ports, addresses
};
inline constexpr std::array<Order, 4> all_orders = {Order::source_first, Order::destination_first,
                                                    Order::kind_first, Order::service_first};

// What an analysis needs to be able to say beside what the rules say.
struct Distinctions {
  std::vector<std::pair<Field, Interval>> ranges;
  std::vector<FlagSet> flags;
  std::vector<NamePattern> names;  // of interfaces
};

class Layout {
 public:
  using Level = Diagram::Level;
  using Atom = Diagram::Atom;

  // All programs are of one IP version and share their FreeVariables. Linear in the rulesets, but
  // for sorting. `only`: of each program, the rules of a sample by RuleId; what the others ask
  // cannot be encoded then.
  Layout(std::span<const Program* const> programs, const Distinctions& distinctions, Order order,
         std::span<const std::vector<bool>> only = {});

  [[nodiscard]] IpVersion version() const { return version_; }
  [[nodiscard]] std::vector<Atom> sizes() const;

  [[nodiscard]] Level level_of(Field field) const {
    return field_levels_[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] Level level_of_free(FreeId id) const { return free_levels_[id]; }
  [[nodiscard]] std::size_t free_count() const { return free_levels_.size(); }
  [[nodiscard]] Level level_of_block(std::size_t block) const { return block_levels_[block]; }

  [[nodiscard]] const NameDomain& names() const { return names_; }
  [[nodiscard]] const FlagDomain& flags() const { return flags_; }
  [[nodiscard]] const MarkBlocks& marks() const { return marks_; }
  // Of a numeric field; source and destination share one, so that they can change places.
  [[nodiscard]] const NumberDomain& numbers(Field field) const {
    return domains_[domain_of(field)];
  }

  [[nodiscard]] static Atom atom_of(CtState state) { return static_cast<Atom>(state); }
  static constexpr Atom state_count = 5;  // invalid, new, established, related, untracked

  // The atom of each level for one packet.
  [[nodiscard]] std::vector<Atom> atoms_of(const Packet& packet,
                                           const std::vector<bool>& free) const;

  // A packet of a path through a set, with plain values where the path leaves a choice, and the
  // free variables that it fixes.
  struct Example {
    Packet packet;
    std::vector<bool> free;
  };
  [[nodiscard]] Example example(std::span<const Diagram::Constraint> path, Path way) const;

  // The share of its level that each atom has.
  [[nodiscard]] const Diagram::Weights& weights() const { return weights_; }

  // Which variable a level is: a field, or nothing of these.
  [[nodiscard]] std::optional<Field> field_at(Level level) const;
  [[nodiscard]] bool is_free(Level level) const { return level >= first_free_; }
  [[nodiscard]] FreeId free_at(Level level) const { return free_at_level_[level - first_free_]; }

 private:
  [[nodiscard]] static std::size_t domain_of(Field field);
  template <class Intervals>
  void cut(Field field, const Intervals& ranges);
  void collect(const Program& program, const std::vector<bool>* only);
  void collect(const FieldTest& test, const Ruleset& ruleset);
  void collect(const SetTest& test, const Ruleset& ruleset);
  void set_levels(Order order, std::size_t free_variables);
  void set_weights();
  [[nodiscard]] Atom size_of(Field field) const;

  IpVersion version_;
  std::array<NumberDomain, field_count> domains_;
  NameDomain names_;
  FlagDomain flags_;
  MarkBlocks marks_;
  std::array<Level, field_count> field_levels_{};
  std::vector<Level> block_levels_;
  std::vector<Level> free_levels_;
  std::vector<FreeId> free_at_level_;
  std::vector<std::optional<Field>> fields_;  // by level
  Level first_free_ = 0;
  Diagram::Weights weights_;
};

}  // namespace untrack
