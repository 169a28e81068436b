// Boxes: sets of packets as plain products, one set of cells for each field, and lists of them. The
// whole of set theory that `recheck` uses: no diagrams, nothing shared between boxes, every
// operation a loop that can be read. Slow for large rulesets by design: Work bounds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace untrack::boxwise {

// Thrown when the work is more than was allowed.
class TooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Counts what is done, and ends it.
class Work {
 public:
  explicit Work(std::size_t most) : left_(most), most_(most) {}
  void spend(std::size_t steps = 1) {
    if (steps > left_) throw TooLarge("the limit of work was reached");
    left_ -= steps;
  }
  [[nodiscard]] std::size_t done() const { return most_ - left_; }

 private:
  std::size_t left_;
  std::size_t most_;
};

using Words = std::vector<std::uint64_t>;
using Box = Words;  // of all dimensions, one behind the other
using BoxList = std::vector<Box>;

// How many cells each dimension has, and where its words stand in a box.
class Shape {
 public:
  Shape() = default;
  explicit Shape(std::span<const std::size_t> sizes);

  [[nodiscard]] std::size_t dimensions() const { return sizes_.size(); }
  [[nodiscard]] std::size_t size(std::size_t dimension) const { return sizes_[dimension]; }
  [[nodiscard]] std::span<std::uint64_t> of(Box& box, std::size_t dimension) const {
    return std::span(box).subspan(first_[dimension], first_[dimension + 1] - first_[dimension]);
  }
  [[nodiscard]] std::span<const std::uint64_t> of(const Box& box, std::size_t dimension) const {
    return std::span(box).subspan(first_[dimension], first_[dimension + 1] - first_[dimension]);
  }
  [[nodiscard]] const Box& whole() const { return whole_; }
  // All cells of a dimension, or none.
  [[nodiscard]] Words full(std::size_t dimension) const;
  [[nodiscard]] Words none(std::size_t dimension) const;

 private:
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> first_;  // one more than dimensions
  Box whole_;
};

[[nodiscard]] bool has_cell(std::span<const std::uint64_t> cells, std::size_t cell);
void put_cell(std::span<std::uint64_t> cells, std::size_t cell);
[[nodiscard]] bool overlap(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);
[[nodiscard]] bool within(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

// Sets of packets are lists of boxes, which may overlap. No box in a list is empty.
class Algebra {
 public:
  Algebra(const Shape& shape, Work& work) : shape_(shape), work_(work) {}

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] bool are_apart(const Box& a, const Box& b) const;
  [[nodiscard]] BoxList both(const BoxList& a, const BoxList& b) const;
  [[nodiscard]] BoxList minus(const BoxList& a, const BoxList& b) const;
  [[nodiscard]] BoxList either(BoxList a, const BoxList& b) const;
  // What is left of the packets when nobody looks at these dimensions: any value will do.
  [[nodiscard]] BoxList forget(BoxList list, const std::vector<bool>& dimensions) const;
  [[nodiscard]] bool contains(const BoxList& list, const Box& point) const;
  // The same packets in fewer boxes, where boxes differ in one dimension alone.
  [[nodiscard]] BoxList joined(BoxList list) const;

 private:
  void cut_off(Box from, const Box& what, BoxList& rest) const;

  const Shape& shape_;
  Work& work_;
};

}  // namespace untrack::boxwise
