#include "parser/iptables/values/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace untrack::iptables {
namespace {

std::string expected_number(std::uint64_t largest) {
  if (largest == UINT64_MAX) return "expected a number";
  return fmt::format("expected a number from 0 to {}", largest);
}

// a or a SEPARATOR b; with ':' either side may be left out.
bool read_range(ValueContext& context, const Word& word, char separator, std::uint64_t largest,
                Value& value) {
  const std::size_t at = word.text.find(separator);
  if (at == std::string_view::npos) return read_number(context, word, largest, value);

  const Word low = part_of(word, 0, at);
  const Word high = part_of(word, at + 1);
  const bool may_be_open = separator == ':';
  std::uint64_t first = 0;
  std::uint64_t last = largest;
  if (!low.text.empty() || !may_be_open) {
    const auto number = number_of(low.text, largest);
    if (!number) {
      refuse(context, low, "not a number", expected_number(largest));
      return false;
    }
    first = *number;
  }
  if (!high.text.empty() || !may_be_open) {
    const auto number = number_of(high.text, largest);
    if (!number) {
      refuse(context, high, "not a number", expected_number(largest));
      return false;
    }
    last = *number;
  }
  if (first > last) {
    note_empty_range(context, word, fmt::format("{}{}{}", last, separator, first));
    value.is_empty_range = true;
    return true;
  }
  add_interval(context, value, first, last);
  return true;
}

}  // namespace

std::optional<std::uint64_t> number_of(std::string_view text, std::uint64_t largest) {
  // strtoul(3) skips blanks and takes a plus.
  while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '+') text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number, base);
  if (problem != std::errc() || stopped != end || number > largest) return std::nullopt;
  return number;
}

bool read_number(ValueContext& context, const Word& word, std::uint64_t largest, Value& value) {
  const auto number = number_of(word.text, largest);
  if (!number) {
    refuse(context, word, "not a number", expected_number(largest));
    return false;
  }
  add_interval(context, value, *number, *number);
  return true;
}

bool read_number_range(ValueContext& context, const Word& word, std::uint64_t largest,
                       Value& value) {
  return read_range(context, word, ':', largest, value);
}

bool read_number_list(ValueContext& context, const Word& word, std::uint64_t largest,
                      Value& value) {
  return for_each_part(
      word, ',', [&](const Word& part) { return read_range(context, part, ':', largest, value); });
}

bool read_dash_range(ValueContext& context, const Word& word, std::uint64_t largest, Value& value) {
  return read_range(context, word, '-', largest, value);
}

bool read_value_mask(ValueContext& context, const Word& word, Value& value) {
  const std::size_t slash = word.text.find('/');
  const Word number_word = part_of(word, 0, slash);
  const auto number = number_of(number_word.text, UINT32_MAX);
  if (!number) {
    refuse(context, number_word, "not a 32-bit number", "expected VALUE or VALUE/MASK");
    return false;
  }
  if (slash != std::string_view::npos) {
    const Word mask_word = part_of(word, slash + 1);
    const auto mask = number_of(mask_word.text, UINT32_MAX);
    if (!mask) {
      refuse(context, mask_word, "not a 32-bit mask", "expected VALUE or VALUE/MASK");
      return false;
    }
    value.mask = static_cast<std::uint32_t>(*mask);
  }
  add_interval(context, value, *number, *number);
  return true;
}

bool read_rate(ValueContext& context, const Word& word, std::uint64_t fastest, Value& value) {
  std::string_view rest = word.text;
  std::size_t digits = 0;
  while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
  const auto amount = number_of(rest.substr(0, digits), UINT32_MAX);
  rest.remove_prefix(digits);

  // hashlimit also counts bytes: 512b, 512kb, 1mb (libxt_hashlimit.c, parse_bytes).
  std::string_view bytes;
  for (const std::string_view unit : {"kb", "mb", "b"}) {
    if (begins_as(rest, unit)) {
      bytes = unit;
      rest.remove_prefix(unit.size());
      break;
    }
  }
  std::string_view period = "second";
  bool good = amount && *amount > 0;
  if (!rest.empty()) {
    good = good && rest.size() > 1 && rest[0] == '/';
    rest.remove_prefix(1);
    period = {};
    for (const std::string_view unit : {"second", "minute", "hour", "day"}) {
      if (good && begins_as(unit, rest)) {
        period = unit;
        break;
      }
    }
  }
  if (!good || period.empty()) {
    refuse(context, word, "not a rate", "expected NUMBER/second, /minute, /hour or /day");
    return false;
  }
  const std::uint64_t seconds = period == "second"   ? 1
                                : period == "minute" ? 60
                                : period == "hour"   ? 3600
                                                     : 86400;
  if (bytes.empty() && *amount > fastest * seconds) {
    refuse(context, word, "rate too fast", fmt::format("at most {}/second", fastest));
    return false;
  }
  value.normal = fmt::format("{}{}/{}", *amount, bytes, period);
  return true;
}

bool read_decimal(ValueContext& context, const Word& word, Value& value) {
  double number = -1;
  const char* const end = word.text.data() + word.text.size();
  const auto [stopped, problem] = std::from_chars(word.text.data(), end, number);
  if (problem != std::errc() || stopped != end || !(number >= 0 && number <= 1)) {
    refuse(context, word, "not a probability", "expected a number from 0 to 1, as in 0.25");
    return false;
  }
  value.normal = fmt::format("{}", number);
  return true;
}

bool read_mac(ValueContext& context, const Word& word, Value& value) {
  std::uint64_t address = 0;
  std::size_t count = 0;
  const bool good = for_each_part(word, ':', [&](const Word& part) {
    unsigned byte = 0;
    const char* const end = part.text.data() + part.text.size();
    const auto [stopped, problem] = std::from_chars(part.text.data(), end, byte, 16);
    ++count;
    address = address << 8U | (byte & 0xffU);
    return problem == std::errc() && stopped == end && part.text.size() <= 2;
  });
  if (!good || count != 6) {
    refuse(context, word, "not a MAC address", "expected six bytes, as in 02:00:5e:10:00:01");
    return false;
  }
  add_interval(context, value, address, address);
  return true;
}

}  // namespace untrack::iptables
