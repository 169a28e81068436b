// FilledMemories: conditions that ask for what a rule in front of them may have changed for the
// same packet: marks and labels of connections, sets of nft, options, bytes. Such a condition may
// turn out otherwise than one of the same words in front of that rule. Used by Program.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "analysis/program/memory_uses.hpp"

namespace untrack {

class FilledMemories {
 public:
  // Once the program knows the order of its chains.
  explicit FilledMemories(const Program& program);

  [[nodiscard]] bool are_asked_by(std::uint32_t part) const {
    return behind_.contains(part) || is_too_large_;
  }

 private:
  [[nodiscard]] bool asks_what_is_filled(const MemoryUse& use) const;
  void visit(ChainId chain);
  void look_at(std::uint32_t part, const Table& table);

  const Program& program_;
  const Ruleset& ruleset_;
  std::unordered_set<std::string> filled_;  // by what a packet may have met so far
  std::unordered_map<std::uint32_t, std::size_t> met_;
  std::unordered_set<std::uint32_t> behind_;
  std::size_t parts_ = 0;
  std::size_t depth_ = 0;
  bool is_too_large_ = false;
};

}  // namespace untrack
