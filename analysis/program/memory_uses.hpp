// What single parts of rules fill and ask: lists, sets, estimators, fields of the packet that rules
// write, and what they leave in entries of connection tracking. Used by side_work.hpp, by those
// who hold the side work of two rulesets against each other (analysis/flows), and by the recheck.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/program/program.hpp"

namespace untrack {

struct MemoryUse {
  std::string memory;  // empty: a proxy
  std::string text;    // of what fills it, or empty: it is asked
};

// What rules leave in entries for later packets is named so.
inline constexpr std::string_view memory_of_entry = "entry ";

// What rules of either leave in entries in several ways, and no rule asks: the first or the last
// one counts, so that the order of reordered_memory() matters.
[[nodiscard]] std::vector<std::string> entries_left_otherwise(const Program& before,
                                                              const Program& after);

// Whether the memory is asked by a use of `asked`, which may be of all memories of a kind.
[[nodiscard]] bool is_asked_by(std::string_view memory, std::string_view asked);

// Most tests ask for fields of the packet, which hardly any ruleset writes.
enum class FieldUses : std::uint8_t { left_out, told };

// Sets of nft are those of one table: two tables may each have one of the same name.
[[nodiscard]] std::vector<MemoryUse> memory_uses(const Program& program, const RulePart& part,
                                                 const Table& table, FieldUses fields);

}  // namespace untrack
