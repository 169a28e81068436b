// PartVariables: the free variable of each part of a ruleset, of which nearly all have none. Parts
// are taken in blocks; a block without a variable takes 4 bytes. Used by Program alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "analysis/program/free_variables.hpp"

namespace untrack {

class PartVariables {
 public:
  PartVariables() = default;
  explicit PartVariables(std::size_t parts) : blocks_(parts / block + 1, nothing) {}

  [[nodiscard]] FreeId operator[](std::uint32_t part) const {
    const std::uint32_t first = blocks_[part / block];
    return first == nothing ? no_free_variable : variables_[first + part % block];
  }
  void set(std::uint32_t part, FreeId variable) {
    std::uint32_t& first = blocks_[part / block];
    if (first == nothing) {
      first = static_cast<std::uint32_t>(variables_.size());
      variables_.resize(variables_.size() + block, no_free_variable);
    }
    variables_[first + part % block] = variable;
  }

 private:
  static constexpr std::uint32_t block = 32;
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();

  std::vector<std::uint32_t> blocks_;  // where the variables of the block begin
  std::vector<FreeId> variables_;
};

}  // namespace untrack
