// Timeouts: how long the kernel keeps an entry in each state after its last packet, with the
// sysctl's name and the default by version. Used by load, flood and advice.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/pressure/platform.hpp"
#include "analysis/pressure/quantity.hpp"

namespace untrack {

enum class Timeout : std::uint8_t {
  tcp_syn_sent,
  tcp_syn_recv,
  tcp_established,
  tcp_fin_wait,
  tcp_close_wait,
  tcp_last_ack,
  tcp_time_wait,
  tcp_close,
  udp,
  udp_stream,
  icmp,
  icmpv6,
  sctp_closed,
  sctp_established,
  gre,
  gre_stream,
  generic,
};
inline constexpr std::size_t timeout_count = static_cast<std::size_t>(Timeout::generic) + 1;

struct TimeoutRow {
  Timeout timeout;
  std::string_view name;     // of the sysctl behind "nf_conntrack_"
  unsigned seconds;          // default, first kernels
  KernelVersion changed_in;  // 0.0: never changed
  unsigned changed_seconds;  // default from then on
  std::string_view evidence;
};

[[nodiscard]] std::span<const TimeoutRow> timeout_rows();  // in the order of the enumeration
[[nodiscard]] const TimeoutRow& row_of(Timeout timeout);

[[nodiscard]] unsigned default_seconds(Timeout timeout, const KernelVersion& kernel);

// "net.netfilter.nf_conntrack_udp_timeout"; before 2.6.20 "net.ipv4.netfilter.ip_conntrack_...".
[[nodiscard]] std::string sysctl_name(std::string_view name, const KernelVersion& kernel);

// All timeouts of one host, in seconds, each with its origin.
using Timeouts = std::array<Quantity, timeout_count>;
[[nodiscard]] Timeouts default_timeouts(const KernelVersion& kernel);
[[nodiscard]] inline const Quantity& of(const Timeouts& timeouts, Timeout timeout) {
  return timeouts[static_cast<std::size_t>(timeout)];
}

}  // namespace untrack
