#include "parser/anonymize/address_words.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/address_text.hpp"

namespace untrack::anonymize {
namespace {

struct Address {
  AddressKind kind{};
  Number value = 0;
  std::size_t size = 0;  // bytes of the text
};

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c == ':';
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::optional<Number> parsed(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  Number value = 0;
  for (std::size_t i = 0; i < (family == AF_INET ? 4U : 16U); ++i) value = value << 8U | bytes[i];
  return value;
}

std::optional<Number> mac_of(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  Number value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2) {
      if (text[i] != ':') return std::nullopt;
      continue;
    }
    if (!is_hex(text[i])) return std::nullopt;
    std::uint8_t digit = 0;
    std::from_chars(text.data() + i, text.data() + i + 1, digit, 16);
    value = value << 4U | digit;
  }
  return value;
}

// The address that the word begins with: all of it, or the part before the `:` of a port.
std::optional<Address> address_in(std::string_view word) {
  if (const auto mac = mac_of(word)) return Address{AddressKind::mac, *mac, word.size()};
  if (word.find(':') != word.rfind(':')) {
    if (const auto six = parsed(AF_INET6, word))
      return Address{AddressKind::ipv6, *six, word.size()};
  }
  const std::string_view head = word.substr(0, word.find(':'));
  if (const auto four = parsed(AF_INET, head))
    return Address{AddressKind::ipv4, *four, head.size()};
  return std::nullopt;
}

std::string text_of(AddressKind kind, Number value) {
  if (kind == AddressKind::ipv4) return address_text(value, IpVersion::ipv4);
  if (kind == AddressKind::ipv6) return address_text(value, IpVersion::ipv6);
  std::string text;
  for (unsigned byte = 6; byte-- > 0;) {
    text += fmt::format("{:02x}{}", static_cast<unsigned>(value >> (8 * byte) & 0xffU),
                        byte == 0 ? "" : ":");
  }
  return text;
}

// The length of the prefix that a mask stands for.
std::optional<unsigned> length_of_mask(const Address& mask) {
  const unsigned width = width_of(mask.kind);
  unsigned length = 0;
  while (length < width && (mask.value >> (width - length - 1) & 1U) != 0) ++length;
  const Number rest = length == width ? Number{0} : mask.value << (128 - width + length);
  return rest == 0 ? std::optional(length) : std::nullopt;
}

// An address in its surroundings.
struct Place {
  std::size_t at = 0;
  Address address;
  std::optional<unsigned> length;  // of /LENGTH or a mask that is a prefix
  bool is_strange = false;         // in arithmetic, or with a mask that is no prefix
  std::size_t end = 0;             // behind address and mask
};

// Calls `use` for each address of the text, in order.
void each_address(std::string_view text, const std::function<void(const Place&)>& use) {
  std::size_t at = 0;
  const auto word_at = [&](std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    return text.substr(begin, end - begin);
  };
  const auto neighbour = [&](std::size_t begin, bool is_before) {
    if (is_before) {
      while (begin > 0 && text[begin - 1] == ' ') --begin;
      return begin == 0 ? ' ' : text[begin - 1];
    }
    while (begin < text.size() && text[begin] == ' ') ++begin;
    return begin == text.size() ? ' ' : text[begin];
  };
  constexpr std::string_view arithmetic = "&|^";
  while (at < text.size()) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    const std::string_view word = word_at(at);
    const auto address = address_in(word);
    if (!address) {
      at += word.size();
      continue;
    }
    Place place{at, *address, std::nullopt, false, at + address->size};
    if (place.end < text.size() && text[place.end] == '/') {
      const std::string_view behind = word_at(place.end + 1);
      unsigned length = 0;
      const auto [rest, error] =
          std::from_chars(behind.data(), behind.data() + behind.size(), length);
      if (const auto mask = address_in(behind); mask && mask->kind == address->kind) {
        place.length = length_of_mask(*mask);
        place.is_strange = !place.length;
        place.end += 1 + mask->size;
      } else if (error == std::errc() && length <= width_of(address->kind)) {
        place.length = length;
        place.end += 1 + static_cast<std::size_t>(rest - behind.data());
      }
    }
    place.is_strange = place.is_strange ||
                       arithmetic.find(neighbour(place.at, true)) != std::string_view::npos ||
                       arithmetic.find(neighbour(place.end, false)) != std::string_view::npos;
    use(place);
    at = place.end;
  }
}

std::vector<Place> places_in(std::string_view text) {
  std::vector<Place> places;
  each_address(text, [&](const Place& place) { places.push_back(place); });
  return places;
}

// Whether the two are the ends of a range.
bool are_range(std::string_view text, const Place& first, const Place& last) {
  const std::string_view between = text.substr(first.end, last.at - first.end);
  return first.address.kind == last.address.kind && first.address.value <= last.address.value &&
         (between == "-" || between == "]-[");
}

Number mapped_alone(const Place& place, const AddressMap& map) {
  const auto [kind, value, size] = place.address;
  const Number mapped = map(kind, value);
  if (!place.length) return mapped;
  const unsigned free = width_of(kind) - *place.length;
  const Number low = free == 128 ? ~Number{0} : (Number{1} << free) - 1;
  // A network has no bits of hosts; the address of an interface has.
  return (value & low) == 0 ? mapped & ~low : mapped;
}

}  // namespace

std::string learn_ranges(std::string_view text, AddressMap& map) {
  const std::vector<Place> places = places_in(text);
  std::string strange;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].is_strange && strange.empty()) {
      strange = text.substr(places[i].at, places[i].end - places[i].at);
    }
    if (i > 0 && are_range(text, places[i - 1], places[i])) {
      map.keep_range(places[i].address.kind, places[i - 1].address.value, places[i].address.value);
    }
  }
  return strange;
}

std::string with_addresses(std::string_view text, const AddressMap& map) {
  const std::vector<Place> places = places_in(text);
  std::string result;
  std::size_t copied = 0;
  const auto put = [&](const Place& place, Number mapped) {
    result += text.substr(copied, place.at - copied);
    result += text_of(place.address.kind, mapped);
    copied = place.at + place.address.size;
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i + 1 < places.size() && are_range(text, places[i], places[i + 1])) {
      const Interval range =
          map.range(places[i].address.kind, places[i].address.value, places[i + 1].address.value);
      put(places[i], range.first);
      put(places[++i], range.last);
    } else {
      put(places[i], mapped_alone(places[i], map));
    }
  }
  result += text.substr(copied);
  return result;
}

}  // namespace untrack::anonymize
