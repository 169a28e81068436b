#include "analysis/packet/field_orders.hpp"

namespace untrack {
namespace {

constexpr Field source_first[] = {
    Field::in_interface,        Field::source_address,   Field::source_mac,
    Field::source_type,         Field::ct_state,         Field::out_interface,
    Field::destination_address, Field::destination_type, Field::protocol,
    Field::destination_port,    Field::source_port,      Field::icmp_type_code,
    Field::tcp_flags,           Field::later_fragment,
};
constexpr Field destination_first[] = {
    Field::destination_address,
    Field::source_address,
    Field::destination_port,
    Field::protocol,
    Field::source_port,
    Field::icmp_type_code,
    Field::tcp_flags,
    Field::later_fragment,
    Field::ct_state,
    Field::in_interface,
    Field::out_interface,
    Field::source_type,
    Field::destination_type,
    Field::source_mac,
};
// Protocol, state, flags and ICMP types in front: whoever begins a flow, goes on it or answers it
// is told by these few, and what lies below each combination is the same again and again.
constexpr Field kind_first[] = {
    Field::protocol,         Field::ct_state,       Field::tcp_flags,
    Field::icmp_type_code,   Field::later_fragment, Field::in_interface,
    Field::out_interface,    Field::source_address, Field::destination_address,
    Field::destination_port, Field::source_port,    Field::source_type,
    Field::destination_type, Field::source_mac,
};
constexpr Field service_first[] = {
    Field::protocol,
    Field::ct_state,
    Field::tcp_flags,
    Field::icmp_type_code,
    Field::later_fragment,
    Field::in_interface,
    Field::out_interface,
    Field::destination_port,
    Field::source_port,
    Field::source_address,
    Field::destination_address,
    Field::source_type,
    Field::destination_type,
    Field::source_mac,
};

}  // namespace

std::span<const Field> fields_of(Order order) {
  switch (order) {
    case Order::source_first:
      return source_first;
    case Order::destination_first:
      return destination_first;
    case Order::kind_first:
      return kind_first;
    case Order::service_first:
      return service_first;
  }
  return {};
}

}  // namespace untrack
