// ConntrackEntry: one entry of a connection tracking table, as the first packet of its flow went.
// Made by parser/conntrack; analysis/attribution says which rule admitted it, rewriter/notrack
// counts by them what untracking a service saves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/ruleset.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// What decides which timeout an entry stands under: the state of TCP, by the words of listings.
enum class EntryState : std::uint8_t {
  none,  // not TCP, or not told
  syn_sent,
  syn_recv,
  established,
  fin_wait,
  close_wait,
  last_ack,
  time_wait,
  close,
};
// Of "ESTABLISHED" and its like; none for other words.
[[nodiscard]] constexpr EntryState entry_state_of(std::string_view word) {
  // tcp_conntrack_names, nf_conntrack_proto_tcp.c; SYN_SENT2 has the timeout of SYN_SENT.
  if (word == "SYN_SENT" || word == "SYN_SENT2") return EntryState::syn_sent;
  if (word == "SYN_RECV") return EntryState::syn_recv;
  if (word == "ESTABLISHED") return EntryState::established;
  if (word == "FIN_WAIT") return EntryState::fin_wait;
  if (word == "CLOSE_WAIT") return EntryState::close_wait;
  if (word == "LAST_ACK") return EntryState::last_ack;
  if (word == "TIME_WAIT") return EntryState::time_wait;
  return word == "CLOSE" ? EntryState::close : EntryState::none;
}

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
  EntryState state = EntryState::none;
  // Seconds until it expires; none where that is not told (offloaded entries have no timeout).
  std::optional<std::uint32_t> seconds_left = {};
  // Who answers: another address or port than the destination where that is translated.
  Number answerer = 0;
  std::uint16_t answerer_port = 0;
};

}  // namespace untrack
