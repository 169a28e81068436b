#include "analysis/local/proposal.hpp"

#include <array>
#include <initializer_list>
#include <string>

namespace untrack {
namespace {

constexpr Number v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return (Number{a} << 24U) | (Number{b} << 16U) | (Number{c} << 8U) | d;
}
constexpr Number v6(unsigned net, unsigned host) {
  return (Number{0x20010db8U} << 96U) | (Number{net} << 64U) | host;
}

Number pick(const Ranges& side, std::initializer_list<Number> usual) {
  for (const Number value : usual) {
    if (side.has(value)) return value;
  }
  const Interval& range = side.all().front();
  // Rather a host than the address of a network.
  return range.last - range.first > 1 ? range.first + 1 : range.first;
}

std::optional<NameDomain::Atom> pick_name(const Ranges& atoms, const NameDomain& names) {
  const NameDomain::Atom lo = names.loopback();
  std::optional<NameDomain::Atom> found;
  for (const Interval& range : atoms.all()) {
    for (Number i = range.first; i <= range.last; ++i) {
      const auto atom = static_cast<NameDomain::Atom>(i);
      if (atom == NameDomain::absent()) continue;
      // The second one is every name that no rule knows.
      if (atom > 1 && atom != lo) return atom;
      if (!found || atom != lo) found = atom;
    }
  }
  return found;
}

// "" where the way has no such interface; nullopt: it cannot be as it is asked for.
std::optional<std::string> interface_in(const Ranges* side, const NameDomain& names, bool has_one,
                                        const char* usual) {
  if (side == nullptr) return has_one ? std::string(usual) : std::string();
  if (!has_one) {
    if (!side->has(NameDomain::absent())) return std::nullopt;
    return std::string();
  }
  const auto atom = pick_name(*side, names);
  if (!atom) return std::nullopt;
  return names.example(*atom);
}

// tcp_valid_flags, nf_conntrack_proto_tcp.c, 6.1.
bool is_sent(Number flags) {
  using namespace tcp_flag;
  switch (static_cast<unsigned>(flags) & ~unsigned{psh | ece | cwr}) {
    case syn:
    case syn | urg:
    case syn | ack:
    case rst:
    case rst | ack:
    case fin | ack:
    case fin | ack | urg:
    case ack:
    case ack | urg:
      return true;
    default:
      return false;
  }
}

std::optional<CtState> state_in(const Ranges* side, bool is_invalid) {
  const auto can_be = [&](CtState state) {
    return side == nullptr || side->has(static_cast<Number>(state));
  };
  if (is_invalid && can_be(CtState::invalid)) return CtState::invalid;
  for (const CtState state :
       {CtState::new_, CtState::established, CtState::related, CtState::invalid}) {
    if (can_be(state)) return state;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Packet> packet_in(const RangeBox& box, const NameDomain& names, IpVersion version,
                                Path path, Hints outer, Hints inner) {
  std::array<const Ranges*, field_count> sides{};
  for (const FieldSide& side : box.sides()) {
    if (side.values.empty()) return std::nullopt;
    sides[static_cast<std::size_t>(side.field)] = &side.values;
  }
  const auto side_of = [&](Field field) { return sides[static_cast<std::size_t>(field)]; };
  Packet packet;
  packet.version = version;
  packet.path = path;
  const auto in = interface_in(side_of(Field::in_interface), names, path != Path::out, "eth0");
  const auto out = interface_in(side_of(Field::out_interface), names, path != Path::in, "eth1");
  if (!in || !out) return std::nullopt;
  packet.in_interface = *in;
  packet.out_interface = *out;
  for (const FieldSide& side : box.sides()) {
    packet[side.field] = pick(side.values, {0});
  }
  const bool is_v4 = version == IpVersion::ipv4;
  // Without a side, the first of the usual.
  const auto set = [&](Field field, std::initializer_list<Number> usual) {
    const Ranges* side = side_of(field);
    packet[field] = side == nullptr ? *usual.begin() : pick(*side, usual);
  };
  set(Field::source_address, {is_v4 ? v4(203, 0, 113, 5) : v6(1, 5)});
  set(Field::destination_address, {is_v4 ? v4(192, 0, 2, 10) : v6(3, 0x10)});
  set(Field::protocol, {ip_protocol::tcp, ip_protocol::udp, 47});
  set(Field::ttl, {64});
  set(Field::length, {60});
  const bool is_here = in == "lo" || out == "lo";
  set(Field::source_type,
      {path == Path::out || is_here ? address_type::local : address_type::unicast});
  set(Field::destination_type,
      {path == Path::in || is_here ? address_type::local : address_type::unicast});
  for (const Hints hints : {outer, inner}) {
    for (const auto& [field, value] : hints) {
      if (side_of(field) == nullptr || side_of(field)->has(value)) packet[field] = value;
    }
  }
  const Number protocol = packet[Field::protocol];
  if (has_ports(protocol)) {
    set(Field::source_port, {40000, 50000, 2000});
    set(Field::destination_port, {443, 80, 22, 53, 8080});
  } else {
    packet[Field::source_port] = 0;
    packet[Field::destination_port] = 0;
  }
  constexpr Number echo_v4 = Number{8} * 256;
  constexpr Number echo_v6 = Number{128} * 256;
  packet[Field::icmp_type_code] = 0;
  if (protocol == icmp_of(version)) set(Field::icmp_type_code, {is_v4 ? echo_v4 : echo_v6});
  const Ranges* states = side_of(Field::ct_state);
  packet[Field::tcp_flags] = 0;
  if (protocol == ip_protocol::tcp) {
    using namespace tcp_flag;
    const bool begins = state_in(states, false) == CtState::new_;
    if (begins) {
      set(Field::tcp_flags, {syn, ack, syn | ack, rst, rst | ack, fin | ack});
    } else {
      set(Field::tcp_flags, {ack, syn | ack, rst, rst | ack, fin | ack, syn});
    }
  }
  const bool is_invalid = protocol == ip_protocol::tcp && packet[Field::later_fragment] == 0 &&
                          !is_sent(packet[Field::tcp_flags]);
  const auto state = state_in(states, is_invalid);
  if (!state) return std::nullopt;
  packet.state = *state;
  // The places of what is no number of the packet.
  packet[Field::in_interface] = 0;
  packet[Field::out_interface] = 0;
  packet[Field::ct_state] = 0;
  return packet;
}

}  // namespace untrack
