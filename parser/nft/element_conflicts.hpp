// ElementConflicts: the elements of one set or map, compared with each other as nft and the kernel
// do: which of them they refuse beside the others. Used by the builder for sets with names and by
// the lowering for those of rules.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/catalog/nft_expressions.hpp"
#include "model/match.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

class ElementConflicts {
 public:
  // An element as it stands there; one that is not known here is compared with nothing. `types`:
  // one a part of the key. Throws SyntaxError for a key that the types do not have.
  void add(const Node& element, const std::vector<catalog::NftType>& types);

  // Elements that were taken out are in no one's way.
  void forget() {
    const bool merges = merges_;
    *this = {};
    merges_ = merges;
  }

  // Overlaps are one element: `auto-merge`, and sets without a name (measured).
  void merge() { merges_ = true; }

  struct Conflict {
    Span span;
    bool has_other_value = false;  // of the same key; else elements overlap
  };
  // The first one that is found. O(n log n); of concatenations with ranges no more than the first
  // thousand elements are compared.
  [[nodiscard]] std::optional<Conflict> find() const;

 private:
  struct Element {
    std::uint64_t value = 0;  // 0: not known, or none
    std::uint32_t first_part = 0;
    Span span;
  };
  [[nodiscard]] const Interval* key(const Element& element) const {
    return keys_.data() + element.first_part;
  }
  [[nodiscard]] bool is_equal(const Element& left, const Element& right) const;
  // Whether one end of the later element is in the earlier one, which the kernel looks up
  // (nft_set_pipapo.c, nft_pipapo_insert, 6.1).
  [[nodiscard]] bool has_end_in(const Element& later, const Element& earlier) const;
  [[nodiscard]] std::optional<Conflict> find_in_sorted() const;
  [[nodiscard]] std::optional<Conflict> find_in_pairs() const;

  std::vector<Interval> keys_;  // as many of each element as the key has parts
  std::vector<Element> elements_;
  std::optional<Element> any_;
  std::optional<Conflict> second_any_;
  std::size_t parts_ = 0;
  bool has_ranges_ = false;
  bool is_map_ = false;
  bool merges_ = false;
};

}  // namespace untrack::nft
