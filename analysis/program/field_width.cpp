#include "analysis/program/program.hpp"

namespace untrack {

unsigned width_of(Field field, IpVersion version) {
  switch (field) {
    case Field::source_address:
    case Field::destination_address:
      return version == IpVersion::ipv4 ? 32 : 128;
    case Field::protocol:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::packet_type:
    case Field::ttl:
    case Field::source_type:
    case Field::destination_type:
    case Field::dccp_type:
    case Field::mh_type:
    case Field::family:
      return 8;
    case Field::source_port:
    case Field::destination_port:
    case Field::either_port:
    case Field::icmp_type_code:
    case Field::length:
      return 16;
    case Field::dscp:
      return 6;
    case Field::ecn:
      return 2;
    case Field::later_fragment:
      return 1;
    case Field::mark:
    case Field::sctp_chunks:
    case Field::ah_spi:
    case Field::esp_spi:
      return 32;
    case Field::source_mac:
      return 48;
    case Field::in_interface:
    case Field::out_interface:
    case Field::ct_state:
      return 0;
  }
  return 0;
}

}  // namespace untrack
