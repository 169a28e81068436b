#include "parser/nft/element_conflicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "model/text_hash.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

// Names as numbers: those that begin alike lie beside each other.
Interval interval_of_name(const Node& part) {
  const NamePattern name = name_of(part);
  constexpr std::size_t bytes = 16;
  Interval interval;
  for (std::size_t i = 0; i < bytes; ++i) {
    const bool is_in = i < name.text.size();
    const unsigned byte = is_in ? static_cast<unsigned char>(name.text[i]) : 0U;
    interval.first = interval.first << 8U | byte;
    interval.last = interval.last << 8U | (is_in ? byte : name.is_prefix ? 0xffU : 0U);
  }
  return interval;
}

std::optional<Interval> interval_of_part(NftType type, const Node& part) {
  if (part.kind == NodeKind::any || type == NftType::other) return std::nullopt;
  // As the model counts states and kinds of frames, different ones are one number.
  const bool is_one = part.kind == NodeKind::symbol || part.kind == NodeKind::quoted;
  if (type == NftType::ct_state && !is_one) return std::nullopt;
  if (type == NftType::ifname) {
    return is_one ? std::optional(interval_of_name(part)) : std::nullopt;
  }
  if (type == NftType::ether_type) {
    const auto number = number_of(type, part);
    return number ? std::optional(Interval{*number, *number}) : std::nullopt;
  }
  return interval_of(type, part);
}

// Equal numbers for equal values; 0 for one that may be spelt in several ways.
std::uint64_t value_of(const Node& node) {
  constexpr std::uint64_t known = 1;
  if (node.kind == NodeKind::verdict) {
    std::uint64_t hash = text_hash(node.text);
    for (const Node& child : node.children) hash = text_hash(text_of(child), text_hash(" ", hash));
    return hash | known;
  }
  if (node.kind != NodeKind::symbol) return 0;
  if (const auto number = plain_number(node.text)) {
    return text_hash(fmt::format("{}", static_cast<std::uint64_t>(*number))) | known;
  }
  const bool is_address = node.text.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_address ? text_hash(node.text) | known : 0;
}

}  // namespace

void ElementConflicts::add(const Node& element, const std::vector<NftType>& types) {
  const bool is_pair = element.kind == NodeKind::mapping;
  is_map_ = is_map_ || is_pair;
  const Node& key = is_pair ? element.children[0] : element;
  Element made;
  made.first_part = static_cast<std::uint32_t>(keys_.size());
  made.value = is_pair ? value_of(element.children[1]) : 0;
  made.span = key.span;
  if (key.kind == NodeKind::any) {
    const bool differs = any_ && any_->value != 0 && made.value != 0 && any_->value != made.value;
    if (differs && !second_any_) second_any_ = {made.span, true};
    if (!any_) any_ = made;
    return;
  }
  const bool is_concat = key.kind == NodeKind::concat;
  const std::span<const Node> parts =
      is_concat ? std::span<const Node>(key.children) : std::span<const Node>(&key, 1);
  if (parts.size() != types.size() || (parts_ != 0 && parts_ != parts.size())) return;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto interval = interval_of_part(types[i], parts[i]);
    if (!interval) return keys_.resize(made.first_part);
    keys_.push_back(*interval);
    has_ranges_ =
        has_ranges_ || parts[i].kind == NodeKind::range || parts[i].kind == NodeKind::prefix;
  }
  parts_ = parts.size();
  elements_.push_back(made);
}

bool ElementConflicts::is_equal(const Element& left, const Element& right) const {
  return std::equal(
      key(left), key(left) + parts_, key(right),
      [](const Interval& a, const Interval& b) { return a.first == b.first && a.last == b.last; });
}

bool ElementConflicts::has_end_in(const Element& later, const Element& earlier) const {
  const auto is_in = [&](Number Interval::*end) {
    for (std::size_t i = 0; i < parts_; ++i) {
      const Number value = key(later)[i].*end;
      if (value < key(earlier)[i].first || key(earlier)[i].last < value) return false;
    }
    return true;
  };
  return is_in(&Interval::first) || is_in(&Interval::last);
}

std::optional<ElementConflicts::Conflict> ElementConflicts::find_in_sorted() const {
  std::vector<std::uint32_t> order(elements_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::uint32_t left, std::uint32_t right) {
    const Interval* a = key(elements_[left]);
    const Interval* b = key(elements_[right]);
    for (std::size_t i = 0; i < parts_; ++i) {
      if (a[i].first != b[i].first) return a[i].first < b[i].first;
      if (a[i].last != b[i].last) return a[i].last < b[i].last;
    }
    return left < right;
  });
  const Element* widest = nullptr;
  for (const std::uint32_t at : order) {
    const Element& element = elements_[at];
    if (widest == nullptr) {
      widest = &element;
      continue;
    }
    const Element& later = element.first_part > widest->first_part ? element : *widest;
    if (is_equal(element, *widest)) {
      const bool differs =
          element.value != 0 && widest->value != 0 && element.value != widest->value;
      if (differs) return Conflict{later.span, true};
    } else if (parts_ == 1 && key(element)->first <= key(*widest)->last) {
      if (!merges_ || is_map_) return Conflict{later.span, false};
    }
    if (parts_ > 1 || key(element)->last > key(*widest)->last) widest = &element;
  }
  return std::nullopt;
}

std::optional<ElementConflicts::Conflict> ElementConflicts::find_in_pairs() const {
  constexpr std::size_t most = 1000;
  const std::size_t count = std::min(elements_.size(), most);
  for (std::size_t later = 1; later < count; ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const Element& one = elements_[later];
      const Element& other = elements_[earlier];
      if (!is_equal(one, other) && has_end_in(one, other)) return Conflict{one.span, false};
    }
  }
  return std::nullopt;
}

std::optional<ElementConflicts::Conflict> ElementConflicts::find() const {
  if (second_any_) return second_any_;
  if (const auto conflict = find_in_sorted()) return conflict;
  return parts_ > 1 && has_ranges_ ? find_in_pairs() : std::nullopt;
}

}  // namespace untrack::nft
