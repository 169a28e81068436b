// FreeVariables: the conditions and outcomes that cannot be computed from a packet, as numbered
// booleans. One registry serves all programs that are compared, so that the same condition is the
// same variable in the original and in the rewritten ruleset (docs/glossary.md, "opaque"): a claim
// "for all packets" is then also "for all outcomes of what is not known".
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/source_text.hpp"

namespace untrack {

// How long an outcome holds.
enum class FreeScope : std::uint8_t {
  packet,  // may differ from packet to packet of one flow: content, rates, chance, time
  flow,    // the same for all packets of one direction of a flow: membership in a set
};

struct FreeVariable {
  std::string key;
  std::string text;  // for people: "-m limit --limit 5/min", "the program behind NFQUEUE accepts"
  FreeScope scope{};
  Span first_use;
};

using FreeId = std::uint32_t;
inline constexpr FreeId no_free_variable = std::numeric_limits<FreeId>::max();

class FreeVariables {
 public:
  // The variable of the key; made at the first call. O(1).
  FreeId of(std::string key, std::string_view text, FreeScope scope, const Span& use);

  [[nodiscard]] const FreeVariable& operator[](FreeId id) const { return variables_[id]; }
  [[nodiscard]] std::size_t size() const { return variables_.size(); }

 private:
  std::vector<FreeVariable> variables_;
  std::unordered_map<std::string, FreeId> by_key_;
};

}  // namespace untrack
