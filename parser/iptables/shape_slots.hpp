// Slots: the parts of a line that differ among lines of one shape, and their values. Private to
// line_shapes.cpp and shaped_rules.cpp. Narrower than what iptables takes, on purpose: what is
// spelled in any other way than iptables-save prints it is no slot.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/match.hpp"

namespace untrack::iptables {

enum class SlotKind : std::uint8_t {
  none,
  counters,      // [12:3456] in front of a rule
  chain,         // behind -A: no chain that is built in
  target,        // behind -j: no name of an extension and no verdict
  address4,      // 192.0.2.1, 192.0.2.0/24
  address6,      // with :: or of eight groups
  interface,     //
  ports,         // 22, 1024:65535
  comment,       // in quotes, which are no part of it
  comment_word,  // without quotes
  translation4,  // 192.0.2.1:8080
  translation6   // [2001:db8::1]:8080
};

// The kinds that the word in front lets a word have.
using SlotKinds = std::array<SlotKind, 2>;
[[nodiscard]] SlotKinds slot_kinds_behind(std::string_view word);

// Bytes of the slot at the beginning of `rest`, which goes to the end of the line, where it ends
// with the word; 0: none is here. Of a comment
// in quotes `rest` begins with the first of these: see `quotes`.
[[nodiscard]] std::size_t slot_size(SlotKind kind, std::string_view rest);

// Bytes around the slot, on either side.
[[nodiscard]] inline std::size_t quotes(SlotKind kind) { return kind == SlotKind::comment ? 1 : 0; }

// Values. False: not such a value after all, or one that is spelled in an unusual way.
[[nodiscard]] bool value_of_address4(std::string_view text, Interval& interval);
[[nodiscard]] bool value_of_address6(std::string_view text, Interval& interval);
[[nodiscard]] bool value_of_ports(std::string_view text, Interval& interval);
// Of either family.
[[nodiscard]] bool value_of_translation(std::string_view text, Interval& address, Interval& port);

}  // namespace untrack::iptables
