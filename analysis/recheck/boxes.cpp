#include "analysis/recheck/boxes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace untrack::boxwise {
namespace {

constexpr std::size_t bits = 64;

}  // namespace

Shape::Shape(std::span<const std::size_t> sizes) : sizes_(sizes.begin(), sizes.end()) {
  std::size_t words = 0;
  for (const std::size_t size : sizes_) {
    first_.push_back(words);
    words += (size + bits - 1) / bits;
  }
  first_.push_back(words);
  whole_.assign(words, 0);
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    const auto cells = of(whole_, i);
    for (std::size_t cell = 0; cell < sizes_[i]; ++cell) put_cell(cells, cell);
  }
}

Words Shape::full(std::size_t dimension) const {
  const auto cells = of(whole_, dimension);
  return {cells.begin(), cells.end()};
}

Words Shape::none(std::size_t dimension) const {
  return Words(first_[dimension + 1] - first_[dimension]);
}

bool has_cell(std::span<const std::uint64_t> cells, std::size_t cell) {
  return (cells[cell / bits] >> (cell % bits) & 1U) != 0;
}

void put_cell(std::span<std::uint64_t> cells, std::size_t cell) {
  cells[cell / bits] |= std::uint64_t{1} << (cell % bits);
}

bool overlap(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

bool within(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] & ~b[i]) != 0) return false;
  }
  return true;
}

bool Algebra::are_apart(const Box& a, const Box& b) const {
  for (std::size_t i = 0; i < shape_.dimensions(); ++i) {
    if (!overlap(shape_.of(a, i), shape_.of(b, i))) return true;
  }
  return false;
}

BoxList Algebra::both(const BoxList& a, const BoxList& b) const {
  BoxList all;
  for (const Box& one : a) {
    work_.spend(b.size());
    for (const Box& other : b) {
      if (are_apart(one, other)) continue;
      Box common = one;
      for (std::size_t i = 0; i < common.size(); ++i) common[i] &= other[i];
      all.push_back(std::move(common));
    }
  }
  return joined(std::move(all));
}

// What of `from` lies outside of `what`, which it overlaps: for each dimension in turn the part
// that sticks out.
void Algebra::cut_off(Box from, const Box& what, BoxList& rest) const {
  for (std::size_t i = 0; i < shape_.dimensions(); ++i) {
    const auto wanted = shape_.of(what, i);
    if (within(shape_.of(std::as_const(from), i), wanted)) continue;
    Box outside = from;
    const auto outside_cells = shape_.of(outside, i);
    const auto inside_cells = shape_.of(from, i);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      outside_cells[k] &= ~wanted[k];
      inside_cells[k] &= wanted[k];
    }
    rest.push_back(std::move(outside));
  }
}

BoxList Algebra::minus(const BoxList& a, const BoxList& b) const {
  BoxList all;
  for (const Box& one : a) {
    BoxList pieces{one};
    for (const Box& other : b) {
      work_.spend(pieces.size() + 1);
      if (are_apart(one, other)) continue;
      BoxList rest;
      for (Box& piece : pieces) {
        if (are_apart(piece, other)) {
          rest.push_back(std::move(piece));
        } else {
          cut_off(std::move(piece), other, rest);
        }
      }
      pieces = std::move(rest);
      if (pieces.empty()) break;
    }
    std::ranges::move(pieces, std::back_inserter(all));
  }
  return joined(std::move(all));
}

BoxList Algebra::either(BoxList a, const BoxList& b) const {
  a.insert(a.end(), b.begin(), b.end());
  return joined(std::move(a));
}

BoxList Algebra::forget(BoxList list, const std::vector<bool>& dimensions) const {
  work_.spend(list.size());
  for (std::size_t i = 0; i < shape_.dimensions(); ++i) {
    if (!dimensions[i]) continue;
    const auto full = shape_.of(shape_.whole(), i);
    for (Box& box : list) std::ranges::copy(full, shape_.of(box, i).begin());
  }
  return joined(std::move(list));
}

bool Algebra::contains(const BoxList& list, const Box& point) const {
  return std::ranges::any_of(list, [&](const Box& box) { return within(point, box); });
}

BoxList Algebra::joined(BoxList list) const {
  if (list.size() < 2) return list;
  work_.spend(list.size());
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  for (std::size_t i = 0; i < shape_.dimensions() && list.size() > 1; ++i) {
    const auto first = shape_.of(std::as_const(list.front()), i);
    const bool is_same = std::ranges::all_of(
        list, [&](const Box& box) { return std::ranges::equal(shape_.of(box, i), first); });
    if (is_same) continue;
    const auto rest_of = [&](const Box& box) {
      Box rest = box;
      std::ranges::fill(shape_.of(rest, i), 0);
      return rest;
    };
    std::vector<std::pair<Box, Box>> keyed;  // by all that is not of this dimension
    keyed.reserve(list.size());
    for (Box& box : list) keyed.emplace_back(rest_of(box), std::move(box));
    std::ranges::sort(keyed);
    list.clear();
    for (std::size_t k = 0; k < keyed.size(); ++k) {
      if (k > 0 && keyed[k].first == keyed[k - 1].first) {
        const auto more = shape_.of(std::as_const(keyed[k].second), i);
        const auto cells = shape_.of(list.back(), i);
        for (std::size_t w = 0; w < cells.size(); ++w) cells[w] |= more[w];
      } else {
        list.push_back(keyed[k].second);
      }
    }
  }
  return list;
}

}  // namespace untrack::boxwise
