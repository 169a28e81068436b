#include "analysis/pressure/watch.hpp"

#include <algorithm>

namespace untrack {

std::optional<double> Watched::growth() const {
  if (!count_before || !count_after) return std::nullopt;
  return (static_cast<double>(*count_after) - static_cast<double>(*count_before)) / seconds;
}

std::optional<double> Watched::seconds_to_full(std::uint64_t max) const {
  const auto rate = growth();
  if (!rate || *rate <= 0) return std::nullopt;
  if (*count_after >= max) return 0;
  return static_cast<double>(max - *count_after) / *rate;
}

std::vector<Watched::Growth> growth_between(const TableStatistics& first,
                                            const TableStatistics& second) {
  std::vector<Watched::Growth> growths;
  for (const TableStatistics::Counter& counter : second.counters) {
    const auto before =
        std::ranges::find(first.counters, counter.column, &TableStatistics::Counter::column);
    if (before == first.counters.end()) continue;
    growths.push_back({counter.column, static_cast<std::uint32_t>(counter.value - before->value)});
  }
  return growths;
}

}  // namespace untrack
