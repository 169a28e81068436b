// Match: one condition of a rule, in a form that both languages share and that a symbolic engine
// can encode without knowing which one it came from. What cannot be expressed exactly is an
// OpaqueTest that keeps its identity; nothing is approximated silently.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "model/ids.hpp"
#include "model/text_ref.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// Wide enough for an IPv6 address; in host byte order, so that addresses compare as numbers.
__extension__ typedef unsigned __int128 Number;

// Closed on both ends.
struct Interval {
  Number first = 0;
  Number last = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// The name of a network interface, or its beginning (`eth+` in iptables, `eth*` in nft).
struct NamePattern {
  std::string_view text;  // without the wildcard sign
  bool is_prefix = false;
};

// (field & mask) lies in one of the values; `negated`: in none of them. Values are in the order of
// the text, and may overlap. A field that the packet does not have (a port of an ICMP packet) makes
// the test false, negated or not; iptables and nft both add the protocol test that guards it.
struct FieldTest {
  Field field{};
  bool negated = false;
  std::uint32_t mask = 0xffffffffU;  // only for fields of up to 32 bits
  PoolRange<Interval> values;
};

// The in- or out-interface has one of the names; `negated`: none of them.
struct NameTest {
  Field field{};
  bool negated = false;
  PoolRange<NamePattern> names;
};

// The connection state is one of these; `negated`: none of these (so UNTRACKED matches `! NEW`).
struct StateTest {
  CtStates states;
  bool negated = false;
};

// The fields, taken together as a key, are in a named set (ipset or nft set). iptables says of each
// dimension only from which side of the packet it is taken (`src,dst`); the fields follow from the
// type of the set, and stay unknown (field_count 0) until resolve() has linked one.
struct SetTest {
  KeptText set_name;
  SetId set;                      // linked by resolve(); may stay unlinked
  std::array<Field, 4> fields{};  // the first `field_count` count
  std::uint8_t field_count = 0;
  bool negated = false;
  std::uint8_t dimension_count = 0;         // iptables: the sides given; 0 in nft
  std::uint8_t destination_dimensions = 0;  // bit i: dimension i is of the destination
};

// The packet is of one of these families: what `meta nfproto` asks in a table of family inet, and
// every expression of one family implies there.
struct FamilyTest {
  static constexpr bool negated = false;  // its opposite is the other family
  IpVersions ip_versions;
};

// A condition that cannot be computed from the packet. `key` is its text in a normal form (options
// sorted, names expanded): equal keys are the same condition. `has_history`: depends on time,
// chance or earlier packets, so that two occurrences are never the same condition.
struct OpaqueTest {
  TextRef key;
  bool negated = false;
  bool has_history = false;
};

using Match = std::variant<FieldTest, NameTest, StateTest, SetTest, FamilyTest, OpaqueTest>;

}  // namespace untrack
