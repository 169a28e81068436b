#include "analysis/conntrack/purpose.hpp"

#include <fmt/format.h>

#include <utility>

#include "analysis/conntrack/over_loopback.hpp"
#include "analysis/conntrack/state_map.hpp"
#include "analysis/wording.hpp"

namespace untrack {
namespace {

std::string_view value_of(const Facts& facts, const Construct& construct, std::string_view option) {
  for (const OptionUse& use : slice(facts.ruleset.options, construct.options)) {
    if (use.row != nullptr && use.row->name == option) return use.value;
  }
  return {};
}

const StateTest* state_test_of(const Facts& facts, ConstructId id) {
  const Rule& rule = facts.ruleset[facts.ruleset[id].rule];
  for (const RulePart& part : slice(facts.ruleset.parts, rule.parts)) {
    if (part.construct == id) {
      if (const auto* test = match_as<StateTest>(part)) return test;
    }
  }
  return nullptr;
}

constexpr CtStates replies = CtStates(CtState::established) | CtState::related;

std::string what_replies(CtStates states, Hooks hooks) {
  std::string what;
  const bool in = hooks.has(Hook::input);
  const bool out = hooks.has(Hook::output);
  const bool through = hooks.has(Hook::forward);
  if (states.has(CtState::established)) {
    if (in && !out && !through) {
      what =
          "it lets in the rest of every connection that may start: answers to what this host "
          "asked, and what follows the first packet to its services";
    } else if (out && !in && !through) {
      what =
          "it lets out the rest of every connection that may start: answers of this host's "
          "services, and what follows the first packet of its own requests";
    } else if (through && !in && !out) {
      what = "it lets the rest of every connection through that may start, in both directions";
    } else {
      what = "it accepts the rest of every connection that may start";
    }
    if (states.has(CtState::related)) {
      what += "; RELATED adds ICMP errors about them and what a helper expects";
    }
  } else {
    what = "it accepts ICMP errors about known connections and what a helper expects";
  }
  return what;
}

// What becomes of the packets in these states.
struct Outcome {
  bool is_accept = false;
  bool is_drop = false;
};

// "TCP that carries ACK or RST, ... and the ICMP errors (...)" in the words of the rule's language.
std::string answers_by_packet(const Facts& facts, RuleId rule) {
  const IpVersions versions = facts.ip_versions_of(rule);
  constexpr std::string_view types_of_ipv4 = "types 3, 11 and 12";
  constexpr std::string_view types_of_ipv6 = "types 1 to 4";
  if (language_of(facts.ruleset, rule) == Language::nft) {
    std::string types;
    if (versions.has(IpVersion::ipv4)) {
      types = "icmp type { destination-unreachable, time-exceeded, parameter-problem }";
    }
    if (versions.has(IpVersion::ipv6)) {
      types += fmt::format(
          "{}icmpv6 type {{ destination-unreachable, packet-too-big, time-exceeded, "
          "parameter-problem }}",
          types.empty() ? "" : ", ");
    }
    return fmt::format(
        "TCP with ACK or RST (tcp flags ack,rst), UDP from the ports that are asked (udp sport {{ "
        "53, 123 }}), and the ICMP errors ({})",
        types);
  }
  return fmt::format(
      "TCP that carries ACK or RST, UDP from the ports that are asked (53, 123 ...), and the ICMP "
      "errors ({})",
      versions == IpVersions(IpVersion::ipv6) ? types_of_ipv6 : types_of_ipv4);
}

Purpose purpose_of_state(const Facts& facts, ConstructId id, const StateTest& test,
                         Outcome outcome) {
  const RuleId rule_id = facts.ruleset[id].rule;
  const Rule& rule = facts.ruleset[rule_id];
  const Wording& wording = wording_of(facts.ruleset, rule_id);
  const Hooks hooks = facts[rule.chain].hooks;
  const CtStates states = test.states;
  const auto [is_accept, is_drop] = outcome;
  Purpose purpose;
  if (is_ahead_of_tracking(facts, rule.chain) && !states.has(CtState::untracked)) {
    purpose.what =
        incoming_interfaces(facts.ruleset, rule).may_be_others
            ? "it asks for a state ahead of the tracker, where each packet is INVALID (UT317)"
            : "it asks ahead of the tracker for the state that a packet got on its way out over lo";
  } else if (test.negated) {
    purpose.what = fmt::format("it picks packets in any state but {}", to_text(states));
  } else if (is_accept && !(states & replies).empty() && !states.has(CtState::new_)) {
    purpose.what = what_replies(states, hooks);
  } else if (is_accept && states.has(CtState::new_) && !(states & replies).empty()) {
    purpose.what = fmt::format(
        "it accepts first and later packets alike ({}); of what the rest of the rule matches, only "
        "packets in other states are left out",
        to_text(states));
  } else if (is_accept && states == CtStates(CtState::new_)) {
    purpose.what =
        "it accepts the first packet of a connection, and leaves the rest to another rule";
  } else if (is_drop && states == CtStates(CtState::invalid)) {
    purpose.what = "it drops packets that fit no connection in the table";
  } else if (states == CtStates(CtState::dnat) || states == CtStates(CtState::snat)) {
    purpose.what =
        fmt::format("it recognises packets of flows that a {} rule translates", to_text(states));
  } else if (states == CtStates(CtState::untracked)) {
    purpose.what =
        fmt::format("it recognises packets that a {} rule has exempted", wording.notrack);
  } else {
    purpose.what = fmt::format("it picks packets in state {}", to_text(states));
  }
  if (states.has(CtState::established) || states.has(CtState::related)) {
    purpose.instead = "to do without: accept answers by what each packet shows: " +
                      answers_by_packet(facts, rule_id);
  } else if (states.has(CtState::new_)) {
    purpose.instead = fmt::format(
        "to do without: for TCP, {} picks the first packet; for other protocols leave the state "
        "out, since without a table there is no first packet",
        wording.first_packet);
  } else if (states.has(CtState::invalid)) {
    purpose.instead = fmt::format(
        "to do without: leave the rule out, or name the TCP flag combinations that no stack sends "
        "({} and the like)",
        wording.odd_flags);
  } else if (states.has(CtState::dnat) || states.has(CtState::snat)) {
    purpose.instead = "it goes when the translation goes";
  } else {
    purpose.instead =
        fmt::format("to do without: match what the {} rule matches (protocol, ports, addresses)",
                    wording.notrack);
  }
  return purpose;
}

// A verdict map by the state: what it accepts stands for it, or, where it accepts nothing, the
// rest.
std::optional<Purpose> purpose_of_map(const Facts& facts, ConstructId id) {
  const auto map = state_map(facts.ruleset, facts.ruleset[facts.ruleset[id].rule]);
  if (!map || map->construct != id) return std::nullopt;
  const bool is_accept = map->accepted() != CtStates{};
  StateTest test;
  test.states = is_accept ? map->accepted() : map->named();
  const bool is_drop = map->dropped() == map->named();
  return purpose_of_state(facts, id, test, {.is_accept = is_accept, .is_drop = is_drop});
}

std::string_view what_translates(const NatStatement* nat) {
  if (nat == nullptr) {
    return "it translates addresses; the translation of each flow is kept in its entry";
  }
  switch (nat->kind) {
    case NatKind::masquerade:
    case NatKind::snat:
      return "it hides source addresses behind another; the way back is kept in the entry alone";
    case NatKind::dnat:
      return "it sends packets to another address or port; the way back is kept in the entry alone";
    case NatKind::redirect:
      return "it sends packets to a port of this host; the way back is kept in the entry alone";
    case NatKind::netmap:
      break;
  }
  return "it maps one network onto another, address by address";
}

// Large rulesets have tens of thousands of these: each text is put together once.
const std::string& instead_of_nat(Language language) {
  const auto text_in = [](Language each) {
    const Wording& wording = wording_of(each);
    return fmt::format(
        "it stays as long as addresses are translated here; flows that are not translated can be "
        "exempted with {} in {}",
        wording.notrack, wording.raw);
  };
  static const std::string of_iptables = text_in(Language::iptables);
  static const std::string of_nft = text_in(Language::nft);
  return language == Language::nft ? of_nft : of_iptables;
}

Purpose purpose_of_nat(const Facts& facts, const Construct& construct) {
  const Ruleset& ruleset = facts.ruleset;
  const auto* nat = find_statement<NatStatement>(ruleset, ruleset[construct.rule]);
  return {std::string(what_translates(nat)), instead_of_nat(language_of(ruleset, construct.rule)),
          Need::bound};
}

Purpose purpose_of_control(const Facts& facts, const Construct& construct) {
  Purpose purpose;
  for (const std::string_view zone : {"zone", "zone-orig", "zone-reply"}) {
    if (!has_option(facts.ruleset, construct, zone)) continue;
    purpose.what = "it keeps flows with equal addresses apart in zones of the table";
    purpose.need = Need::bound;
    purpose.instead = "it stays as long as networks with overlapping addresses meet here";
    return purpose;
  }
  if (has_option(facts.ruleset, construct, "timeout") || construct.name.starts_with("ct timeout")) {
    purpose.what = "it gives entries a lifetime of their own";
    purpose.instead = "to do without: leave it out, or set the timeouts with sysctl";
  } else if (has_option(facts.ruleset, construct, "ctevents") ||
             has_option(facts.ruleset, construct, "expevents")) {
    purpose.what = "it chooses which events about entries programs are told";
    purpose.instead = "to do without: leave it out if no program listens (conntrackd, ulogd)";
  } else {
    purpose.what = "it sets how flows are tracked";
    purpose.instead = "to do without: leave it out";
  }
  return purpose;
}

}  // namespace

Purpose purpose_of(const Facts& facts, ConstructId id) {
  const Construct& construct = facts.ruleset[id];
  if (const StateTest* test = state_test_of(facts, id)) {
    const Rule& rule = facts.ruleset[construct.rule];
    return purpose_of_state(
        facts, id, *test,
        {.is_accept = accepts(facts.ruleset, rule), .is_drop = drops(facts.ruleset, rule)});
  }
  if (auto purpose = purpose_of_map(facts, id)) return *std::move(purpose);
  const bool is_nft = construct.language == Language::nft;
  using catalog::Role;
  switch (construct.extension->role) {
    case Role::nat:
      return purpose_of_nat(facts, construct);
    case Role::connmark:
      return {construct.kind == catalog::ExtensionKind::match
                  ? "it asks for the mark that is kept for each connection"
                  : "it keeps a mark for each connection, so that later packets and answers can be "
                    "told by it",
              fmt::format("it stays as long as marks follow connections; a mark that each packet's "
                          "own fields decide can be set with {} instead",
                          is_nft ? "meta mark set" : "MARK"),
              Need::bound};
    case Role::connection_count:
      return {
          is_nft
              ? "it counts the connections in the table that came to this rule, or, in a set, of "
                "each of its elements"
              : "it counts the connections of each address or network in the table",
          fmt::format("to do without: limit how fast connections start in place of how many are "
                      "open, with {}, which asks for no entry; or let the service itself count "
                      "its connections",
                      is_nft ? fmt::format("a set of addresses that have a rate (update @set {{ "
                                           "ip saddr limit rate ... }}) behind {}",
                                           wording_of(Language::nft).first_packet)
                             : "-m hashlimit on --syn"),
          Need::bound};
    case Role::helper:
      if (is_nft && construct.kind == catalog::ExtensionKind::target) {
        return {"it makes conntrack read a protocol to expect its further connections",
                "it stays as long as that protocol is used through this host", Need::bound};
      }
      // What binds is the assignment (CT --helper): without one this matches nothing.
      return {
          fmt::format("it matches packets of the helper {}, which reads a protocol to expect its "
                      "further connections",
                      value_of(facts, construct, "helper")),
          "it goes when no rule assigns that helper any more", std::nullopt};
    case Role::synproxy:
      return {
          "it answers SYN packets in place of the server and keeps the sequence offset in the "
          "entry",
          "to do without: SYN cookies of the server itself (net.ipv4.tcp_syncookies)", Need::bound};
    case Role::tracking_control:
    case Role::notrack:
      if (has_option(facts.ruleset, construct, "helper")) {
        return {
            fmt::format("it assigns the helper {}, which reads a protocol to expect its further "
                        "connections",
                        value_of(facts, construct, "helper")),
            "it stays as long as that protocol is used through this host", Need::bound};
      }
      return purpose_of_control(facts, construct);
    case Role::state_match:
      return {"it asks for what only the table knows about a packet's connection",
              "to do without: match the packet's own fields", std::nullopt};
    case Role::entry_match: {
      Purpose purpose{
          "it asks for what only the entry of a connection holds (counters, labels, "
          "status, original addresses)",
          "to do without: match the packet's own fields where they say the same", std::nullopt};
      if (construct.name == "connbytes" || construct.name == "connlabel") {
        purpose.need = Need::bound;
      }
      return purpose;
    }
    case Role::packet_field:
    case Role::history:
    case Role::host_fact:
    case Role::verdict:
    case Role::mangle:
    case Role::observe:
    case Role::annotation:
      break;
  }
  return {"it works on the entry of the packet's connection",
          "to do without: find a rule that looks at the packet alone", std::nullopt};
}

}  // namespace untrack
