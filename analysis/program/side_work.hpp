// SideWork: what rules do beside deciding packets. On two kinds of it decisions rest all the same:
// rules hand packets to a proxy of this host (TPROXY), or fill what rules ask (sets, lists of
// `recent`, estimators of rates); of two rulesets it has to be the same before a condition that no
// packet tells may be taken for the same in both. The others are what becomes of packets that pass,
// and what the sender of a rejected one is told. Used by the obligations (all but answers), the
// recheck of certificates (the first two kinds) and `diff`. What fills a set that no rule of either
// asks is left out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/program/program.hpp"

namespace untrack {

enum class SideWorkKind : std::uint8_t {
  proxies,
  memories,
  entries,  // translation, and what else is kept in an entry of conntrack; not NOTRACK
  packets,  // marks, headers, copies
  answers,  // of REJECT: an ICMP error, a reset
};

struct SideWork {
  std::uint32_t part = 0;  // done where all tests of the rule in front of this part hold
  std::string text;        // in its own words; equal where it does the same
  SideWorkKind kind{};
};

using SideWorks = std::map<std::uint32_t, std::vector<SideWork>>;  // by RuleId

struct SideWorkOfBoth {
  std::array<SideWorks, 2> works;
  std::vector<std::string> memories;  // "set inet filter blocked", that rules fill and rules ask
};
// Proxies and memories.
[[nodiscard]] SideWorkOfBoth side_work_of(const Program& before, const Program& after);
// Entries, packets and answers. Where the rulesets are of different languages, translation and
// marks are told by what they come to; other deeds are in words of their own, and never the same.
// Answers are told by what they come to in any case.
[[nodiscard]] SideWorkOfBoth deeds_of(const Program& before, const Program& after);

// On a way, the first memory that is filled and asked in another order; empty: none is.
[[nodiscard]] std::string reordered_memory(const Program& before, const Program& after, Path path,
                                           const std::vector<std::string>& memories);

}  // namespace untrack
