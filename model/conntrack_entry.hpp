// ConntrackEntry: one entry of a connection tracking table, as the first packet of its flow went.
// Made by parser/conntrack; analysis/attribution says which rule admitted it, rewriter/notrack
// counts by them what untracking a service saves.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

struct ConntrackEntry {
  IpVersion version{};
  std::uint8_t protocol = 0;
  Number source = 0;
  Number destination = 0;
  std::uint16_t source_port = 0;  // 0: the protocol has none
  std::uint16_t destination_port = 0;
  std::uint8_t icmp_type = 0;
  std::uint8_t icmp_code = 0;
  bool is_unreplied = false;
  bool is_assured = false;
  bool is_half_open = false;  // TCP whose handshake is not complete: SYN_SENT, SYN_RECV, SYN_SENT2
  // Who answers: another address or port than the destination where that is translated.
  Number answerer = 0;
  std::uint16_t answerer_port = 0;
};

}  // namespace untrack
