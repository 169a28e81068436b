#include "analysis/local/box.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace untrack {
namespace {

const Ranges& values_in(const RangeBox& box, Field field, const BoxDomains& domains) {
  const Ranges* side = box.side(field);
  return side != nullptr ? *side : domains[static_cast<std::size_t>(field)];
}

}  // namespace

Ranges::Ranges(std::vector<Interval> all) : is_empty_(all.empty()) {
  if (all.size() == 1) one_ = all.front();
  if (all.size() > 1) more_ = std::move(all);
}

bool Ranges::has(Number number) const {
  const auto values = all();
  const auto behind = std::ranges::upper_bound(values, number, {}, &Interval::first);
  return behind != values.begin() && number <= (behind - 1)->last;
}

bool Ranges::intersects(const Ranges& other) const {
  const auto a = all();
  const auto b = other.all();
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i].last < b[k].first) {
      ++i;
    } else if (b[k].last < a[i].first) {
      ++k;
    } else {
      return true;
    }
  }
  return false;
}

Ranges intersection(const Ranges& a, const Ranges& b) {
  const auto left = a.all();
  const auto right = b.all();
  Interval first{};
  std::size_t count = 0;
  std::vector<Interval> both;  // if there are several
  for (std::size_t i = 0, k = 0; i < left.size() && k < right.size();) {
    const Interval common{std::max(left[i].first, right[k].first),
                          std::min(left[i].last, right[k].last)};
    if (common.first <= common.last) {
      if (++count == 1) {
        first = common;
      } else {
        if (count == 2) both.push_back(first);
        both.push_back(common);
      }
    }
    if (left[i].last < right[k].last) {
      ++i;
    } else {
      ++k;
    }
  }
  if (count == 1) return Ranges(first);
  return Ranges(std::move(both));
}

Ranges difference(const Ranges& a, const Ranges& b) {
  const auto taken = b.all();
  std::vector<Interval> left;
  for (const Interval& range : a.all()) {
    Number begin = range.first;
    bool is_open = true;
    for (auto cut = std::ranges::lower_bound(taken, begin, {}, &Interval::last);
         cut != taken.end() && cut->first <= range.last; ++cut) {
      if (cut->first > begin) left.push_back({begin, cut->first - 1});
      is_open = cut->last < range.last;
      if (!is_open) break;
      begin = cut->last + 1;
    }
    if (is_open) left.push_back({begin, range.last});
  }
  return Ranges(std::move(left));
}

bool RangeBox::restrict(Field field, const Ranges& values) {
  auto at = std::ranges::lower_bound(sides_, field, {}, &FieldSide::field);
  if (at == sides_.end() || at->field != field) {
    sides_.insert(at, {field, values});
    return !values.empty();
  }
  at->values = intersection(at->values, values);
  return !at->values.empty();
}

bool RangeBox::restrict(const RangeBox& other) {
  if (other.sides_.empty()) return true;
  std::vector<FieldSide> both;
  both.reserve(sides_.size() + other.sides_.size());
  auto mine = sides_.begin();
  for (const FieldSide& side : other.sides_) {
    for (; mine != sides_.end() && mine->field < side.field; ++mine) {
      both.push_back(std::move(*mine));
    }
    if (mine != sides_.end() && mine->field == side.field) {
      both.push_back({side.field, intersection(mine->values, side.values)});
      ++mine;
    } else {
      both.push_back(side);
    }
    if (both.back().values.empty()) return false;
  }
  std::move(mine, sides_.end(), std::back_inserter(both));
  sides_ = std::move(both);
  return true;
}

const Ranges* RangeBox::side(Field field) const {
  const auto at = std::ranges::lower_bound(sides_, field, {}, &FieldSide::field);
  return at == sides_.end() || at->field != field ? nullptr : &at->values;
}

bool intersects(const RangeBox& a, const RangeBox& b) {
  return std::ranges::all_of(a.sides(), [&](const FieldSide& side) {
    const Ranges* other = b.side(side.field);
    return other == nullptr || side.values.intersects(*other);
  });
}

bool is_within(const RangeBox& inner, const RangeBox& outer, const BoxDomains& domains) {
  return std::ranges::all_of(outer.sides(), [&](const FieldSide& side) {
    return difference(values_in(inner, side.field, domains), side.values).empty();
  });
}

bool cut_out(std::vector<RangeBox>& pieces, const RangeBox& taken, const BoxDomains& domains) {
  bool is_cut = false;
  std::vector<RangeBox> left;
  for (RangeBox& piece : pieces) {
    if (!intersects(piece, taken)) {
      left.push_back(std::move(piece));
      continue;
    }
    is_cut = true;
    for (const FieldSide& side : taken.sides()) {
      const Ranges& values = values_in(piece, side.field, domains);
      Ranges outside = difference(values, side.values);
      if (outside.empty()) continue;
      left.push_back(piece);
      (void)left.back().restrict(side.field, outside);
      if (!piece.restrict(side.field, intersection(values, side.values))) break;
    }
  }
  pieces = std::move(left);
  return is_cut;
}

}  // namespace untrack
