// table
#include "analysis/pressure/timeouts.hpp"

#include <fmt/format.h>

namespace untrack {
namespace {

constexpr std::string_view tcp_evidence =
    "tcp_timeouts in net/netfilter/nf_conntrack_proto_tcp.c (read in 3.4); measured on 6.18";
constexpr std::string_view udp_evidence =
    "udp_timeouts in net/netfilter/nf_conntrack_proto_udp.c (180 s and 120 s both read); measured "
    "on "
    "6.18";
constexpr std::string_view measured =
    "measured on 6.18; Documentation/networking/nf_conntrack-sysctl.rst";
constexpr std::string_view sctp_evidence =
    "sctp_timeouts in net/netfilter/nf_conntrack_proto_sctp.c (5 days read in 4.x); 210 s measured "
    "on "
    "6.18";

constexpr KernelVersion never{0, 0, 0};

constexpr std::array<TimeoutRow, timeout_count> timeout_table{{
    {Timeout::tcp_syn_sent, "tcp_timeout_syn_sent", 120, never, 0, tcp_evidence},
    {Timeout::tcp_syn_recv, "tcp_timeout_syn_recv", 60, never, 0, tcp_evidence},
    {Timeout::tcp_established, "tcp_timeout_established", 432000, never, 0, tcp_evidence},
    {Timeout::tcp_fin_wait, "tcp_timeout_fin_wait", 120, never, 0, tcp_evidence},
    {Timeout::tcp_close_wait, "tcp_timeout_close_wait", 60, never, 0, tcp_evidence},
    {Timeout::tcp_last_ack, "tcp_timeout_last_ack", 30, never, 0, tcp_evidence},
    {Timeout::tcp_time_wait, "tcp_timeout_time_wait", 120, never, 0, tcp_evidence},
    {Timeout::tcp_close, "tcp_timeout_close", 10, never, 0, tcp_evidence},
    {Timeout::udp, "udp_timeout", 30, never, 0, udp_evidence},
    {Timeout::udp_stream, "udp_timeout_stream", 180, {5, 0, 0}, 120, udp_evidence},
    {Timeout::icmp, "icmp_timeout", 30, never, 0, measured},
    {Timeout::icmpv6, "icmpv6_timeout", 30, never, 0, measured},
    {Timeout::sctp_closed, "sctp_timeout_closed", 10, never, 0, sctp_evidence},
    {Timeout::sctp_established, "sctp_timeout_established", 432000, {6, 2, 0}, 210, sctp_evidence},
    {Timeout::gre, "gre_timeout", 30, never, 0, measured},
    {Timeout::gre_stream, "gre_timeout_stream", 180, never, 0, measured},
    {Timeout::generic, "generic_timeout", 600, never, 0, measured},
}};

}  // namespace

std::span<const TimeoutRow> timeout_rows() { return timeout_table; }

const TimeoutRow& row_of(Timeout timeout) {
  return timeout_table[static_cast<std::size_t>(timeout)];
}

unsigned default_seconds(Timeout timeout, const KernelVersion& kernel) {
  const TimeoutRow& row = row_of(timeout);
  const bool changed = row.changed_in != never && row.changed_in <= kernel;
  return changed ? row.changed_seconds : row.seconds;
}

std::string sysctl_name(std::string_view name, const KernelVersion& kernel) {
  if (kernel < first_nf_conntrack) {
    if (name == "max") return "net.ipv4.ip_conntrack_max";
    return fmt::format("net.ipv4.netfilter.ip_conntrack_{}", name);
  }
  return fmt::format("net.netfilter.nf_conntrack_{}", name);
}

Timeouts default_timeouts(const KernelVersion& kernel) {
  Timeouts timeouts;
  for (const TimeoutRow& row : timeout_table) {
    timeouts[static_cast<std::size_t>(row.timeout)] = {
        default_seconds(row.timeout, kernel),
        {Origin::kernel_default, fmt::format("kernel {}", to_text(kernel))}};
  }
  return timeouts;
}

}  // namespace untrack
