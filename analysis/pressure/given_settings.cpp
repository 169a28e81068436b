#include "analysis/pressure/given_settings.hpp"

#include <algorithm>

namespace untrack {

GivenSettings read_given_settings(const Sources& sources, const std::vector<SourceId>& ids,
                                  std::vector<Problem>& problems) {
  GivenSettings settings;
  std::vector<GivenSetting>& given = settings.given;
  for (const SourceId id : ids) {
    const std::size_t first = given.size();
    take_settings(sources[id], id, settings.host, problems, &given);
    const std::span of_text = std::span(given).subspan(first);
    // The number of entries can be read and never be set.
    const bool is_listing =
        std::ranges::find(of_text, "count", &GivenSetting::key) != of_text.end();
    for (GivenSetting& setting : of_text) setting.is_listed = is_listing;
  }
  return settings;
}

}  // namespace untrack
