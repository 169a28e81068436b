#include "analysis/pressure/entry_timeouts.hpp"

#include "analysis/packet/packet.hpp"
#include "analysis/pressure/timeout_effect.hpp"

namespace untrack {
namespace {

std::optional<Timeout> timeout_of_tcp(EntryState state) {
  switch (state) {
    case EntryState::none:
      return std::nullopt;
    case EntryState::syn_sent:
      return Timeout::tcp_syn_sent;
    case EntryState::syn_recv:
      return Timeout::tcp_syn_recv;
    case EntryState::established:
      return Timeout::tcp_established;
    case EntryState::fin_wait:
      return Timeout::tcp_fin_wait;
    case EntryState::close_wait:
      return Timeout::tcp_close_wait;
    case EntryState::last_ack:
      return Timeout::tcp_last_ack;
    case EntryState::time_wait:
      return Timeout::tcp_time_wait;
    case EntryState::close:
      return Timeout::tcp_close;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Timeout> timeout_of(const ConntrackEntry& entry) {
  switch (entry.protocol) {
    case ip_protocol::tcp:
      return timeout_of_tcp(entry.state);
    case ip_protocol::udp:
    case ip_protocol::udplite:
      // ASSURED is set together with the longer timeout (nf_conntrack_proto_udp.c).
      return entry.is_assured ? Timeout::udp_stream : Timeout::udp;
    case ip_protocol::icmp:
      return Timeout::icmp;
    case ip_protocol::icmpv6:
      return Timeout::icmpv6;
    case ip_protocol::gre:
      return entry.is_assured ? Timeout::gre_stream : Timeout::gre;
    case ip_protocol::dccp:
    case ip_protocol::sctp:
      return std::nullopt;
    default:
      return Timeout::generic;
  }
}

EntryTimeouts::EntryTimeouts(const Timeouts& timeouts) {
  for (const LoweringRow& row : lowering_rows()) {
    const std::uint64_t seconds = of(timeouts, row.timeout).value;
    if (seconds > row.seconds) {
      silent_below_[static_cast<std::size_t>(row.timeout)] = seconds - row.seconds;
    }
  }
}

void EntryTimeouts::add(const ConntrackEntry& entry) {
  const auto timeout = timeout_of(entry);
  if (!timeout) return;
  const auto at = static_cast<std::size_t>(*timeout);
  ++counts_.entries[at];
  if (!entry.seconds_left || *entry.seconds_left >= silent_below_[at]) return;
  // Data that nobody has acknowledged puts ESTABLISHED under five minutes
  // (tcp_timeout_unacknowledged, tcp_timeout_max_retrans), however short it has been silent.
  constexpr std::uint32_t unacknowledged = 300;
  if (*timeout == Timeout::tcp_established && *entry.seconds_left <= unacknowledged) return;
  ++counts_.silent[at];
}

}  // namespace untrack
