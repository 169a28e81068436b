// Layout, from packets to atoms and back: a witness should look like a packet that somebody could
// meet, so of the values that a set leaves open the usual ones are taken.
#include <algorithm>

#include "analysis/packet/layout.hpp"

namespace untrack {
namespace {

constexpr Number v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return (Number{a} << 24U) | (Number{b} << 16U) | (Number{c} << 8U) | d;
}
// 2001:db8::/32 is RFC 3849's, for documentation.
constexpr Number v6(unsigned net, unsigned host) {
  return (Number{0x20010db8U} << 96U) | (Number{net} << 64U) | host;
}

// Documentation addresses first (RFC 5737), then private ones.
constexpr Number sources_v4[] = {v4(203, 0, 113, 5), v4(198, 51, 100, 7), v4(192, 168, 1, 10),
                                 v4(10, 0, 0, 5), v4(172, 16, 0, 5)};
constexpr Number destinations_v4[] = {v4(192, 0, 2, 10), v4(198, 51, 100, 20), v4(192, 168, 1, 20),
                                      v4(10, 0, 0, 20), v4(172, 16, 0, 20)};
constexpr Number sources_v6[] = {v6(1, 5), v6(2, 7)};
constexpr Number destinations_v6[] = {v6(3, 0x10), v6(4, 0x20)};

std::span<const Number> usual_addresses(IpVersion version, bool is_source) {
  if (version == IpVersion::ipv4) {
    return is_source ? std::span<const Number>(sources_v4)
                     : std::span<const Number>(destinations_v4);
  }
  return is_source ? std::span<const Number>(sources_v6) : std::span<const Number>(destinations_v6);
}

std::span<const Number> usual_values(Field field, IpVersion version) {
  static constexpr Number source_ports[] = {40000, 50000, 2000, 80};
  static constexpr Number destination_ports[] = {443, 80, 22, 53, 8080, 40000};
  static constexpr Number protocols[] = {6, 17, 47};
  static constexpr Number ttls[] = {64};
  static constexpr Number lengths[] = {60};
  switch (field) {
    case Field::source_address:
      return usual_addresses(version, true);
    case Field::destination_address:
      return usual_addresses(version, false);
    case Field::source_port:
      return source_ports;
    case Field::destination_port:
      return destination_ports;
    case Field::protocol:
      return protocols;
    case Field::ttl:
      return ttls;
    case Field::length:
      return lengths;
    case Field::in_interface:
    case Field::out_interface:
    case Field::either_port:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::icmp_type_code:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::dscp:
    case Field::ecn:
    case Field::source_type:
    case Field::destination_type:
    case Field::sctp_chunks:
    case Field::dccp_type:
    case Field::ah_spi:
    case Field::esp_spi:
    case Field::mh_type:
      return {};
  }
  return {};
}

constexpr Number unicast = 1;  // RTN_UNICAST, linux/rtnetlink.h
constexpr Number local = 2;    // RTN_LOCAL

Number plain_value(Field field, IpVersion version, const Interval& range) {
  for (const Number usual : usual_values(field, version)) {
    if (usual >= range.first && usual <= range.last) return usual;
  }
  // Not the address of a network, where it can be helped.
  const bool is_address = field == Field::source_address || field == Field::destination_address;
  return is_address && range.last - range.first > 1 ? range.first + 1 : range.first;
}

}  // namespace

std::vector<Layout::Atom> Layout::atoms_of(const Packet& packet,
                                           const std::vector<bool>& free) const {
  std::vector<Atom> atoms(fields_.size());
  std::size_t block = 0;
  for (Level level = 0; level < fields_.size(); ++level) {
    const auto field = fields_[level];
    if (!field && !is_free(level)) {
      const MarkBlocks::Block& bits = marks_.blocks()[block++];
      const auto mark = static_cast<std::uint32_t>(packet[Field::mark]);
      atoms[level] = bits.values.atom_of(MarkBlocks::press(mark, bits.mask));
    } else if (!field) {
      const FreeId id = free_at(level);
      atoms[level] = id < free.size() && free[id] ? 1 : 0;
    } else if (*field == Field::in_interface) {
      atoms[level] = names_.atom_of(packet.in_interface);
    } else if (*field == Field::out_interface) {
      atoms[level] = names_.atom_of(packet.out_interface);
    } else if (*field == Field::ct_state) {
      atoms[level] = atom_of(packet.state);
    } else if (*field == Field::tcp_flags) {
      atoms[level] = flags_.atom_of(static_cast<std::uint8_t>(packet[*field]));
    } else {
      atoms[level] = numbers(*field).atom_of(packet[*field]);
    }
  }
  return atoms;
}

Layout::Example Layout::example(std::span<const Diagram::Constraint> path, Path way) const {
  Example example;
  Packet& packet = example.packet;
  packet.version = version_;
  packet.path = way;
  const Atom any_name = names_.atom_of("eth0");
  Atom in_name = way == Path::out ? NameDomain::absent() : any_name;
  Atom out_name = way == Path::in ? NameDomain::absent() : any_name;
  example.free.assign(free_levels_.size(), false);
  std::vector<bool> is_set(field_count);

  for (const Field field :
       {Field::source_address, Field::destination_address, Field::protocol, Field::source_port,
        Field::destination_port, Field::ttl, Field::length}) {
    const unsigned width = width_of(field, version_);
    const Number last = width >= 128 ? ~Number{0} : (Number{1} << width) - 1;
    packet[field] = plain_value(field, version_, {0, last});
  }
  for (const Diagram::Constraint& fixed : path) {
    const auto field = fields_[fixed.level];
    if (is_free(fixed.level)) {
      example.free[free_at(fixed.level)] = fixed.first == 1;
    } else if (!field) {
      const auto block = static_cast<std::size_t>(std::ranges::find(block_levels_, fixed.level) -
                                                  block_levels_.begin());
      const MarkBlocks::Block& bits = marks_.blocks()[block];
      const auto pressed = static_cast<std::uint32_t>(bits.values.values_of(fixed.first).first);
      packet[Field::mark] |= MarkBlocks::spread(pressed, bits.mask);
    } else if (*field == Field::in_interface || *field == Field::out_interface) {
      // The usual name if it is among those left open, else the first.
      const Atom name = any_name >= fixed.first && any_name <= fixed.last ? any_name : fixed.first;
      (*field == Field::in_interface ? in_name : out_name) = name;
    } else if (*field == Field::ct_state) {
      packet.state = static_cast<CtState>(fixed.first);
    } else if (*field == Field::tcp_flags) {
      packet[*field] = flags_.example(fixed.first);
      is_set[static_cast<std::size_t>(*field)] = true;
    } else {
      const NumberDomain& domain = numbers(*field);
      const Interval range{domain.values_of(fixed.first).first, domain.values_of(fixed.last).last};
      packet[*field] = plain_value(*field, version_, range);
      is_set[static_cast<std::size_t>(*field)] = true;
    }
  }
  packet.in_interface = names_.example(in_name);
  packet.out_interface = names_.example(out_name);
  const auto set_usual = [&](Field field, Number value) {
    if (!is_set[static_cast<std::size_t>(field)]) packet[field] = value;
  };
  const bool is_loopback = packet.in_interface == "lo" || packet.out_interface == "lo";
  set_usual(Field::source_type, way == Path::out || is_loopback ? local : unicast);
  set_usual(Field::destination_type, way == Path::in || is_loopback ? local : unicast);
  const bool is_tcp = packet[Field::protocol] == ip_protocol::tcp;
  if (!is_tcp) packet[Field::tcp_flags] = 0;
  if (is_tcp && !is_set[static_cast<std::size_t>(Field::tcp_flags)]) {
    packet[Field::tcp_flags] =
        packet.state == CtState::new_ ? tcp_flag::syn : Number{tcp_flag::ack};
  }
  if (!has_ports(packet[Field::protocol])) {
    packet[Field::source_port] = 0;
    packet[Field::destination_port] = 0;
  }
  if (packet[Field::protocol] != icmp_of(version_)) packet[Field::icmp_type_code] = 0;
  return example;
}

}  // namespace untrack
