#include "analysis/recheck/example.hpp"

#include <vector>

namespace untrack::boxwise {
namespace {

void make_usual(Packet& packet) {
  const bool is_ipv4 = packet.version == IpVersion::ipv4;
  const Number documentation = Number{0x20010db8} << 96U;  // 2001:db8::/32
  if (packet.path != Path::out) packet.in_interface = "eth0";
  if (packet.path != Path::in) packet.out_interface = "eth1";
  packet[Field::source_address] = is_ipv4 ? Number{0xc0000201} : documentation + 1;
  packet[Field::destination_address] = is_ipv4 ? Number{0xc6336402} : documentation + 2;
  packet[Field::source_port] = 40000;
  packet[Field::destination_port] = 443;
  packet[Field::tcp_flags] = tcp_flag::syn;
  packet[Field::protocol] = ip_protocol::tcp;
  packet[Field::ttl] = 64;
  packet[Field::length] = 60;
  packet[Field::source_type] =
      packet.path == Path::out ? address_type::local : address_type::unicast;
  packet[Field::destination_type] =
      packet.path == Path::in ? address_type::local : address_type::unicast;
}

}  // namespace

Packet usual_packet_of(const Space& space, const Box& box, Path path) {
  const Shape& shape = space.shape();
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < shape.dimensions(); ++i) {
    std::size_t cell = 0;
    while (!has_cell(shape.of(box, i), cell)) ++cell;
    chosen.push_back(cell);
  }
  Packet packet = space.example(chosen, path).packet;
  Packet usual = packet;
  make_usual(usual);
  Box point;
  try {
    point = space.point_of(usual, {});
  } catch (const NotFollowed&) {
    return packet;  // its interfaces are of no kind that the rules tell apart
  }
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (!within(shape.of(point, i), shape.of(box, i))) continue;
    if (field == Field::in_interface) {
      packet.in_interface = usual.in_interface;
    } else if (field == Field::out_interface) {
      packet.out_interface = usual.out_interface;
    } else {
      packet[field] = usual[field];
    }
  }
  return packet;
}

}  // namespace untrack::boxwise
