#include "analysis/local/grid_index.hpp"

#include <algorithm>
#include <bit>

namespace untrack {
namespace {

unsigned bits_of(Number number) {
  constexpr unsigned half = 64;
  const auto upper = static_cast<std::uint64_t>(number >> half);
  return static_cast<unsigned>(upper != 0 ? half + std::bit_width(upper)
                                          : std::bit_width(static_cast<std::uint64_t>(number)));
}

}  // namespace

GridIndex::Grid GridIndex::grid_of(const Rectangle& rectangle) const {
  // Both sides are halved alike, counted from the whole of each; one number is one in any grid.
  const unsigned width = std::max(across_width_, along_width_);
  const auto level = [width](const Interval& side, unsigned side_width) {
    return side.first == side.last ? 0 : width - side_width + bits_of(side.last - side.first);
  };
  Grid grid;
  grid.level =
      std::max(level(rectangle.across, across_width_), level(rectangle.along, along_width_));
  const auto bits = [&](unsigned side_width) {
    return grid.level > width - side_width ? grid.level - (width - side_width) : 0;
  };
  grid.across_bits = bits(across_width_);
  grid.along_bits = bits(along_width_);
  return grid;
}

template <class Visit>
void GridIndex::for_each_cell(const Rectangle& rectangle, Visit&& visit) const {
  const Grid grid = grid_of(rectangle);
  const Number last_across = cell_of(rectangle.across.last, grid.across_bits);
  const Number last_along = cell_of(rectangle.along.last, grid.along_bits);
  // Ended by equality, since the last cell can be the last number there is.
  for (Number x = cell_of(rectangle.across.first, grid.across_bits);; ++x) {
    for (Number y = cell_of(rectangle.along.first, grid.along_bits);; ++y) {
      visit(hash_of(grid, x, y));
      if (y == last_along) break;
    }
    if (x == last_across) break;
  }
}

GridIndex::GridIndex(const Rectangles& rectangles) {
  for (std::size_t i = 0; i < rectangles.size(); ++i) {
    const Rectangle each = rectangles[i];
    across_width_ = std::max(across_width_, bits_of(each.across.last));
    along_width_ = std::max(along_width_, bits_of(each.along.last));
  }
  std::vector<bool> is_known;
  for (std::size_t i = 0; i < rectangles.size(); ++i) {
    const Grid grid = grid_of(rectangles[i]);
    if (is_known.size() <= grid.level) is_known.resize(grid.level + 1);
    if (!is_known[grid.level]) grids_.push_back(grid);
    is_known[grid.level] = true;
  }
  std::size_t buckets = 1;
  while (buckets < rectangles.size()) buckets *= 2;
  begins_.assign(buckets + 1, 0);
  for (std::size_t i = 0; i < rectangles.size(); ++i) {
    for_each_cell(rectangles[i], [&](std::uint64_t cell) { ++begins_[bucket_of(cell)]; });
  }
  std::uint32_t sum = 0;
  for (std::uint32_t& begin : begins_) begin = sum += begin;
  // From the end of each bucket to its begin.
  entries_.resize(sum);
  for (std::size_t i = rectangles.size(); i-- > 0;) {
    for_each_cell(rectangles[i], [&](std::uint64_t cell) {
      entries_[--begins_[bucket_of(cell)]] = {tag_of(cell), static_cast<std::uint32_t>(i)};
    });
  }
}

}  // namespace untrack
