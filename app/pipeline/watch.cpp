#include "app/pipeline/watch.hpp"

#include <algorithm>
#include <charconv>

#include "parser/conntrack/identities.hpp"

namespace untrack {
namespace {

std::optional<std::uint64_t> number_of_text(const std::optional<std::string>& text) {
  std::uint64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end == text->data()) return std::nullopt;
  return number;
}

}  // namespace

Watched watched_between(const TableReading& first, const TableReading& second) {
  Watched watched;
  watched.seconds = second.seconds - first.seconds;
  const auto statistics = [](const TableReading& reading) {
    return reading.statistics ? parse_statistics(*reading.statistics, {Origin::measured, {}})
                              : std::nullopt;
  };
  const auto before = statistics(first);
  const auto after = statistics(second);
  if (before && after) watched.counters = growth_between(*before, *after);
  watched.count_before = number_of_text(first.count);
  watched.count_after = number_of_text(second.count);
  if (first.entries && second.entries) {
    const auto old = conntrack_identities(*first.entries);
    const auto now = conntrack_identities(*second.entries);
    watched.made = count_missing(now, old);
    watched.gone = count_missing(old, now);
  }
  watched.not_read = second.not_read;
  for (const std::string& each : first.not_read) {
    if (std::ranges::find(watched.not_read, each) == watched.not_read.end()) {
      watched.not_read.push_back(each);
    }
  }
  return watched;
}

}  // namespace untrack
