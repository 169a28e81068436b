// What hosts send: which addresses no packet on a real interface has. The kernel calls most of them
// martian and drops such packets while it routes them, so that a witness with one of them persuades
// nobody. Read by whoever picks a witness, and by the reports that have nothing better to show.
#pragma once

#include <span>
#include <string_view>

#include "analysis/packet/packet.hpp"

namespace untrack {

// Sorted, disjoint. Over lo the host's own addresses go, 127.0.0.0/8 and ::1 among them.
[[nodiscard]] std::span<const Interval> never_sources(IpVersion version, bool is_over_loopback);
[[nodiscard]] std::span<const Interval> never_destinations(IpVersion version,
                                                           bool is_over_loopback);
// Multicast and broadcast, which no answer comes from.
[[nodiscard]] std::span<const Interval> groups(IpVersion version);

[[nodiscard]] bool is_over_loopback(const Packet& packet);

// Why no host sends the packet, half a sentence; empty: one may.
[[nodiscard]] std::string_view why_not_sent(const Packet& packet);

}  // namespace untrack
