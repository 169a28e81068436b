#include "analysis/pressure/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace untrack {
namespace {

struct Unit {
  std::string_view word;
  double factor;
};

constexpr std::array<Unit, 12> time_units{{{"ms", 0.001},
                                           {"s", 1},
                                           {"sec", 1},
                                           {"second", 1},
                                           {"m", 60},
                                           {"min", 60},
                                           {"minute", 60},
                                           {"h", 3600},
                                           {"hour", 3600},
                                           {"d", 86400},
                                           {"day", 86400},
                                           {"days", 86400}}};

constexpr double kibi = 1024;
constexpr std::array<Unit, 17> size_units{{{"", 1},
                                           {"B", 1},
                                           {"k", kibi},
                                           {"K", kibi},
                                           {"kB", kibi},
                                           {"KB", kibi},
                                           {"KiB", kibi},
                                           {"M", kibi* kibi},
                                           {"MB", kibi* kibi},
                                           {"MiB", kibi* kibi},
                                           {"G", kibi* kibi* kibi},
                                           {"GB", kibi* kibi* kibi},
                                           {"GiB", kibi* kibi* kibi},
                                           {"T", kibi* kibi* kibi* kibi},
                                           {"TB", kibi* kibi* kibi* kibi},
                                           {"TiB", kibi* kibi* kibi* kibi},
                                           {"bytes", 1}}};

constexpr std::array<Unit, 3> count_units{{{"", 1}, {"k", 1000}, {"M", 1000000}}};

constexpr double longest_seconds = 10.0 * 365 * 86400;

template <class Value>
Parsed<Value> fail(std::size_t begin, std::size_t end, std::string message, std::string expected) {
  return {std::nullopt, {begin, end, std::move(message), std::move(expected)}};
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// The number at the front: digits, separators between groups of three, one decimal point. Returns
// the number of bytes it takes; 0 if there is none or its separators do not stand at thousands.
std::size_t read_number(std::string_view text, double* number) {
  double whole = 0;
  std::size_t at = 0;
  std::size_t group = 0;  // digits since the last separator
  bool has_separator = false;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      whole = whole * 10 + (text[at] - '0');
      ++group;
    } else if (text[at] == ',' && group > 0 && group <= 3 && (!has_separator || group == 3) &&
               text.size() - at > 3 && is_digit(text[at + 1]) && is_digit(text[at + 2]) &&
               is_digit(text[at + 3])) {
      has_separator = true;
      group = 0;
    } else {
      break;
    }
  }
  if (at == 0 || (has_separator && group != 3)) return 0;
  if (at < text.size() && text[at] == '.') {
    double place = 0.1;
    std::size_t digits = 0;
    std::size_t next = at + 1;
    for (; next < text.size() && is_digit(text[next]); ++next, ++digits, place /= 10) {
      whole += (text[next] - '0') * place;
    }
    if (digits == 0) return 0;
    at = next;
  }
  *number = whole;
  return at;
}

std::optional<double> factor_of(std::span<const Unit> units, std::string_view word) {
  for (const Unit& unit : units) {
    if (unit.word == word) return unit.factor;
  }
  return std::nullopt;
}

// A number and its unit as one value, both checked against [least, most].
Parsed<double> read_value(std::string_view text, std::span<const Unit> units, std::string_view what,
                          std::string_view example, std::string_view unit_names, double least,
                          double most) {
  double number = 0;
  const std::size_t length = read_number(text, &number);
  if (length == 0) {
    return fail<double>(0, text.size(), fmt::format("not {}: \"{}\"", what, text),
                        std::string(example));
  }
  const std::string_view word = text.substr(length);
  const std::optional<double> factor = factor_of(units, word);
  if (!factor) {
    if (word.empty()) {
      return fail<double>(length, length, fmt::format("{} needs a unit", what),
                          fmt::format("expected {}", unit_names));
    }
    return fail<double>(length, text.size(), fmt::format("not a unit here: \"{}\"", word),
                        fmt::format("expected {}", unit_names));
  }
  const double value = number * *factor;
  if (value < least || value > most || !std::isfinite(value)) {
    return fail<double>(0, text.size(), fmt::format("out of range: \"{}\"", text),
                        std::string(example));
  }
  return {value, {}};
}

Parsed<std::uint64_t> as_integer(std::string_view text, const Parsed<double>& parsed) {
  if (!parsed.value) return {std::nullopt, parsed.error};
  if (std::floor(*parsed.value) != *parsed.value) {
    return fail<std::uint64_t>(0, text.size(), fmt::format("not a whole number: \"{}\"", text),
                               "expected no fraction");
  }
  return {static_cast<std::uint64_t>(*parsed.value), {}};
}

}  // namespace

Parsed<double> parse_rate(std::string_view text) {
  constexpr std::string_view example = "expected a rate such as 500/s or 30/min";
  const std::size_t slash = text.find('/');
  double number = 0;
  const std::size_t length = read_number(text.substr(0, slash), &number);
  if (length == 0 || length != text.substr(0, slash).size()) {
    return fail<double>(0, std::min(slash, text.size()), fmt::format("not a rate: \"{}\"", text),
                        std::string(example));
  }
  if (slash == std::string_view::npos) {
    return fail<double>(length, length, "a rate needs its unit of time",
                        "expected /s, /min, /h or /d");
  }
  const std::string_view word = text.substr(slash + 1);
  const std::optional<double> seconds = factor_of(time_units, word);
  if (!seconds || word == "ms") {
    return fail<double>(slash + 1, text.size(), fmt::format("not a unit of time: \"{}\"", word),
                        "expected s, min, h or d");
  }
  const double rate = number / *seconds;
  if (rate <= 0 || rate > 1e9) {
    return fail<double>(0, text.size(), fmt::format("rate out of range: \"{}\"", text),
                        "expected more than 0 and at most 1,000,000,000/s");
  }
  return {rate, {}};
}

Parsed<double> parse_duration(std::string_view text) {
  return read_value(text, time_units, "a duration",
                    "expected a duration such as 60s, 5m or 2h, at most 10 years",
                    "s, ms, m, h or d", 0, longest_seconds);
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  const Parsed<double> size =
      read_value(text, size_units, "a size", "expected a size such as 8G, 512M or 16777216k",
                 "k, M, G or T", 1, 0x1p60);
  return as_integer(text, size);
}

Parsed<std::uint64_t> parse_count(std::string_view text, std::uint64_t least) {
  const Parsed<double> count = read_value(
      text, count_units, "a number",
      fmt::format("expected a number from {} to 2,147,483,647", least), "nothing, k or M",
      static_cast<double>(least), std::numeric_limits<std::int32_t>::max());
  return as_integer(text, count);
}

}  // namespace untrack
