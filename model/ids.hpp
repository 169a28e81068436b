// Typed indices into the pools of a Ruleset: one template, so that a chain can never be mistaken
// for a table. A default-made id names nothing.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace untrack {

template <class Tag>
struct Id {
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value = nothing;

  Id() = default;
  explicit constexpr Id(std::size_t index) : value(static_cast<std::uint32_t>(index)) {}
  [[nodiscard]] constexpr bool names_something() const { return value != nothing; }
  [[nodiscard]] constexpr std::size_t index() const { return value; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using TableId = Id<struct TableTag>;
using ChainId = Id<struct ChainTag>;
using RuleId = Id<struct RuleTag>;
using SetId = Id<struct SetTag>;
using ConstructId = Id<struct ConstructTag>;
using LookupId = Id<struct LookupTag>;
using CountersId = Id<struct CountersTag>;

// A run of consecutive elements of one pool.
template <class Element>
struct PoolRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

}  // namespace untrack
