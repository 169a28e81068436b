// The words of a packet's text beside addresses and ports, and the values that a packet has where
// its text says nothing. Shared by what prints packets and what reads them, so that they agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/packet/packet.hpp"

namespace untrack {

// How the value behind a word is written. All but mac also as a number, 0x in front for
// hexadecimal.
enum class ValueForm : std::uint8_t { decimal, hexadecimal, mac, packet_type, address_type };

struct PacketWord {
  std::string_view word;
  Field field{};
  ValueForm form{};
  Number max = 0;
};

// In the order in which they are printed.
[[nodiscard]] std::span<const PacketWord> packet_words();

// The names of a form's values by number; empty for the forms that have none.
[[nodiscard]] std::span<const std::string_view> value_names(ValueForm form);

// By bit, the lowest first.
inline constexpr std::array<std::string_view, 8> tcp_flag_names = {"fin", "syn", "rst", "psh",
                                                                   "ack", "urg", "ece", "cwr"};

inline constexpr Number usual_source_port = 40000;

// What the text need not say, by the way, the addresses and the interfaces of the packet, which
// must be set. 0 for fields without a usual value.
[[nodiscard]] Number usual_value(const Packet& packet, Field field);

// TCP flags of a packet in a state: SYN begins, ACK goes on.
[[nodiscard]] Number usual_flags(CtState state);

// The usual addresses: of documentation (RFC 5737, RFC 3849).
[[nodiscard]] Number usual_address(Field field, IpVersion version);

// IFNAMSIZ of the kernel, without the zero byte.
constexpr std::size_t longest_interface_name = 15;

// A name of an interface as a packet's text spells it: what could be taken for something else, or
// harm a terminal, as \xNN. "-" is no interface.
[[nodiscard]] std::string interface_text(std::string_view name);
// nullopt if an escape is not one.
[[nodiscard]] std::optional<std::string> interface_of_text(std::string_view text);

}  // namespace untrack
