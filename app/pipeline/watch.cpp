#include "app/pipeline/watch.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "parser/conntrack/entries.hpp"
#include "parser/conntrack/identities.hpp"

namespace untrack {

std::optional<std::uint64_t> number_of_text(const std::optional<std::string>& text) {
  std::uint64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end == text->data()) return std::nullopt;
  return number;
}

std::shared_ptr<ListingChange> change_since(TextBlocks& listing, std::string& why_not) {
  std::vector<std::uint64_t> identities;
  Sources ignored;
  (void)each_conntrack_entry(listing, {}, ignored,
                             [&](const ConntrackEntry&, std::string_view line) {
                               identities.push_back(conntrack_identity(line));
                             });
  why_not = listing.why_cut();
  if (!why_not.empty()) return nullptr;
  return std::make_shared<ListingChange>(std::move(identities));
}

bool add_listing(TextBlocks& listing, ListingChange& change, std::string& why_not) {
  Sources ignored;
  (void)each_conntrack_entry(
      listing, {}, ignored,
      [&](const ConntrackEntry&, std::string_view line) { change.add(conntrack_identity(line)); });
  why_not = listing.why_cut();
  return why_not.empty();
}

Watched watched_between(const TableWatch& watch) {
  const TableReading& first = watch.first;
  const TableReading& second = watch.second;
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
  if (watch.change) {
    watched.made = watch.change->made();
    watched.gone = watch.change->gone();
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
