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

// What a line has in one of its slots: where, and a value that fits into 64 bits, so that it is
// read once. Lines that are longer than this can say are of no shape.
struct SlotValue {
  static constexpr std::size_t longest_line = 0xffff;

  std::uint16_t begin = 0;  // in the line
  std::uint16_t size = 0;
  // address4, ports: the interval; translation4: the address and the port; nothing for others.
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  [[nodiscard]] std::string_view text_in(std::string_view line) const {
    return line.substr(begin, size);
  }
};

// Bytes of the slot at the beginning of `rest`, which goes to the end of the line, where it ends
// with the word; 0: none is here. Of a comment in quotes `rest` begins with the first of these: see
// `quotes`. Bytes may be looked at up to `readable`, at or behind the end of `rest`, where a
// newline or nothing follows. Writes the numbers of `value`, and nothing where it is.
[[nodiscard]] std::size_t slot_size(SlotKind kind, std::string_view rest, const char* readable,
                                    SlotValue& value);

// Bytes around the slot, on either side.
[[nodiscard]] inline std::size_t quotes(SlotKind kind) { return kind == SlotKind::comment ? 1 : 0; }

// Values that are too large for a SlotValue. False: not such a value after all, or one that is
// spelled in an unusual way.
[[nodiscard]] bool value_of_address6(std::string_view text, Interval& interval);
[[nodiscard]] bool value_of_translation6(std::string_view text, Interval& address, Interval& port);

}  // namespace untrack::iptables
