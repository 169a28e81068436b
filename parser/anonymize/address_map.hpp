// AddressMap: other addresses for those of a host, one for one. Two addresses with the first n bits
// in common have them in common afterwards, and a range stays a range, so that whatever rules say
// of addresses stays as true as it was. Used by parser/anonymize alone. Not for secrets that are
// worth an attack: who knows a few addresses of a network learns where the others lie.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack::anonymize {

struct Key {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// SipHash-2-4.
[[nodiscard]] std::uint64_t hash_of(const Key& key, std::string_view text);

enum class AddressKind : std::uint8_t { ipv4, ipv6, mac };
[[nodiscard]] unsigned width_of(AddressKind kind);

class AddressMap {
 public:
  // Addresses that have a meaning of their own (loopback, link-local, multicast, private networks)
  // keep the prefix that gives it to them; 0/8, 127/8, 224/3, ::/64 and ff00::/8 stay as they are.
  explicit AddressMap(const Key& key);

  // All ranges come first: what is asked before a range is told may be mapped out of it.
  void keep_range(AddressKind kind, Number first, Number last);
  [[nodiscard]] Number operator()(AddressKind kind, Number address) const;
  // What a range becomes that keep_range was told.
  [[nodiscard]] Interval range(AddressKind kind, Number first, Number last) const;

 private:
  // A place in the tree of prefixes: the first `second` bits of an address, at the right end.
  using Node = std::pair<Number, unsigned>;

  void keep_prefix(AddressKind kind, Number address, unsigned length);
  void keep_between(AddressKind kind, Number address, unsigned from, unsigned to);

  Key key_;
  std::map<AddressKind, std::set<Node>> kept_;  // where the next bit stays
};

}  // namespace untrack::anonymize
