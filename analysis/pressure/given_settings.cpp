#include "analysis/pressure/given_settings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace untrack {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What the line sets, as far as it is a setting of conntrack with a number; take_settings() tells
// of the others.
std::optional<GivenSetting> setting_of(std::string_view line) {
  if (line.starts_with("options ") || line.starts_with("options\t")) {
    constexpr std::string_view key = "hashsize=";
    const std::size_t at = line.find(key);
    if (line.find("_conntrack") == std::string_view::npos || at == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view rest = line.substr(at + key.size());
    const auto value = number_of(rest.substr(0, rest.find_first_of(blanks)));
    if (!value) return std::nullopt;
    return GivenSetting{"hashsize", "hashsize", *value, {}, false};
  }
  const std::size_t separator = line.find_first_of("=:");
  if (separator == std::string_view::npos || line.starts_with("sysctl: ")) return std::nullopt;
  std::string_view name = trim(line.substr(0, separator));
  if (name.starts_with('-')) name.remove_prefix(1);
  const std::string_view key = conntrack_setting(name);
  const auto value = number_of(trim(line.substr(separator + 1)));
  if (key.empty() || !value) return std::nullopt;
  return GivenSetting{std::string(name), std::string(key), *value, {}, false};
}

void add_lines(const SourceText& source, SourceId id, std::vector<GivenSetting>& given) {
  const std::string_view text = source.text();
  const std::size_t first = given.size();
  bool is_listing = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    std::optional<GivenSetting> setting = setting_of(line);
    if (!setting) continue;
    // The number of entries can be read and never be set.
    is_listing = is_listing || setting->key == "count";
    const auto offset = static_cast<std::uint32_t>(line.data() - text.data());
    setting->span = {id, offset, offset + static_cast<std::uint32_t>(line.size())};
    given.push_back(std::move(*setting));
  }
  for (std::size_t i = first; i < given.size(); ++i) given[i].is_listed = is_listing;
}

}  // namespace

GivenSettings read_given_settings(const Sources& sources, const std::vector<SourceId>& ids,
                                  std::vector<Problem>& problems) {
  GivenSettings settings;
  for (const SourceId id : ids) {
    take_settings(sources[id], id, settings.host, problems);
    add_lines(sources[id], id, settings.given);
  }
  return settings;
}

}  // namespace untrack
