#include "analysis/packet/mark_blocks.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace untrack {

void MarkBlocks::add_test(std::uint32_t test_mask, const std::vector<Interval>& values) {
  tests_.push_back({test_mask, values});
}

void MarkBlocks::add_statement(const MarkStatement& statement) { statements_.push_back(statement); }

std::uint32_t MarkBlocks::press(std::uint32_t mark, std::uint32_t mask) {
  std::uint32_t pressed = 0;
  unsigned at = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((mask >> bit & 1U) == 0) continue;
    pressed |= (mark >> bit & 1U) << at++;
  }
  return pressed;
}

std::uint32_t MarkBlocks::spread(std::uint32_t pressed, std::uint32_t mask) {
  std::uint32_t mark = 0;
  unsigned at = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((mask >> bit & 1U) == 0) continue;
    mark |= (pressed >> at++ & 1U) << bit;
  }
  return mark;
}

void MarkBlocks::finish() {
  // Bits that the same tests and statements speak of are one block; bits that no test speaks of
  // decide nothing and belong to none.
  std::map<std::vector<bool>, std::uint32_t> groups;
  for (unsigned bit = 0; bit < 32; ++bit) {
    std::vector<bool> signature;
    bool is_tested = false;
    for (const Test& test : tests_) {
      signature.push_back((test.mask >> bit & 1U) != 0);
      is_tested = is_tested || signature.back();
    }
    if (!is_tested) continue;
    for (const MarkStatement& statement : statements_) {
      signature.push_back((statement.mask >> bit & 1U) != 0);
      signature.push_back((statement.value & ~statement.mask) >> bit & 1U);
    }
    groups[signature] |= 1U << bit;
  }
  for (const auto& group : groups) {
    const std::uint32_t mask = group.second;
    Block block;
    block.mask = mask;
    block.values = NumberDomain(static_cast<unsigned>(std::popcount(mask)));
    const auto cut = [&](std::uint32_t mark) {
      const std::uint32_t pressed = press(mark, mask);
      block.values.cut({pressed, pressed});
    };
    cut(0);
    for (const Test& test : tests_) {
      if ((test.mask & mask) == 0) continue;
      for (const Interval& values : test.values) {
        cut(static_cast<std::uint32_t>(values.first));
        cut(static_cast<std::uint32_t>(values.last));
      }
    }
    for (const MarkStatement& statement : statements_) {
      if ((statement.mask & mask) != 0) cut(statement.value);
    }
    block.values.finish();
    blocks_.push_back(std::move(block));
  }
  std::ranges::sort(blocks_, {}, &Block::mask);
}

std::vector<std::uint32_t> MarkBlocks::one_of_each(std::size_t most) const {
  std::vector<std::uint32_t> marks{0};
  for (const Block& block : blocks_) {
    if (marks.size() > most / block.values.size()) return {};
    std::vector<std::uint32_t> more;
    for (const std::uint32_t mark : marks) {
      for (NumberDomain::Atom atom = 0; atom < block.values.size(); ++atom) {
        const auto value = static_cast<std::uint32_t>(block.values.values_of(atom).first);
        more.push_back(mark | spread(value, block.mask));
      }
    }
    marks = std::move(more);
  }
  return marks;
}

}  // namespace untrack
