// MarkBlocks: the 32 bits of the packet mark, split into the groups that the rules always test and
// set together, so that "set these eight bits" is "this variable becomes that value". Part of a
// Layout.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/packet/number_domain.hpp"
#include "model/match.hpp"
#include "model/statement.hpp"

namespace untrack {

class MarkBlocks {
 public:
  // A test of (mark & test_mask) against values; of a statement that sets the mark.
  void add_test(std::uint32_t test_mask, const std::vector<Interval>& values);
  void add_statement(const MarkStatement& statement);
  void finish();

  struct Block {
    std::uint32_t mask = 0;  // its bits
    NumberDomain values{0};  // the bits pressed together, lowest first
  };
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }

  // Marks, one of each sort that tests and statements tell apart; none where there are more than
  // `most`.
  [[nodiscard]] std::vector<std::uint32_t> one_of_each(std::size_t most) const;

  // The bits of `mark` that belong to the block, pressed together; and back.
  [[nodiscard]] static std::uint32_t press(std::uint32_t mark, std::uint32_t mask);
  [[nodiscard]] static std::uint32_t spread(std::uint32_t pressed, std::uint32_t mask);

 private:
  struct Test {
    std::uint32_t mask = 0;
    std::vector<Interval> values;
  };
  std::vector<Test> tests_;
  std::vector<MarkStatement> statements_;
  std::vector<Block> blocks_;
};

}  // namespace untrack
