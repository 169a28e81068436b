#include "analysis/recheck/traffic.hpp"

#include <algorithm>
#include <utility>

#include "analysis/program/service_ports.hpp"

namespace untrack::boxwise {
namespace {

using namespace tcp_flag;

constexpr std::uint8_t looked_at = fin | syn | rst | ack | urg;
// tcp_valid_flags, nf_conntrack_proto_tcp.c, 6.1.
constexpr std::uint8_t valid_combinations[] = {
    syn, syn | urg, syn | ack, rst, rst | ack, fin | ack, fin | ack | urg, ack, ack | urg};

Condition flags_are(std::uint8_t mask, std::uint8_t value) {
  Condition condition = equals(Field::tcp_flags, value);
  condition.bits = mask;
  return condition;
}

Interval of_type(Number type) { return {type * 256, type * 256 + 255}; }

// Unreachable, time exceeded, parameter problem; in IPv6 packet too big as well.
std::vector<Number> needed_types(IpVersion version) {
  if (version == IpVersion::ipv4) return {3, 11, 12};
  return {1, 2, 3, 4};
}

// icmp_error_message, nf_conntrack_proto_icmp.c, 6.1.
std::vector<Number> related_types(IpVersion version) {
  if (version == IpVersion::ipv4) return {3, 4, 5, 11, 12};
  return {1, 2, 3, 4};
}

// Multicast and broadcast: ip_route_input_slow, ip_mc_validate_source, ip6_rcv_core (6.1).
std::vector<Interval> groups_of(IpVersion version) {
  if (version == IpVersion::ipv6) return {{Number{0xff} << 120U, ~Number{0}}};
  return {{0xe0000000, 0xefffffff}, {0xffffffff, 0xffffffff}};
}

}  // namespace

std::vector<Question> Traffic::questions(const Program& original, const Assumptions& assumptions) {
  const IpVersion version = original.version();
  std::vector<Question> all;
  const auto ask = [&](Condition condition) { all.push_back(that(std::move(condition))); };
  using namespace ip_protocol;
  for (const Number number : {Number{icmp_of(version)}, Number{tcp}, Number{udp}, Number{dccp},
                              Number{sctp}, Number{udplite}, Number{50}, Number{51}, Number{135}}) {
    ask(equals(Field::protocol, number));
  }
  ask(equals(Field::later_fragment, 1));
  for (const Number type : {Number{1}, Number{2}, Number{3}, Number{5}}) {
    ask(equals(Field::source_type, type));
  }
  ask(in_range(Field::source_type, {address_type::local, address_type::multicast}));
  for (const Interval& group : groups_of(version)) ask(in_range(Field::source_address, group));
  for (const std::uint8_t value : valid_combinations) ask(flags_are(looked_at, value));
  ask(flags_are(syn | ack | rst | fin, syn));
  ask(flags_are(syn | ack | rst | fin, ack));
  ask(flags_are(syn | ack, syn | ack));
  ask(flags_are(ack | rst, 0));
  ask(flags_are(rst, rst));
  for (const Number type : related_types(version)) {
    ask(in_range(Field::icmp_type_code, of_type(type)));
  }
  for (const Interval& types : never_tracked_icmpv6) {
    if (version == IpVersion::ipv6) ask(in_range(Field::icmp_type_code, types));
  }
  for (const Interval& ports : {Interval{0, 1023}, Interval{1024, 65535}, Interval{53, 53},
                                assumptions.host_ports, assumptions.other_ports}) {
    ask(in_range(Field::source_port, ports));
  }
  for (const unsigned port : {20U, 67U, 68U, 123U, 137U, 138U, 500U, 4500U, 5353U}) {
    ask(equals(Field::source_port, port));
  }
  for (const Interval& ports :
       service_ports(original.ruleset(), version, assumptions.host_ports).all) {
    ask(in_range(Field::source_port, ports));
    ask(in_range(Field::destination_port, ports));
  }
  if (assumptions.outbound) {
    for (const OutboundFlow& flow : assumptions.outbound->flows) {
      ask(equals(Field::protocol, flow.protocol));
      for (const Interval& ports : flow.from) ask(in_range(Field::source_port, ports));
      for (const Interval& ports : flow.ports) ask(in_range(Field::destination_port, ports));
      for (const Interval& peers : flow.peers(version)) {
        ask(in_range(Field::destination_address, peers));
      }
    }
  }
  return all;
}

BoxList Traffic::of(std::vector<Condition> conditions) const {
  return space_.where({{std::move(conditions)}, false});
}

BoxList Traffic::protocol(Number number) const { return of({equals(Field::protocol, number)}); }

BoxList Traffic::in(Field field, const Interval& values) const {
  return of({in_range(field, values)});
}

BoxList Traffic::with_ports() const { return of(has(Field::source_port, version())); }

BoxList Traffic::flags(std::uint8_t mask, std::uint8_t value) const {
  std::vector<Condition> list = has(Field::tcp_flags, version());
  list.push_back(flags_are(mask, value));
  return of(std::move(list));
}

BoxList Traffic::icmp_types(const std::vector<Number>& types) const {
  std::vector<Condition> list = has(Field::icmp_type_code, version());
  Condition condition;
  condition.field = Field::icmp_type_code;
  for (const Number type : types) condition.values.push_back(of_type(type));
  list.push_back(std::move(condition));
  return of(std::move(list));
}

BoxList Traffic::loopback(Path path) const {
  Condition lo;
  lo.on = Condition::On::name;
  lo.field = path == Path::out ? Field::out_interface : Field::in_interface;
  lo.names = {{"lo", false}};
  return of({lo});
}

BoxList Traffic::later_fragments() const { return of({equals(Field::later_fragment, 1)}); }

BoxList Traffic::initiators(bool midstream, bool all_queries) const {
  BoxList tcp_packets = flags(syn | ack | rst | fin, syn);
  if (midstream) {
    tcp_packets = algebra_.either(std::move(tcp_packets), flags(syn | ack | rst | fin, ack));
  }
  std::vector<Number> requests;
  for (const IcmpQuery& query : icmp_queries(version())) {
    if (all_queries || requests.empty()) requests.push_back(query.request);
  }
  Condition others;
  others.field = Field::protocol;
  others.outside = true;
  for (const Number number : {Number{ip_protocol::tcp}, Number{icmp_of(version())}}) {
    others.values.push_back({number, number});
  }
  const BoxList rest = of({others, equals(Field::later_fragment, 0)});
  return algebra_.either(algebra_.either(std::move(tcp_packets), icmp_types(requests)), rest);
}

// SCTP and DCCP count whole, since their chunks and types are not looked at.
BoxList Traffic::telling_initiators() const {
  Condition others = equals(Field::protocol, ip_protocol::sctp);
  others.values.push_back({ip_protocol::dccp, ip_protocol::dccp});
  return algebra_.either(flags(syn | ack | rst | fin, syn),
                         of({others, equals(Field::later_fragment, 0)}));
}

BoxList Traffic::valid_flags() const {
  BoxList all;
  for (const std::uint8_t value : valid_combinations) {
    all = algebra_.either(std::move(all), flags(looked_at, value));
  }
  return all;
}

BoxList Traffic::continuations() const {
  std::vector<Number> requests;
  for (const IcmpQuery& query : icmp_queries(version())) requests.push_back(query.request);
  const BoxList segments = algebra_.minus(valid_flags(), flags(syn | ack, syn | ack));
  // What is neither TCP nor ICMP: what begins a flow may go on it.
  const BoxList rest =
      algebra_.minus(initiators(false, false),
                     algebra_.either(protocol(ip_protocol::tcp), protocol(icmp_of(version()))));
  return algebra_.either(algebra_.either(segments, icmp_types(requests)), rest);
}

BoxList Traffic::replies() const {
  std::vector<Number> answers;
  for (const IcmpQuery& query : icmp_queries(version())) answers.push_back(query.reply);
  const BoxList segments = algebra_.minus(valid_flags(), flags(ack | rst, 0));
  const BoxList rest =
      algebra_.minus(initiators(false, false),
                     algebra_.either(protocol(ip_protocol::tcp), protocol(icmp_of(version()))));
  return algebra_.either(algebra_.either(segments, icmp_types(answers)), rest);
}

BoxList Traffic::from_groups() const {
  BoxList all;
  for (const Interval& group : groups_of(version())) {
    all = algebra_.either(std::move(all), in(Field::source_address, group));
  }
  return all;
}

BoxList Traffic::needed_errors() const { return icmp_types(needed_types(version())); }
BoxList Traffic::related_errors() const { return icmp_types(related_types(version())); }

BoxList Traffic::can_be_new() const {
  const BoxList odd = algebra_.minus(protocol(ip_protocol::tcp), valid_flags());
  return algebra_.minus(initiators(true, true), odd);
}

BoxList Traffic::can_be_invalid() const {
  const BoxList strict = algebra_.either(protocol(ip_protocol::tcp), protocol(icmp_of(version())));
  const BoxList chunks = algebra_.either(protocol(ip_protocol::sctp), protocol(ip_protocol::dccp));
  return algebra_.either(algebra_.minus(strict, can_be_new()), chunks);
}

BoxList Traffic::routed(Path path) const {
  switch (path) {
    case Path::in:
      return in(Field::destination_type, {address_type::local, address_type::multicast});
    case Path::forward:
      return in(Field::destination_type, {address_type::unicast, address_type::unicast});
    case Path::out:
      break;
  }
  return all();
}

BoxList Traffic::to_one_host() const {
  Condition one = equals(Field::destination_type, address_type::unicast);
  one.values.push_back({address_type::local, address_type::local});
  return of({one});
}

std::vector<bool> Traffic::dimensions(std::initializer_list<Field> fields) const {
  std::vector<bool> marked(space_.shape().dimensions());
  for (const Field field : fields) marked[space_.dimension(field)] = true;
  return marked;
}

void Traffic::add_free(std::vector<bool>& dimensions, bool of_packets_alone) const {
  for (FreeId id = 0; id < space_.free_count(); ++id) {
    if (!of_packets_alone || space_.variables()[id].scope == FreeScope::packet) {
      dimensions[space_.dimension_of_free(id)] = true;
    }
  }
}

std::vector<bool> Traffic::of_packets() const {
  std::vector<bool> marked =
      dimensions({Field::tcp_flags, Field::later_fragment, Field::length, Field::ttl, Field::dscp,
                  Field::ecn, Field::dccp_type, Field::packet_type, Field::mh_type, Field::ah_spi,
                  Field::esp_spi, Field::mark});
  add_free(marked, true);
  return marked;
}

BoxList Traffic::flow_of(const BoxList& packets) const {
  return algebra_.forget(packets, of_packets());
}

BoxList Traffic::without(const BoxList& packets, std::initializer_list<Field> fields) const {
  return algebra_.forget(packets, dimensions(fields));
}

BoxList Traffic::without_rates(const BoxList& packets) const {
  std::vector<bool> marked(space_.shape().dimensions());
  add_free(marked, true);
  return algebra_.forget(packets, marked);
}

BoxList Traffic::turned(BoxList list) const {
  const Shape& shape = space_.shape();
  for (Box& box : list) {
    for (const auto& [one, other] : {std::pair(Field::source_address, Field::destination_address),
                                     std::pair(Field::source_port, Field::destination_port),
                                     std::pair(Field::in_interface, Field::out_interface),
                                     std::pair(Field::source_type, Field::destination_type)}) {
      std::ranges::swap_ranges(shape.of(box, space_.dimension(one)),
                               shape.of(box, space_.dimension(other)));
    }
    const std::size_t icmp = space_.dimension(Field::icmp_type_code);
    Words types = shape.none(icmp);
    for (std::size_t cell = 0; cell < shape.size(icmp); ++cell) {
      if (has_cell(shape.of(box, icmp), cell)) put_cell(types, space_.icmp_mirror()[cell]);
    }
    std::ranges::copy(types, shape.of(box, icmp).begin());
  }
  return list;
}

// What is known of one direction alone is forgotten, and so is where an answer comes from, which
// routing makes of its source.
BoxList Traffic::mirrored(const BoxList& flows) const {
  std::vector<bool> one_sided = dimensions({Field::source_mac});
  add_free(one_sided, false);
  return algebra_.forget(turned(algebra_.forget(flows, one_sided)),
                         dimensions({Field::source_type}));
}

// An error comes from anywhere on the way to the destination, and goes to the source.
BoxList Traffic::errors_to_source(const BoxList& flows) const {
  return errors_to_destination(mirrored(flows));
}

BoxList Traffic::errors_to_destination(const BoxList& flows) const {
  std::vector<bool> gone = of_packets();
  for (const Field field :
       {Field::source_address, Field::source_type, Field::protocol, Field::source_port,
        Field::destination_port, Field::icmp_type_code, Field::source_mac}) {
    gone[space_.dimension(field)] = true;
  }
  add_free(gone, false);
  return algebra_.forget(flows, gone);
}

BoxList Traffic::errors_about(Path path, const std::function<BoxList(Path)>& flows) const {
  BoxList all =
      algebra_.either(errors_to_source(flows(opposite(path))), errors_to_destination(flows(path)));
  if (path != Path::out) return all;
  // A router tells both ends itself what became of what it forwards.
  const BoxList forwarded = flows(Path::forward);
  const BoxList own =
      algebra_.either(errors_to_source(forwarded), errors_to_destination(forwarded));
  return algebra_.either(std::move(all),
                         without(own, {Field::in_interface, Field::destination_type}));
}

}  // namespace untrack::boxwise
