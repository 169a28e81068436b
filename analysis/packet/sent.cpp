#include "analysis/packet/sent.hpp"

#include <algorithm>

namespace untrack {
namespace {

// ip_route_input_slow and ip_handle_martian_source (route.c, 6.1); 240.0.0.0/4 is reserved
// (rfc1112), and no host has such an address.
constexpr Interval zero_v4{0, 0x00ffffff};
constexpr Interval loopback_v4{0x7f000000, 0x7fffffff};
constexpr Interval group_v4{0xe0000000, 0xefffffff};
constexpr Interval reserved_v4{0xf0000000, 0xfffffffe};
constexpr Number broadcast_v4 = 0xffffffff;

constexpr Interval sources_v4[] = {zero_v4, loopback_v4, {group_v4.first, broadcast_v4}};
constexpr Interval sources_over_lo_v4[] = {zero_v4, {group_v4.first, broadcast_v4}};
constexpr Interval destinations_v4[] = {zero_v4, loopback_v4, reserved_v4};
constexpr Interval destinations_over_lo_v4[] = {zero_v4, reserved_v4};
constexpr Interval groups_v4[] = {group_v4, {broadcast_v4, broadcast_v4}};

// The unspecified address, ::1, multicast: rfc4291, section 2.5.
constexpr Interval none_v6{0, 0};
constexpr Interval none_and_loopback_v6{0, 1};
constexpr Interval group_v6{Number{0xff} << 120U, ~Number{0}};

constexpr Interval sources_v6[] = {none_and_loopback_v6, group_v6};
constexpr Interval sources_over_lo_v6[] = {none_v6, group_v6};
constexpr Interval destinations_v6[] = {none_and_loopback_v6};
constexpr Interval destinations_over_lo_v6[] = {none_v6};
constexpr Interval groups_v6[] = {group_v6};

bool is_in(std::span<const Interval> ranges, Number value) {
  return std::ranges::any_of(
      ranges, [&](const Interval& range) { return value >= range.first && value <= range.last; });
}

}  // namespace

std::span<const Interval> never_sources(IpVersion version, bool is_over_loopback) {
  if (version == IpVersion::ipv4) {
    return is_over_loopback ? std::span<const Interval>(sources_over_lo_v4) : sources_v4;
  }
  return is_over_loopback ? std::span<const Interval>(sources_over_lo_v6) : sources_v6;
}

std::span<const Interval> never_destinations(IpVersion version, bool is_over_loopback) {
  if (version == IpVersion::ipv4) {
    return is_over_loopback ? std::span<const Interval>(destinations_over_lo_v4) : destinations_v4;
  }
  return is_over_loopback ? std::span<const Interval>(destinations_over_lo_v6) : destinations_v6;
}

std::span<const Interval> groups(IpVersion version) {
  return version == IpVersion::ipv4 ? std::span<const Interval>(groups_v4) : groups_v6;
}

bool is_over_loopback(const Packet& packet) {
  return packet.in_interface == "lo" || packet.out_interface == "lo";
}

std::string_view why_not_sent(const Packet& packet) {
  const bool over_lo = is_over_loopback(packet);
  const Number source = packet[Field::source_address];
  const Number destination = packet[Field::destination_address];
  // Who has no address yet asks for one all the same: rfc2131, rfc4862.
  const bool has_none_yet = source == 0 && (packet.version == IpVersion::ipv4
                                                ? destination == broadcast_v4
                                                : packet[Field::protocol] == ip_protocol::icmpv6);
  if (!has_none_yet && is_in(never_sources(packet.version, over_lo), source)) {
    return "no host sends from this source address";
  }
  if (is_in(never_destinations(packet.version, over_lo), destination)) {
    return "no host sends to this destination address";
  }
  if (!over_lo && source == destination) return "no host sends from the address that it sends to";
  if (!over_lo && packet.path != Path::out && packet[Field::source_type] == address_type::local) {
    return "no other host sends from an address of this one";
  }
  return {};
}

}  // namespace untrack
