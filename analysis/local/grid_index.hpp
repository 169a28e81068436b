// GridIndex: which of many rectangles hold a point, without a look at the others. Used by
// RulesByPacket, whose rules are told apart by two fields, or by one.
#pragma once

#include <cstdint>
#include <vector>

#include "model/interval_pool.hpp"
#include "model/match.hpp"

namespace untrack {

// The rectangles lie in grids, each in the finest one whose cells are no smaller than it, so that
// it touches four cells at most. A point is in one cell of each grid. Of networks and of single
// addresses, a rectangle is one cell or a strip of it.
class GridIndex {
 public:
  struct Rectangle {
    Interval across;
    Interval along;  // where one field is enough: {0, 0}
  };

  // Of many rectangles, in a quarter of their memory where the numbers have 32 bits at most. Made
  // anew where they are asked for.
  class Rectangles {
   public:
    void reserve(std::size_t count) { sides_.reserve(2 * count); }
    void push_back(const Rectangle& rectangle) {
      sides_.push_back(rectangle.across);
      sides_.push_back(rectangle.along);
    }
    [[nodiscard]] std::size_t size() const { return sides_.size() / 2; }
    [[nodiscard]] Rectangle operator[](std::size_t i) const {
      return {sides_[2 * i], sides_[2 * i + 1]};
    }

   private:
    IntervalPool sides_;
  };

  GridIndex() = default;
  // Linear.
  explicit GridIndex(const Rectangles& rectangles);

  // Calls visit(i) for each that holds the point, i its place in the constructor's list, and
  // perhaps for others; in no order.
  template <class Visit>
  void for_each_at(Number across, Number along, Visit&& visit) const {
    for (const Grid& grid : grids_) {
      const std::uint64_t cell =
          hash_of(grid, cell_of(across, grid.across_bits), cell_of(along, grid.along_bits));
      const std::size_t bucket = bucket_of(cell);
      for (std::uint32_t i = begins_[bucket]; i < begins_[bucket + 1]; ++i) {
        if (entries_[i].cell == tag_of(cell)) visit(entries_[i].place);
      }
    }
  }

 private:
  struct Grid {
    unsigned level = 0;
    unsigned across_bits = 0;  // of the numbers of one cell
    unsigned along_bits = 0;
  };
  struct Entry {
    std::uint32_t cell = 0;
    std::uint32_t place = 0;
  };

  [[nodiscard]] static Number cell_of(Number number, unsigned bits) {
    constexpr unsigned all_bits = 128;
    return bits >= all_bits ? 0 : number >> bits;
  }
  [[nodiscard]] static std::uint64_t hash_of(const Grid& grid, Number across, Number along) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    std::uint64_t hash = grid.level;
    for (const Number part : {across, across >> 64U, along, along >> 64U}) {
      hash = (hash ^ static_cast<std::uint64_t>(part)) * golden;
      hash ^= hash >> 32U;
    }
    return hash;
  }
  [[nodiscard]] std::size_t bucket_of(std::uint64_t cell) const {
    return static_cast<std::size_t>(cell) & (begins_.size() - 2);
  }
  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t cell) {
    return static_cast<std::uint32_t>(cell >> 32U);
  }

  [[nodiscard]] Grid grid_of(const Rectangle& rectangle) const;
  template <class Visit>
  void for_each_cell(const Rectangle& rectangle, Visit&& visit) const;

  unsigned across_width_ = 0;  // bits of the numbers of each side
  unsigned along_width_ = 0;
  std::vector<Grid> grids_;  // those with rectangles
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> begins_{0, 0};  // of each bucket, and the end of the last
};

}  // namespace untrack
