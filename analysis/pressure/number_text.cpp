#include "analysis/pressure/number_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace untrack {
namespace {

// One decimal, without a trailing ".0".
std::string short_number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string with_thousands(std::uint64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string rate_text(double per_second) {
  if (per_second >= 10) {
    return with_thousands(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
  }
  if (per_second < 0.01) return "less than 0.01/s";
  return short_number(per_second, 2) + "/s";
}

std::string duration_text(double seconds) {
  if (seconds < 10) return short_number(std::floor(seconds * 10) / 10, 1) + " s";
  if (seconds < 300) return fmt::format("{} s", static_cast<std::uint64_t>(seconds));
  const auto whole = static_cast<std::uint64_t>(seconds);
  const auto two = [](std::uint64_t first, const char* first_unit, std::uint64_t second,
                      const char* second_unit) {
    if (second == 0) return fmt::format("{} {}", with_thousands(first), first_unit);
    return fmt::format("{} {} {} {}", first, first_unit, second, second_unit);
  };
  if (whole < 3600) return two(whole / 60, "min", whole % 60, "s");
  if (whole < 172800) return two(whole / 3600, "h", whole % 3600 / 60, "min");
  return fmt::format("{} days", with_thousands(whole / 86400));
}

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

std::string percent_text(double fraction) {
  const double percent = fraction * 100;
  if (percent == 0) return "0 %";
  if (percent < 0.1) return "less than 0.1 %";
  if (percent < 10) return fmt::format("{} %", short_number(percent, 1));
  return fmt::format("{} %", with_thousands(static_cast<std::uint64_t>(std::llround(percent))));
}

}  // namespace untrack
