#include "analysis/walk/evaluate.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "analysis/packet/field_protocols.hpp"
#include "analysis/program/program.hpp"

namespace untrack {
namespace {

template <class Intervals>
bool is_in(Number value, const Intervals& values) {
  return std::ranges::any_of(values, [value](const Interval& interval) {
    return interval.first <= value && value <= interval.last;
  });
}

const std::string& interface_of(const Packet& packet, Field field, bool sees_out_interface) {
  static const std::string nothing;
  if (field == Field::in_interface) return packet.in_interface;
  return sees_out_interface ? packet.out_interface : nothing;
}

// What a set takes for the port of a packet (get_port, ip_set_getport.c, 6.1): the type and code of
// ICMP, 0 for a protocol that it knows no ports of (DCCP among them). nullopt: not in any set.
std::optional<Number> set_port(const Packet& packet, Field field, bool is_plain) {
  const Number protocol = packet[Field::protocol];
  const bool is_ported = has_ports(protocol) && protocol != ip_protocol::dccp;
  const bool is_icmp = protocol == icmp_of(packet.version);
  if (protocol == 0) return std::nullopt;
  if (packet[Field::later_fragment] != 0 && (is_ported || is_icmp)) return std::nullopt;
  if (is_plain) {  // bitmap:port
    if (protocol != ip_protocol::tcp && protocol != ip_protocol::udp) return std::nullopt;
    return packet[field];
  }
  const Number base = protocol * 65536;
  if (is_ported) return base + packet[field];
  if (is_icmp) return base + packet[Field::icmp_type_code];
  return base;
}

}  // namespace

bool has_field(const Packet& packet, Field field) {
  if (field == Field::source_mac) {
    return packet[field] != no_mac && packet.path != Path::out && packet.in_interface != "lo";
  }
  const auto protocols = protocols_with(field, packet.version);
  if (protocols.empty()) return true;
  return packet[Field::later_fragment] == 0 &&
         std::ranges::find(protocols, packet[Field::protocol]) != protocols.end();
}

// noct_valid_new, nf_conntrack_proto_icmpv6.c, 6.1.
bool is_never_tracked(const Packet& packet) {
  if (packet.version != IpVersion::ipv6 || !has_field(packet, Field::icmp_type_code)) return false;
  const Number type = packet[Field::icmp_type_code] / 256;
  return (type >= 130 && type <= 136) || type == 143;
}

bool holds(const Ruleset& ruleset, const FieldTest& test, const Packet& packet) {
  if (!has_field(packet, test.field)) return false;
  const IntervalSlice values = slice(ruleset.intervals, test.values);
  // Only fields of up to 32 bits have a mask.
  const bool is_masked = width_of(test.field, packet.version) <= 32;
  const auto is_found = [&](Field field) {
    const Number value = packet[field];
    return is_in(is_masked ? value & test.mask : value, values);
  };
  const bool found = test.field == Field::either_port
                         ? is_found(Field::source_port) || is_found(Field::destination_port)
                         : is_found(test.field);
  return found != test.negated;
}

bool holds(const Ruleset& ruleset, const NameTest& test, const Packet& packet,
           bool sees_out_interface) {
  const std::string& name = interface_of(packet, test.field, sees_out_interface);
  const std::span<const NamePattern> patterns = slice(ruleset.names, test.names);
  const bool found = std::ranges::any_of(patterns, [&](const NamePattern& pattern) {
    return pattern.is_prefix ? name.starts_with(pattern.text) : name == pattern.text;
  });
  return found != test.negated;
}

std::optional<std::size_t> find_element(const Ruleset& ruleset, const SetTest& test,
                                        const Packet& packet, bool sees_out_interface,
                                        CtState state) {
  const NamedSet& set = ruleset[test.set];
  const bool is_ipset = set.kind == SetKind::ipset;
  const bool is_plain = set.type == "bitmap:port";
  const auto key_holds = [&](std::size_t dimension, const Interval& key) {
    const Field field = test.fields[dimension];
    if (field == Field::in_interface || field == Field::out_interface) {
      const std::string& name = interface_of(packet, field, sees_out_interface);
      const NamePattern pattern = interface_in(set, key);
      return pattern.is_prefix ? name.starts_with(pattern.text)
                               : !name.empty() && pattern.text == name;
    }
    std::optional<Number> value = packet[field];
    if (field == Field::family) {
      value = nf_proto(packet.version);
    } else if (field == Field::ct_state) {
      value = static_cast<Number>(state);
    } else if (is_ipset && (field == Field::source_port || field == Field::destination_port)) {
      value = set_port(packet, field, is_plain);
    }
    return value && key.first <= *value && *value <= key.last;
  };
  const auto element_holds = [&](std::size_t element) {
    for (std::size_t i = 0; i < test.field_count; ++i) {
      if (!key_holds(i, set.keys[element * set.fields.size() + i])) return false;
    }
    return true;
  };
  for (std::size_t i = 0; i < set.element_count(); ++i) {
    if (element_holds(i)) return i;
  }
  return std::nullopt;
}

bool holds(const Ruleset& ruleset, const SetTest& test, const Packet& packet,
           bool sees_out_interface, CtState state) {
  const NamedSet& set = ruleset[test.set];
  if (set.kind == SetKind::ipset) {
    const IpVersions versions = ip_versions(set.family);
    const bool has_addresses = std::ranges::any_of(
        set.fields, [](std::string_view field) { return field == "ip" || field == "net"; });
    // A set of the other family holds no packet of this one (ip_set_test, ip_set_core.c, 6.1).
    if (has_addresses && !versions.has(packet.version)) return test.negated;
  } else {
    for (std::size_t i = 0; i < test.field_count; ++i) {
      if (!has_field(packet, test.fields[i])) return false;
    }
  }
  return find_element(ruleset, test, packet, sees_out_interface, state).has_value() != test.negated;
}

}  // namespace untrack
