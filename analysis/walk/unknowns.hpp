// Unknowns: what of a packet is no longer known to the concrete walk, because a statement that it
// cannot follow to the end has changed it; a test that asks for it makes the trace a guess.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "model/match.hpp"

namespace untrack {

// Trace::guessed where a test asks for the mark behind a statement that left it open.
inline constexpr std::string_view guessed_mark = "a mark that was set to what no packet tells";

struct Unknowns {
  bool mark = false;
  bool destination = false;
  bool destination_type = false;
  bool source_type = false;
  bool out_interface = false;

  std::vector<std::uint32_t> tests;  // of which the next outcome is not known, by part

  // Adds the test to these; false where it is new.
  [[nodiscard]] bool was_asked_before(std::uint32_t part);
  // What a test of the field asks that is not known; empty: it is.
  [[nodiscard]] std::string_view asked(Field field) const;
};

// Sets the address, as a payload statement does: the kernel mends the checksums, and looks at
// nothing else (nft_payload_set_eval, nft_payload.c, 6.1).
void set_address(Packet& packet, Unknowns& unknown, Field field, Number address,
                 bool is_before_routing);

}  // namespace untrack
