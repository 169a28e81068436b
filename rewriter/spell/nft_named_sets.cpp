#include "rewriter/spell/nft_named_sets.hpp"

#include <algorithm>
#include <utility>

namespace untrack {

std::vector<NftNamedValues> nft_named_values(const Ruleset& ruleset, TableId table) {
  std::vector<NftNamedValues> all;
  for (const NamedSet& set : ruleset.sets) {
    const bool is_plain = set.kind == SetKind::nft_set && set.table == table && !set.name.empty();
    if (!is_plain || !set.contents_known || set.is_dynamic || set.fields.empty() ||
        std::ranges::find(set.is_exception, true) != set.is_exception.end()) {
      continue;
    }
    NftNamedValues named{set.name, set.type, {}};
    const std::size_t width = set.fields.size();
    if (width > 1) {
      for (std::size_t i = 0; i < set.element_count(); ++i) {
        const auto first = set.keys.begin() + static_cast<std::ptrdiff_t>(i * width);
        named.combinations.emplace_back(first, first + static_cast<std::ptrdiff_t>(width));
      }
      std::ranges::sort(named.combinations, is_less);
      all.push_back(std::move(named));
      continue;
    }
    std::vector<Interval> sorted = set.keys;
    std::ranges::sort(sorted, {}, &Interval::first);
    for (const Interval& range : sorted) {
      if (!named.values.empty() && range.first <= named.values.back().last + 1) {
        named.values.back().last = std::max(named.values.back().last, range.last);
      } else {
        named.values.push_back(range);
      }
    }
    if (named.values.size() > 1) all.push_back(std::move(named));
  }
  return all;
}

bool is_less(const NftElement& a, const NftElement& b) {
  return std::ranges::lexicographical_compare(a, b, [](const Interval& x, const Interval& y) {
    return std::pair(x.first, x.last) < std::pair(y.first, y.last);
  });
}

std::string_view nft_set_of(std::span<const NftNamedValues> sets, Field field, IpVersion version,
                            const std::vector<Interval>& values) {
  const bool is_address = field == Field::source_address || field == Field::destination_address;
  const std::string_view type = !is_address                  ? "inet_service"
                                : version == IpVersion::ipv4 ? "ipv4_addr"
                                                             : "ipv6_addr";
  const auto at = std::ranges::find_if(
      sets, [&](const NftNamedValues& set) { return set.type == type && set.values == values; });
  return at == sets.end() ? std::string_view() : at->name;
}

}  // namespace untrack
