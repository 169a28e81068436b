// PacketReader: what the readers of the several spellings of a packet share: words with their
// places, the errors, and what a packet is where its text says nothing. Used by packet_parse.cpp
// and packet_lines.cpp only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/packet/packet_text.hpp"

namespace untrack {

struct PacketToken {
  std::string_view text;
  std::size_t begin = 0;  // bytes of the whole text
  [[nodiscard]] std::size_t end() const { return begin + text.size(); }
};

// Split at blanks; `>` is a word of its own.
[[nodiscard]] std::vector<PacketToken> packet_tokens(std::string_view text);

// What a text has said so far; everything that it has not said gets its usual value.
struct PacketDraft {
  std::optional<IpVersion> version;
  std::optional<Path> path;
  std::optional<std::string> in_interface;
  std::optional<std::string> out_interface;
  std::optional<Number> source;
  std::optional<Number> destination;
  std::optional<Number> source_port;
  std::optional<Number> destination_port;
  std::optional<Number> protocol;
  std::optional<Number> flags;
  std::optional<Number> icmp_type;
  std::optional<Number> icmp_code;
  std::optional<CtState> state;
  bool is_fragment = false;
  std::vector<std::pair<Field, Number>> others;
};

// The packet, and in `assumed` what was not said and could matter.
[[nodiscard]] Packet finished(const PacketDraft& draft, std::vector<std::string>& assumed);

// An address of either family; sets draft.version, nullopt if it is none or of the other family.
[[nodiscard]] std::optional<Number> read_address(std::string_view text, PacketDraft& draft);
[[nodiscard]] std::optional<Number> read_number(std::string_view text, Number max);
// By name or number.
[[nodiscard]] std::optional<Number> read_protocol(std::string_view text);

// Lines of other programs: tcpdump, the kernel's LOG, web servers' access logs. nullopt: it looks
// like none of them.
[[nodiscard]] std::optional<ParsedPacket> parse_foreign_line(std::string_view text);

}  // namespace untrack
