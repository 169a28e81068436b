#include "analysis/pressure/timeout_effect.hpp"

#include <array>

namespace untrack {
namespace {

constexpr std::array<LoweringRow, 8> lowering_table{{
    {Timeout::tcp_syn_sent, 30, "a handshake that takes longer starts again as a new flow",
     "Linux clients resend a SYN after 1, 3, 7, 15 and 31 s (tcp_syn_retries, tcp(7))"},
    {Timeout::tcp_syn_recv, 30, "the same, once the SYN-ACK is out", "tcp_synack_retries, tcp(7)"},
    {Timeout::tcp_established, 7440, "connections silent for more than 2 h 4 min are forgotten",
     "RFC 5382, REQ-5: a NAT must not forget earlier"},
    {Timeout::tcp_time_wait, 30, "a late duplicate of a closed connection is INVALID",
     "an example without a source; RFC 793 would wait 240 s"},
    {Timeout::udp, 10, "a reply that takes longer is refused",
     "resolvers give up after 5 s (resolv.conf(5))"},
    {Timeout::udp_stream, 60, "a stream silent for longer needs a new first packet",
     "RFC 4787, REQ-5: a NAT should keep 300 s, must keep 120"},
    {Timeout::icmp, 10, "a later echo reply is refused", "ping(8) waits 10 s"},
    {Timeout::generic, 120, "a tunnel silent for longer needs a new first packet",
     "an example without a source"},
}};

}  // namespace

std::span<const LoweringRow> lowering_rows() { return lowering_table; }

std::vector<TimeoutEffect> timeout_effects(const Timeouts& timeouts, std::uint64_t max,
                                           std::span<const LoadEntries> loads,
                                           const TimeoutCounts* listed) {
  std::vector<TimeoutEffect> effects;
  for (const LoweringRow& row : lowering_table) {
    TimeoutEffect effect;
    effect.lowering = &row;
    effect.seconds = of(timeouts, row.timeout).value;
    if (effect.seconds <= row.seconds) continue;
    effect.bears = static_cast<double>(max) / static_cast<double>(effect.seconds);
    for (const LoadEntries& load : loads) {
      if (load.ending->timeout != row.timeout) continue;
      effect.entries += load.load.rate * static_cast<double>(effect.seconds);
      effect.saves += load.load.rate * static_cast<double>(effect.seconds - row.seconds);
    }
    if (loads.empty() && listed != nullptr) {
      const auto at = static_cast<std::size_t>(row.timeout);
      effect.entries = static_cast<double>(listed->entries[at]);
      effect.saves = static_cast<double>(listed->silent[at]);
    }
    effects.push_back(effect);
  }
  return effects;
}

}  // namespace untrack
