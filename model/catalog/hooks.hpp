// The built-in chains of the iptables tables: where each hangs in the kernel and at which priority.
// Read by parser/ to make the base chains of a table, and by whoever must know what runs before
// what.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/vocabulary.hpp"

namespace untrack::catalog {

struct BuiltinChain {
  std::string_view table;
  std::string_view chain;
  Hook hook{};
  int priority = 0;  // NF_IP_PRI_*; NF_IP6_PRI_* has the same numbers
  ChainType type{};
  std::string_view evidence;
};

// All rows; those of one table stand together, in the order in which iptables-save prints them.
[[nodiscard]] std::span<const BuiltinChain> builtin_chains();

// The rows of one table; empty if iptables has no such table.
[[nodiscard]] std::span<const BuiltinChain> builtin_chains_of(std::string_view table);

// The names of the tables, in the order of their rows.
[[nodiscard]] std::span<const std::string_view> table_names();

}  // namespace untrack::catalog
