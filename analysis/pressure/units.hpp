// Units: the spellings of rates, durations and sizes that options and profile files take. Strict:
// what is not wholly understood is refused, with the part that is wrong and what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace untrack {

// Where in the text the reader stopped, and what it wanted there. All texts are static or derived
// from the input; offsets in bytes.
struct UnitError {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;   // `not a unit of time: "x"`
  std::string expected;  // "s, min, h or d"
};

template <class Value>
struct Parsed {
  std::optional<Value> value;
  UnitError error;  // where there is no value
};

// "500/s", "30/min" (also "/m", "/second", "/minute"), "10/h", "5/d"; in events a second, > 0 and
// at most 1e9. A fraction and thousands separators ("2,000/s") are read.
[[nodiscard]] Parsed<double> parse_rate(std::string_view text);

// "60s", "5m" or "5min", "2h", "1d", "500ms"; in seconds, at least 0 and at most 10 years. The unit
// must be there, since sysctls count seconds and people think in minutes.
[[nodiscard]] Parsed<double> parse_duration(std::string_view text);

// "8G", "512M", "16777216k", "1T" (binary multiples; an ending B or iB is read) or plain bytes.
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text);

// "262144", "262,144", "250k" (250,000), "1M" (1,000,000); at least `least` and at most 2^31 - 1,
// the kernel's limit for these settings.
[[nodiscard]] Parsed<std::uint64_t> parse_count(std::string_view text, std::uint64_t least = 1);

}  // namespace untrack
