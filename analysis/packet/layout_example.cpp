// Layout, from packets to atoms and back: a witness should look like a packet that somebody could
// meet, so of the values that a set leaves open the usual ones are taken.
#include <algorithm>

#include "analysis/packet/layout.hpp"
#include "analysis/packet/sent.hpp"

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

constexpr Number own_v4[] = {v4(127, 0, 0, 1)};
constexpr Number own_v6[] = {1};

std::span<const Number> usual_addresses(IpVersion version, bool is_source, bool is_over_lo) {
  if (is_over_lo) {
    return version == IpVersion::ipv4 ? std::span<const Number>(own_v4) : std::span(own_v6);
  }
  if (version == IpVersion::ipv4) {
    return is_source ? std::span<const Number>(sources_v4)
                     : std::span<const Number>(destinations_v4);
  }
  return is_source ? std::span<const Number>(sources_v6) : std::span<const Number>(destinations_v6);
}

std::span<const Number> usual_values(Field field) {
  static constexpr Number source_ports[] = {40000, 50000, 2000, 80};
  static constexpr Number destination_ports[] = {443, 80, 22, 53, 8080, 40000};
  static constexpr Number protocols[] = {6, 17, 47};
  static constexpr Number ttls[] = {64};
  static constexpr Number lengths[] = {60};
  switch (field) {
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
    case Field::source_address:
    case Field::destination_address:
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
    case Field::family:
      return {};
  }
  return {};
}

bool is_within(const Interval& range, Number value) {
  return value >= range.first && value <= range.last;
}

Number first_of(std::span<const Number> usual, const Interval& range) {
  for (const Number value : usual) {
    if (is_within(range, value)) return value;
  }
  return range.first;
}

// The first value of the range that lies in none of the others, which are sorted.
std::optional<Number> first_outside(Interval range, std::span<const Interval> never) {
  for (const Interval& out : never) {
    if (!is_within(out, range.first)) continue;
    if (out.last >= range.last) return std::nullopt;
    range.first = out.last + 1;
  }
  return range.first;
}

// An interface that the rules name, and not `other`, or else a usual one.
NameDomain::Atom pick_name(const NameDomain& names,
                           std::pair<NameDomain::Atom, NameDomain::Atom> range,
                           NameDomain::Atom other) {
  const NameDomain::Atom usual = names.atom_of("eth0");
  const auto is_open = [&](NameDomain::Atom atom) {
    return atom >= range.first && atom <= range.second && atom != NameDomain::absent();
  };
  const auto is_named = [&](NameDomain::Atom atom) {
    return names.text(atom) == names.example(atom) && atom != names.loopback();
  };
  if (is_open(usual) && usual != other && is_named(usual)) return usual;
  std::optional<NameDomain::Atom> same;
  for (NameDomain::Atom atom = range.first; atom <= range.second; ++atom) {
    if (!is_open(atom) || !is_named(atom)) continue;
    if (atom != other) return atom;
    same = atom;
  }
  if (is_open(usual)) return usual;
  return same ? *same : range.first;
}

// An address that hosts have, if the range holds one, and not `other`.
Number pick_address(const Interval& range, std::span<const Number> usual,
                    std::span<const Interval> never, IpVersion version,
                    std::optional<Number> other) {
  std::vector<Interval> avoided(never.begin(), never.end());
  const auto avoid = [&](const Interval& more) {
    avoided.push_back(more);
    std::ranges::sort(avoided, {}, &Interval::first);
  };
  if (other) avoid({*other, *other});
  for (const Number value : usual) {
    if (is_within(range, value) && first_outside({value, value}, avoided)) return value;
  }
  // Not the address of a network, where it can be helped; rather one host than a group.
  Interval hosts = range;
  if (range.last - range.first > 1) ++hosts.first;
  const std::vector<Interval> needed = avoided;
  for (const Interval& group : groups(version)) avoid(group);
  for (const std::vector<Interval>& out : {avoided, needed}) {
    const auto found = first_outside(hosts, out);
    if (!found) continue;
    const Number next = *found + 1;
    const bool has_next = *found != hosts.first && *found < range.last &&
                          first_outside({next, next}, out).has_value();
    return has_next ? next : *found;
  }
  if (const auto found = first_outside(range, needed)) return *found;
  return hosts.first;
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
  std::pair<Atom, Atom> in_names{0, names_.size() - 1};
  std::pair<Atom, Atom> out_names = in_names;
  example.free.assign(free_levels_.size(), false);
  std::vector<bool> is_set(field_count);

  // What is left of each field.
  std::array<Interval, field_count> ranges{};
  for (std::size_t i = 0; i < field_count; ++i) {
    const unsigned width = width_of(static_cast<Field>(i), version_);
    ranges[i] = {0, width >= 128 ? ~Number{0} : (Number{1} << width) - 1};
  }
  const auto range_of = [&](Field field) { return ranges[static_cast<std::size_t>(field)]; };
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
      (*field == Field::in_interface ? in_names : out_names) = {fixed.first, fixed.last};
    } else if (*field == Field::ct_state) {
      packet.state = static_cast<CtState>(fixed.first);
    } else if (*field == Field::tcp_flags) {
      packet[*field] = flags_.example(fixed.first);
      is_set[static_cast<std::size_t>(*field)] = true;
    } else {
      const NumberDomain& domain = numbers(*field);
      ranges[static_cast<std::size_t>(*field)] = {domain.values_of(fixed.first).first,
                                                  domain.values_of(fixed.last).last};
      packet[*field] = domain.values_of(fixed.first).first;
      is_set[static_cast<std::size_t>(*field)] = true;
    }
  }
  const Atom in = way == Path::out ? in_names.first : pick_name(names_, in_names, 0);
  packet.in_interface = names_.example(in);
  const Atom out = way == Path::in ? out_names.first : pick_name(names_, out_names, in);
  packet.out_interface = names_.example(out);
  const bool over_lo = is_over_loopback(packet);
  const auto pick = [&](Field field, std::optional<Number> other) {
    const bool is_source = field == Field::source_address;
    return pick_address(
        range_of(field), usual_addresses(version_, is_source, over_lo),
        is_source ? never_sources(version_, over_lo) : never_destinations(version_, over_lo),
        version_, other);
  };
  Number& source = packet[Field::source_address];
  Number& destination = packet[Field::destination_address];
  source = pick(Field::source_address, std::nullopt);
  destination = pick(Field::destination_address, std::nullopt);
  if (source == destination && !over_lo) {
    destination = pick(Field::destination_address, source);
    if (source == destination) source = pick(Field::source_address, destination);
  }
  for (const Field field : {Field::protocol, Field::source_port, Field::ttl, Field::length}) {
    packet[field] = first_of(usual_values(field), range_of(field));
  }
  // Services answer to the ports of clients.
  constexpr Interval of_clients{1024, 65535};
  const Interval ports = range_of(Field::destination_port);
  Number& port = packet[Field::destination_port];
  port = first_of(usual_values(Field::destination_port), ports);
  if (packet[Field::source_port] < of_clients.first && ports.last >= of_clients.first) {
    port = first_of(usual_values(Field::source_port),
                    {std::max(ports.first, of_clients.first), ports.last});
  }
  const auto set_type = [&](Field field, bool is_local) {
    const Number usual = is_local ? address_type::local : address_type::unicast;
    packet[field] = first_of({&usual, 1}, range_of(field));
  };
  set_type(Field::source_type, way == Path::out || over_lo);
  set_type(Field::destination_type, way == Path::in || over_lo);
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
