#include "analysis/conntrack/notrack_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/one_port_services.hpp"
#include "model/catalog/protocols.hpp"
#include "model/ip_protocol.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

// A port that clients use: in Linux's ip_local_port_range (32768 to 60999) and IANA's dynamic
// range.
constexpr Number client_port = 50000;
constexpr Number other_port = 50001;

// Nobody answers these packets, or none needs a rule of its own to be met. Of what is IKE behind
// NAT an answer goes to any port.
bool is_one_way(Number protocol, std::optional<Number> port) {
  if (protocol != ip_protocol::udp || !port) return false;
  return std::ranges::any_of(catalog::one_port_services(), [&](const auto& service) {
    return service.answers != catalog::Answers::mostly_on_one && service.first_port <= *port &&
           *port <= service.last_port;
  });
}

// An address of the interval that a host can have; none for multicast and broadcast, which nobody
// answers from.
std::optional<Number> host_of(const Interval& interval, Family family) {
  const Number address = interval.last - interval.first >= 2 ? interval.first + 1 : interval.first;
  if (family == Family::ip) {
    if (address >= 0xe0000000U) return std::nullopt;
  } else if ((address >> 120U) == 0xff) {
    return std::nullopt;
  }
  return address;
}

enum class Answer { no, maybe, yes };

Answer negate(Answer answer, bool negated) {
  if (!negated || answer == Answer::maybe) return answer;
  return answer == Answer::yes ? Answer::no : Answer::yes;
}

Answer ask_values(const Ruleset& ruleset, const FieldTest& test, std::optional<Number> value) {
  if (!value) return Answer::maybe;
  const auto values = slice(ruleset.intervals, test.values);
  const bool holds = std::any_of(values.begin(), values.end(), [&](const Interval& one) {
    return one.first <= *value && *value <= one.last;
  });
  return negate(holds ? Answer::yes : Answer::no, test.negated);
}

Answer ask_field(const Ruleset& ruleset, const FieldTest& test, const KnownPacket& packet) {
  const bool ports = has_ports(packet.protocol);
  switch (test.field) {
    case Field::protocol:
      return ask_values(ruleset, test, packet.protocol);
    case Field::source_address:
      return ask_values(ruleset, test, packet.source_address);
    case Field::destination_address:
      return ask_values(ruleset, test, packet.destination_address);
    case Field::source_port:
      return ports ? ask_values(ruleset, test, packet.source_port) : Answer::no;
    case Field::destination_port:
      return ports ? ask_values(ruleset, test, packet.destination_port) : Answer::no;
    case Field::either_port: {
      if (!ports) return Answer::no;
      FieldTest plain = test;
      plain.negated = false;
      const Answer source = ask_values(ruleset, plain, packet.source_port);
      const Answer destination = ask_values(ruleset, plain, packet.destination_port);
      return negate(std::max(source, destination), test.negated);
    }
    case Field::in_interface:
    case Field::out_interface:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::icmp_type_code:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::length:
    case Field::ttl:
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
      return Answer::maybe;
  }
  return Answer::maybe;
}

Answer ask_name(const Ruleset& ruleset, const NameTest& test, const KnownPacket& packet) {
  Answer answer = Answer::no;
  for (const NamePattern& name : slice(ruleset.names, test.names)) {
    if (packet.interface.empty()) {
      const bool is_lo = !name.is_prefix && name.text == "lo";
      if (!is_lo) answer = Answer::maybe;
    } else if (name.is_prefix ? packet.interface.starts_with(name.text)
                              : packet.interface == name.text) {
      return negate(Answer::yes, test.negated);
    }
  }
  return negate(answer, test.negated);
}

bool may_match(const Ruleset& ruleset, const Rule& rule, const KnownPacket& packet) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr) continue;
    const Answer answer =
        std::visit(Overloaded{
                       [&](const FieldTest& test) { return ask_field(ruleset, test, packet); },
                       [&](const NameTest& test) { return ask_name(ruleset, test, packet); },
                       [](const StateTest&) { return Answer::maybe; },
                       [](const SetTest&) { return Answer::maybe; },
                       [](const FamilyTest&) { return Answer::maybe; },
                       [](const OpaqueTest&) { return Answer::maybe; },
                   },
                   *match);
    if (answer == Answer::no) return false;
  }
  return true;
}

// One end is a single host, the other is open.
bool asks_for_one_host(const Ruleset& ruleset, const Rule& rule) {
  std::size_t ends = 0;
  bool is_host = false;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<FieldTest>(part);
    if (test == nullptr ||
        (test->field != Field::source_address && test->field != Field::destination_address)) {
      continue;
    }
    ++ends;
    const auto values = slice(ruleset.intervals, test->values);
    is_host = !test->negated && std::all_of(values.begin(), values.end(), [](const Interval& one) {
      return one.first == one.last;
    });
  }
  return ends == 1 && is_host;
}

const FieldTest* find_field(const Ruleset& ruleset, const Rule& rule, Field field) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<FieldTest>(part);
    if (test != nullptr && test->field == field) return test;
  }
  return nullptr;
}

// The test of this field, if it asks for single ports, however many.
const FieldTest* single_ports(const Ruleset& ruleset, const Rule& rule, Field field) {
  const FieldTest* test = find_field(ruleset, rule, field);
  if (test == nullptr || test->negated) return nullptr;
  const auto values = slice(ruleset.intervals, test->values);
  const bool are_single = std::all_of(values.begin(), values.end(),
                                      [](const Interval& one) { return one.first == one.last; });
  return are_single ? test : nullptr;
}

// Takes one field of the rule into the packet that it exempts. False: no answer can be built.
bool take_field(const Ruleset& ruleset, const FieldTest& test, Family family, KnownPacket& packet) {
  if (test.values.count == 0) return false;
  const Interval& first = slice(ruleset.intervals, test.values).front();
  switch (test.field) {
    case Field::protocol:
      if (test.negated || test.values.count != 1 || first.first != first.last) return false;
      packet.protocol = first.first;
      return true;
    case Field::source_address:
    case Field::destination_address: {
      if (test.negated) return true;  // stays unknown
      const std::optional<Number> host = host_of(first, family);
      if (!host) return false;
      (test.field == Field::source_address ? packet.source_address : packet.destination_address) =
          host;
      return true;
    }
    case Field::source_port:
      if (test.negated) return false;
      packet.source_port = first.first;
      return true;
    case Field::destination_port:
    case Field::either_port:
      if (test.negated) return false;
      packet.destination_port = first.first;
      return true;
    case Field::source_type:
    case Field::destination_type:
      return true;  // only narrow what is exempt
    case Field::in_interface:
    case Field::out_interface:
    case Field::tcp_flags:
    case Field::tcp_option:
    case Field::icmp_type_code:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::length:
    case Field::ttl:
    case Field::dscp:
    case Field::ecn:
    case Field::sctp_chunks:
    case Field::dccp_type:
    case Field::ah_spi:
    case Field::esp_spi:
    case Field::mh_type:
    case Field::family:
      return false;
  }
  return false;
}

bool take_name(const Ruleset& ruleset, const NameTest& test, KnownPacket& packet) {
  const auto names = slice(ruleset.names, test.names);
  if (test.negated || names.size() != 1 || names.front().is_prefix) return true;  // stays unknown
  packet.interface = names.front().text;
  return true;
}

}  // namespace

std::optional<KnownPacket> answer_to(const Facts& facts, RuleId id) {
  const Ruleset& ruleset = facts.ruleset;
  const Rule& rule = ruleset[id];
  if (!ruleset[rule.chain].base) return std::nullopt;  // jumps add conditions of their own
  const Family family = ruleset.table_of(rule).family;
  KnownPacket packet;
  packet.protocol = ip_protocol::udp;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr) continue;
    const bool is_taken = std::visit(
        Overloaded{
            [&](const FieldTest& test) { return take_field(ruleset, test, family, packet); },
            [&](const NameTest& test) { return take_name(ruleset, test, packet); },
            [](const StateTest&) { return false; },
            [](const SetTest&) { return true; },
            [](const FamilyTest&) { return false; },
            [](const OpaqueTest&) { return false; },
        },
        *match);
    if (!is_taken) return std::nullopt;
  }
  if (is_one_way(packet.protocol, packet.source_port) ||
      is_one_way(packet.protocol, packet.destination_port)) {
    return std::nullopt;
  }
  if (has_ports(packet.protocol)) {
    if (!packet.source_port) packet.source_port = client_port;
    if (!packet.destination_port) packet.destination_port = other_port;
  }
  std::swap(packet.source_address, packet.destination_address);
  std::swap(packet.source_port, packet.destination_port);
  return packet;
}

NotrackRules::NotrackRules(const Facts& facts, IpVersion version) : facts_(facts) {
  const std::vector<RuleId>& rules = facts.notrack_rules_of(version);
  if (rules.empty()) return;
  for (const RuleId id : rules) {
    if (facts.is_reached[id.index()]) add_notrack(id);
  }
  for (std::size_t i = 0; i < facts.ruleset.rules.size(); ++i) {
    const RuleId id(i);
    if (facts.is_reached[i] && facts.ip_versions_of(id).has(version) &&
        facts[facts.ruleset[id].chain].hooks.has(Hook::input) &&
        accepts(facts.ruleset, facts.ruleset[id])) {
      add_service(id);
    }
  }
}

void NotrackRules::add_notrack(RuleId id) {
  const Rule& rule = facts_.ruleset[id];
  for (const Field field : {Field::destination_port, Field::source_port}) {
    const FieldTest* test = single_ports(facts_.ruleset, rule, field);
    if (test == nullptr) continue;
    ByPort& index = field == Field::destination_port ? by_destination_port_ : by_source_port_;
    for (const Interval& port : slice(facts_.ruleset.intervals, test->values)) {
      index[static_cast<std::uint32_t>(port.first)].push_back(id);
    }
    return;
  }
  other_.push_back(id);
}

void NotrackRules::add_service(RuleId id) {
  const Rule& rule = facts_.ruleset[id];
  if (const FieldTest* test = single_ports(facts_.ruleset, rule, Field::destination_port)) {
    for (const Interval& port : slice(facts_.ruleset.intervals, test->values)) {
      services_[static_cast<std::uint32_t>(port.first)].push_back(id);
    }
  } else if (find_field(facts_.ruleset, rule, Field::destination_port) != nullptr) {
    wide_services_.push_back(id);
  }
}

bool NotrackRules::any_matches(const std::vector<RuleId>& rules, const KnownPacket& answer,
                               RuleId exempting, Hook hook) const {
  return std::any_of(rules.begin(), rules.end(), [&](RuleId id) {
    const Rule& rule = facts_.ruleset[id];
    if (!facts_[rule.chain].hooks_before_conntrack.has(hook)) return false;
    // No host talks to itself through this rule: the other end has another address.
    if (id == exempting && asks_for_one_host(facts_.ruleset, rule)) return false;
    return may_match(facts_.ruleset, rule, answer);
  });
}

bool NotrackRules::may_exempt(const KnownPacket& answer, RuleId exempting, Hook hook) const {
  const auto may_in = [&](const ByPort& index, std::optional<Number> port) {
    if (!port) return false;  // a protocol without ports fails every test of a port
    const auto found = index.find(static_cast<std::uint32_t>(*port));
    return found != index.end() && any_matches(found->second, answer, exempting, hook);
  };
  return may_in(by_destination_port_, answer.destination_port) ||
         may_in(by_source_port_, answer.source_port) ||
         any_matches(other_, answer, exempting, hook);
}

std::optional<RuleId> NotrackRules::local_service(Number protocol, Number port) const {
  const auto accepts_it = [&](RuleId id) {
    const Rule& rule = facts_.ruleset[id];
    const FieldTest* wanted = find_field(facts_.ruleset, rule, Field::protocol);
    const FieldTest* ports = find_field(facts_.ruleset, rule, Field::destination_port);
    return wanted != nullptr && ask_values(facts_.ruleset, *wanted, protocol) == Answer::yes &&
           !ports->negated && ask_values(facts_.ruleset, *ports, port) == Answer::yes;
  };
  const auto found = services_.find(static_cast<std::uint32_t>(port));
  if (found != services_.end()) {
    const auto rule = std::find_if(found->second.begin(), found->second.end(), accepts_it);
    if (rule != found->second.end()) return *rule;
  }
  const auto rule = std::find_if(wide_services_.begin(), wide_services_.end(), accepts_it);
  return rule == wide_services_.end() ? std::nullopt : std::optional(*rule);
}

bool asks_for_interface_at_most(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (std::holds_alternative<Match>(part.what) && match_as<NameTest>(part) == nullptr) {
      return false;
    }
  }
  return true;
}

std::string describe(const KnownPacket& packet) {
  const auto number = static_cast<unsigned>(packet.protocol);
  const std::string_view name = catalog::protocol_name(static_cast<std::uint8_t>(number));
  std::string text = name.empty() ? fmt::format("protocol {}", number) : std::string(name);
  if (packet.source_port && packet.destination_port) {
    text += fmt::format(" from port {} to port {}", static_cast<unsigned>(*packet.source_port),
                        static_cast<unsigned>(*packet.destination_port));
  }
  return text;
}

}  // namespace untrack
