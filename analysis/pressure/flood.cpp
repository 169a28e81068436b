#include "analysis/pressure/flood.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace untrack {
namespace {

constexpr std::array<FloodRow, 4> flood_table{{
    {"syn_answered", "SYN flood, the host answers", Timeout::tcp_syn_recv, false,
     "SYN_RECV once the SYN-ACK is out; not ASSURED before the handshake's ACK"},
    {"syn_unanswered", "SYN flood or scan, no answer", Timeout::tcp_syn_sent, false,
     "SYN_SENT; a RST in answer would end the entry at once, a dropped SYN never makes one"},
    {"udp", "UDP flood or scan", Timeout::udp, false,
     "unreplied; an ICMP error in answer does not end the entry"},
    {"connections", "full connections, left open", Timeout::tcp_established, true,
     "ESTABLISHED and ASSURED: neither early_drop nor the collector evicts them"},
}};

constexpr std::array<EvictionRow, 3> evictions{{
    {{0, 0, 0},
     1,
     "the packet's own bucket",
     "2.6.18, net/ipv4/netfilter/ip_conntrack_core.c, early_drop"},
    {{2, 6, 24},
     0,
     "from the packet's bucket on, until 8 entries were seen",
     "nf_conntrack_core.c, NF_CT_EVICTION_RANGE"},
    {{4, 8, 0},
     8,
     "8 buckets from the packet's own on",
     "nf_conntrack_core.c, early_drop, NF_CT_EVICTION_RANGE"},
}};

constexpr KernelVersion first_collector{4, 9, 0};

}  // namespace

std::span<const FloodRow> flood_rows() { return flood_table; }

double collector_lag(const KernelVersion& kernel) {
  return kernel >= first_collector ? collector_lag_seconds : 0;
}

FloodResult flood(const FloodRow& row, double rate, double occupied, double max,
                  const Timeouts& timeouts, const KernelVersion& kernel) {
  FloodResult result;
  result.row = &row;
  result.rate = rate;
  const double free = std::max(0.0, max - occupied);
  const double life = static_cast<double>(of(timeouts, row.timeout).value);
  result.seconds = free / rate;
  if (result.seconds <= life) {
    result.outcome = FloodOutcome::fills;
  } else if (result.seconds <= life + collector_lag(kernel)) {
    result.outcome = FloodOutcome::may_fill;
  } else {
    result.outcome = FloodOutcome::never;
  }
  result.entries = std::min(free, rate * life);
  return result;
}

std::span<const EvictionRow> eviction_rows() { return evictions; }

const EvictionRow& eviction_row(const KernelVersion& kernel) {
  const EvictionRow* found = &evictions.front();
  for (const EvictionRow& row : evictions) {
    if (row.since <= kernel) found = &row;
  }
  return *found;
}

std::optional<double> share_without_victim(double evictable, double buckets,
                                           const KernelVersion& kernel) {
  const EvictionRow& row = eviction_row(kernel);
  if (row.buckets == 0 || buckets <= 0) return std::nullopt;
  const double searched = std::min<double>(row.buckets, buckets);
  return std::exp(-2 * evictable / buckets * searched);
}

}  // namespace untrack
