#include "parser/anonymize/address_map.hpp"

#include <array>
#include <bit>
#include <string>

namespace untrack::anonymize {
namespace {

Number prefix_of(Number address, unsigned width, unsigned length) {
  return length == 0 ? Number{0} : address >> (width - length);
}

struct Prefix {
  AddressKind kind;
  std::uint64_t bits;  // the first `length`, at the right end
  unsigned length;
};

// IANA, "IPv4 Special-Purpose Address Registry" and its like for IPv6. Of a MAC address the two
// bits of its first byte that tell groups and local ones are no prefix: the first byte stays.
constexpr std::array kept_prefixes = {
    Prefix{AddressKind::ipv4, 10, 8},      Prefix{AddressKind::ipv4, 0xac1, 12},
    Prefix{AddressKind::ipv4, 0xc0a8, 16}, Prefix{AddressKind::ipv4, 0x191, 10},
    Prefix{AddressKind::ipv4, 0xa9fe, 16}, Prefix{AddressKind::ipv6, 1, 3},
    Prefix{AddressKind::ipv6, 0x7e, 7},
};
constexpr std::array whole_prefixes = {
    Prefix{AddressKind::ipv4, 0, 8},    Prefix{AddressKind::ipv4, 127, 8},
    Prefix{AddressKind::ipv4, 7, 3},    Prefix{AddressKind::ipv6, 0, 64},
    Prefix{AddressKind::ipv6, 0xff, 8},
};
constexpr std::uint64_t link_local = 0xfe80000000000000;  // of the whole 64 bits

bool is_whole(AddressKind kind, Number address) {
  for (const Prefix& prefix : whole_prefixes) {
    if (prefix.kind == kind &&
        prefix_of(address, width_of(kind), prefix.length) == Number{prefix.bits}) {
      return true;
    }
  }
  // Groups and broadcast.
  return kind == AddressKind::mac && (address >> 40U & 1U) != 0;
}

// The bits of the two ends of a range that are alike, and those up to which they say where it ends:
// behind the latter all that has the same beginning is in the range.
struct Ends {
  unsigned common = 0;
  unsigned first = 0;
  unsigned last = 0;
};

Ends ends_of(AddressKind kind, Number first, Number last) {
  const unsigned width = width_of(kind);
  Ends ends{0, width, width};
  while (ends.common < width &&
         prefix_of(first, width, ends.common + 1) == prefix_of(last, width, ends.common + 1)) {
    ++ends.common;
  }
  while (ends.first > ends.common && (first >> (width - ends.first) & 1U) == 0) --ends.first;
  while (ends.last > ends.common && (last >> (width - ends.last) & 1U) == 1) --ends.last;
  return ends;
}

std::uint64_t word_at(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8 && at + i < text.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
  }
  return word;
}

}  // namespace

std::uint64_t hash_of(const Key& key, std::string_view text) {
  std::array<std::uint64_t, 4> v = {
      key.first ^ 0x736f6d6570736575U, key.second ^ 0x646f72616e646f6dU,
      key.first ^ 0x6c7967656e657261U, key.second ^ 0x7465646279746573U};
  const auto rounds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      v[0] += v[1];
      v[1] = std::rotl(v[1], 13) ^ v[0];
      v[0] = std::rotl(v[0], 32);
      v[2] += v[3];
      v[3] = std::rotl(v[3], 16) ^ v[2];
      v[0] += v[3];
      v[3] = std::rotl(v[3], 21) ^ v[0];
      v[2] += v[1];
      v[1] = std::rotl(v[1], 17) ^ v[2];
      v[2] = std::rotl(v[2], 32);
    }
  };
  const auto take = [&](std::uint64_t word) {
    v[3] ^= word;
    rounds(2);
    v[0] ^= word;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) take(word_at(text, at));
  take(word_at(text, at) | std::uint64_t{text.size()} << 56U);
  v[2] ^= 0xffU;
  rounds(4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

unsigned width_of(AddressKind kind) {
  switch (kind) {
    case AddressKind::ipv4:
      return 32;
    case AddressKind::ipv6:
      return 128;
    case AddressKind::mac:
      return 48;
  }
  return 0;
}

AddressMap::AddressMap(const Key& key) : key_(key) {
  const auto keep = [&](const Prefix& prefix) {
    keep_prefix(prefix.kind, Number{prefix.bits} << (width_of(prefix.kind) - prefix.length),
                prefix.length);
  };
  for (const Prefix& prefix : kept_prefixes) keep(prefix);
  for (const Prefix& prefix : whole_prefixes) keep(prefix);
  keep_prefix(AddressKind::ipv6, Number{link_local} << 64U, 64);
  for (unsigned byte = 0; byte < 256; ++byte) {
    keep_prefix(AddressKind::mac, Number{byte} << 40U, 8);
  }
}

void AddressMap::keep_prefix(AddressKind kind, Number address, unsigned length) {
  for (unsigned depth = 0; depth < length; ++depth) {
    kept_[kind].insert({prefix_of(address, width_of(kind), depth), depth});
  }
}

void AddressMap::keep_between(AddressKind kind, Number address, unsigned from, unsigned to) {
  for (unsigned depth = from; depth < to; ++depth) {
    kept_[kind].insert({prefix_of(address, width_of(kind), depth), depth});
  }
}

void AddressMap::keep_range(AddressKind kind, Number first, Number last) {
  const Ends ends = ends_of(kind, first, last);
  // Where the ends part, the first has to stay the lower one, and from there on everything that
  // hangs off the two ways on their inner sides lies in between, in whatever order.
  keep_between(kind, first, ends.common, ends.first);
  keep_between(kind, last, ends.common, ends.last);
}

Interval AddressMap::range(AddressKind kind, Number first, Number last) const {
  const unsigned width = width_of(kind);
  const Ends ends = ends_of(kind, first, last);
  const auto low_bits = [&](unsigned depth) {
    return depth == 0 && width == 128 ? ~Number{0} : (Number{1} << (width - depth)) - 1;
  };
  return {(*this)(kind, first) & ~low_bits(ends.first), (*this)(kind, last) | low_bits(ends.last)};
}

Number AddressMap::operator()(AddressKind kind, Number address) const {
  if (is_whole(kind, address)) return address;
  const unsigned width = width_of(kind);
  const auto found = kept_.find(kind);
  Number mapped = 0;
  for (unsigned depth = 0; depth < width; ++depth) {
    const Number prefix = prefix_of(address, width, depth);
    auto bit = static_cast<unsigned>(address >> (width - depth - 1) & 1U);
    if (found == kept_.end() || !found->second.contains({prefix, depth})) {
      std::string place(1, static_cast<char>(kind));
      place += static_cast<char>(depth);
      for (unsigned byte = 0; byte < 16; ++byte) {
        place += static_cast<char>(static_cast<unsigned char>(prefix >> (8 * byte)));
      }
      bit ^= static_cast<unsigned>(hash_of(key_, place) & 1U);
    }
    mapped = mapped << 1U | bit;
  }
  return mapped;
}

}  // namespace untrack::anonymize
