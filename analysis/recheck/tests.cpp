#include "analysis/recheck/tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "analysis/program/entry_tests.hpp"
#include "analysis/recheck/cells.hpp"
#include "model/overloaded.hpp"

namespace untrack::boxwise {
namespace {

constexpr Number esp = 50;
constexpr Number ah = 51;
constexpr Number mobility = 135;

Condition of_protocols(std::initializer_list<Number> numbers) {
  Condition condition;
  condition.field = Field::protocol;
  for (const Number number : numbers) condition.values.push_back({number, number});
  return condition;
}

// Adds what is asked of one more field to every list.
void add(std::vector<Condition>& list, const std::vector<Condition>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

Question of_field(const FieldTest& test, const Ruleset& ruleset, IpVersion version) {
  Condition condition;
  condition.field = test.field;
  condition.outside = test.negated;
  condition.bits = test.mask;
  const auto values = slice(ruleset.intervals, test.values);
  condition.values.assign(values.begin(), values.end());
  const std::vector<Condition> present = has(test.field, version);
  const auto with = [&](Field field) {
    Condition one = condition;
    one.field = field;
    std::vector<Condition> list = present;
    list.push_back(std::move(one));
    return list;
  };
  if (test.field != Field::either_port) return {{with(test.field)}, false};
  std::vector<Condition> source = with(Field::source_port);
  const std::vector<Condition> destination = with(Field::destination_port);
  if (!test.negated) return {{std::move(source), destination}, false};
  add(source, destination);
  return {{std::move(source)}, false};
}

Question of_name(const NameTest& test, const Ruleset& ruleset, const Place& place) {
  const auto patterns = slice(ruleset.names, test.names);
  if (test.field == Field::out_interface && !place.sees_out_interface) {
    const bool fits_nothing = std::ranges::any_of(
        patterns, [](const NamePattern& pattern) { return fits(pattern, std::string_view()); });
    return always(fits_nothing != test.negated);
  }
  Condition condition;
  condition.on = Condition::On::name;
  condition.field = test.field;
  condition.outside = test.negated;
  condition.names.assign(patterns.begin(), patterns.end());
  return that(std::move(condition));
}

// What one part of the key of an element asks; nothing: it never holds.
std::optional<std::vector<Condition>> key_asks(const NamedSet& set, Field field,
                                               const Interval& key, IpVersion version,
                                               const Place& place) {
  using List = std::vector<Condition>;
  switch (field) {
    case Field::in_interface:
    case Field::out_interface: {
      const NamePattern pattern = interface_in(set, key);
      if (field == Field::out_interface && !place.sees_out_interface) {
        // Here the packet has none, which only an empty beginning fits.
        if (pattern.is_prefix && pattern.text.empty()) return List{};
        return std::nullopt;
      }
      if (!pattern.is_prefix && pattern.text.empty()) return std::nullopt;
      Condition condition;
      condition.on = Condition::On::name;
      condition.field = field;
      condition.names = {pattern};
      return List{condition};
    }
    case Field::family: {
      const Number family = nf_proto(version);
      if (key.first <= family && family <= key.last) return List{};
      return std::nullopt;
    }
    case Field::ct_state: {
      const auto state = static_cast<Number>(place.state);
      if (key.first <= state && state <= key.last) return List{};
      return std::nullopt;
    }
    default:
      break;
  }
  const bool is_port = field == Field::source_port || field == Field::destination_port;
  if (set.kind != SetKind::ipset || !is_port) {
    List list;
    if (set.kind != SetKind::ipset) list = has(field, version);
    list.push_back(in_range(field, key));
    return list;
  }
  // ipset: ip_set_getport.c and ip_set_bitmap_port.c, 6.1.
  if (set.type == "bitmap:port") {
    List list = {of_protocols({ip_protocol::tcp, ip_protocol::udp}),
                 equals(Field::later_fragment, 0), in_range(field, key)};
    return list;
  }
  const Number protocol = key.first >> 16U;
  if (protocol != key.last >> 16U) throw NotFollowed("a set with a range of protocols");
  if (protocol == 0) return std::nullopt;
  const Interval low{key.first & 0xffffU, key.last & 0xffffU};
  List list = {of_protocols({protocol})};
  if (protocol == icmp_of(version)) {
    list.push_back(equals(Field::later_fragment, 0));
    list.push_back(in_range(Field::icmp_type_code, low));
  } else if (has_ports(protocol) && protocol != ip_protocol::dccp) {
    list.push_back(equals(Field::later_fragment, 0));
    list.push_back(in_range(field, low));
  } else if (low.first != 0) {
    return std::nullopt;
  }
  return list;
}

Question of_set(const Program& program, const SetTest& test, const Place& place) {
  const Ruleset& ruleset = program.ruleset();
  const NamedSet& set = ruleset[test.set];
  const IpVersion version = program.version();
  const bool is_ipset = set.kind == SetKind::ipset;
  if (is_ipset) {
    const bool has_addresses = std::ranges::any_of(
        set.fields, [](std::string_view field) { return field == "ip" || field == "net"; });
    if (has_addresses && !ip_versions(set.family).has(version)) return always(test.negated);
  }
  Question question;
  question.opposite = test.negated;
  const bool is_single =
      test.field_count == 1 && set.fields.size() == 1 &&
      (test.fields[0] == Field::source_address || test.fields[0] == Field::destination_address);
  if (is_single && set.element_count() > 0) {
    Condition condition;
    condition.field = test.fields[0];
    condition.values = set.keys;
    question.any_of.push_back({std::move(condition)});
  } else {
    for (std::size_t i = 0; i < set.element_count(); ++i) {
      Question one = element_of(program, test, i, place);
      for (auto& list : one.any_of) question.any_of.push_back(std::move(list));
    }
  }
  if (!is_ipset && test.negated) {
    // A packet that lacks a field of the key matches no look into a set of nft, negated or not.
    for (std::size_t k = 0; k < test.field_count; ++k) {
      for (Condition& lacking : has(test.fields[k], version)) {
        lacking.outside = !lacking.outside;
        question.any_of.push_back({std::move(lacking)});
      }
    }
  }
  return question;
}

// Whether its flow is translated is what no packet tells.
Question of_status(const Program& program, const StateTest& test, const Place& place) {
  Question question = always(test.states.has(place.state));
  question.opposite = test.negated;
  for (const CtState status : {CtState::snat, CtState::dnat}) {
    if (!test.states.has(status)) continue;
    Condition condition;
    condition.on = Condition::On::free;
    condition.free = program.status_variable(status);
    question.any_of.push_back({std::move(condition)});
  }
  return question;
}

}  // namespace

Question always(bool answer) {
  Question question;
  if (answer) question.any_of.emplace_back();
  return question;
}

Condition in_range(Field field, Interval values) {
  Condition condition;
  condition.field = field;
  condition.values = {values};
  return condition;
}

Condition equals(Field field, Number value) { return in_range(field, {value, value}); }

Question that(Condition condition) { return {{{std::move(condition)}}, false}; }

std::vector<Condition> has(Field field, IpVersion version) {
  using namespace ip_protocol;
  const Condition is_first = equals(Field::later_fragment, 0);
  switch (field) {
    case Field::source_port:
    case Field::destination_port:
    case Field::either_port:
      return {of_protocols({tcp, udp, dccp, sctp, udplite}), is_first};
    case Field::tcp_flags:
      return {of_protocols({tcp}), is_first};
    case Field::icmp_type_code:
      return {of_protocols({icmp_of(version)}), is_first};
    case Field::dccp_type:
      return {of_protocols({dccp}), is_first};
    case Field::ah_spi:
      return {of_protocols({ah}), is_first};
    case Field::esp_spi:
      return {of_protocols({esp}), is_first};
    case Field::mh_type:
      return {of_protocols({mobility}), is_first};
    case Field::source_mac: {
      Condition from_others;
      from_others.on = Condition::On::name;
      from_others.field = Field::in_interface;
      from_others.outside = true;
      from_others.names = {{"", false}, {"lo", false}};
      // 0 stands for packets without a header of Ethernet.
      return {in_range(Field::source_mac, {Number{1}, (Number{1} << 48U) - 1}), from_others};
    }
    case Field::tcp_option:
    case Field::sctp_chunks:
      throw NotFollowed(fmt::format("a test of {}", to_text(field)));
    // What every packet has; a field that is new has to be put into one of these lists.
    case Field::in_interface:
    case Field::out_interface:
    case Field::source_address:
    case Field::destination_address:
    case Field::protocol:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::length:
    case Field::ttl:
    case Field::dscp:
    case Field::ecn:
    case Field::source_type:
    case Field::destination_type:
    case Field::family:
      return {};
  }
  throw NotFollowed("a field that is not known here");
}

Question question_of(const Program& program, std::uint32_t part, const Place& place) {
  const Ruleset& ruleset = program.ruleset();
  const Match& match = std::get<Match>(ruleset.parts[part].what);
  if (program.kind(part) == PartKind::free_test) {
    const auto without = without_entry(ruleset, ruleset.parts[part]);
    const bool has_none = place.state == CtState::invalid || place.state == CtState::untracked;
    if (without && place.has_met_conntrack && has_none) return always(*without);
    Condition condition;
    condition.on = Condition::On::free;
    condition.free = program.variable(part);
    Question question = that(std::move(condition));
    question.opposite = std::visit([](const auto& test) { return test.negated; }, match);
    return question;
  }
  if (program.kind(part) == PartKind::status_test) {
    return of_status(program, std::get<StateTest>(match), place);
  }
  return std::visit(
      Overloaded{
          [&](const FieldTest& test) { return of_field(test, ruleset, program.version()); },
          [&](const NameTest& test) { return of_name(test, ruleset, place); },
          [&](const StateTest& test) {
            return always(test.states.has(place.state) != test.negated);
          },
          [&](const SetTest& test) { return of_set(program, test, place); },
          [&](const FamilyTest& test) { return always(test.ip_versions.has(program.version())); },
          [](const OpaqueTest&) { return always(true); },
      },
      match);
}

Question element_of(const Program& program, const SetTest& key, std::size_t element,
                    const Place& place) {
  const NamedSet& set = program.ruleset()[key.set];
  std::vector<Condition> list;
  for (std::size_t k = 0; k < key.field_count && k < set.fields.size(); ++k) {
    const auto asked = key_asks(set, key.fields[k], set.keys[element * set.fields.size() + k],
                                program.version(), place);
    if (!asked) return always(false);
    add(list, *asked);
  }
  return {{std::move(list)}, false};
}

Question has_key(const Program& program, const SetTest& key) {
  std::vector<Condition> list;
  for (std::size_t k = 0; k < key.field_count; ++k) {
    add(list, has(key.fields[k], program.version()));
  }
  return {{std::move(list)}, false};
}

}  // namespace untrack::boxwise
