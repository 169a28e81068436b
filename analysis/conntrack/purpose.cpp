#include "analysis/conntrack/purpose.hpp"

#include <fmt/format.h>

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

Purpose purpose_of_state(const Facts& facts, ConstructId id, const StateTest& test,
                         bool is_accept) {
  const Rule& rule = facts.ruleset[facts.ruleset[id].rule];
  const Hooks hooks = facts[rule.chain].hooks;
  const CtStates states = test.states;
  const bool is_drop = drops(facts.ruleset, rule);
  Purpose purpose;
  if (test.negated) {
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
    purpose.what = "it recognises packets that a NOTRACK rule has exempted";
  } else {
    purpose.what = fmt::format("it picks packets in state {}", to_text(states));
  }
  if (states.has(CtState::established) || states.has(CtState::related)) {
    purpose.instead = fmt::format(
        "to do without: accept answers by what each packet shows: TCP that carries ACK or RST, UDP "
        "from the ports that are asked (53, 123 ...), and the ICMP errors ({})",
        facts.ip_versions_of(facts.ruleset[id].rule) == IpVersions(IpVersion::ipv6)
            ? "types 1 to 4"
            : "types 3, 11 and 12");
  } else if (states.has(CtState::new_)) {
    purpose.instead =
        "to do without: for TCP, --syn picks the first packet; for other protocols leave the state "
        "out, since without a table there is no first packet";
  } else if (states.has(CtState::invalid)) {
    purpose.instead =
        "to do without: leave the rule out, or name the TCP flag combinations that no stack sends "
        "(--tcp-flags SYN,FIN SYN,FIN and the like)";
  } else if (states.has(CtState::dnat) || states.has(CtState::snat)) {
    purpose.instead = "it goes when the translation goes";
  } else {
    purpose.instead =
        "to do without: match what the NOTRACK rule matches (protocol, ports, addresses)";
  }
  return purpose;
}

// A verdict map by the state: what it accepts stands for it.
std::optional<StateTest> accepted_by_map(const Facts& facts, ConstructId id) {
  const Rule& rule = facts.ruleset[facts.ruleset[id].rule];
  for (const RulePart& part : slice(facts.ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* map = statement == nullptr ? nullptr : std::get_if<VerdictMapStatement>(statement);
    if (map == nullptr || part.construct != id || map->key.field_count != 1 ||
        map->key.fields[0] != Field::ct_state || !map->key.set.names_something()) {
      continue;
    }
    const NamedSet& set = facts.ruleset[map->key.set];
    StateTest test;
    for (std::size_t i = 0; i < set.element_count() && i < set.verdicts.size(); ++i) {
      const auto* verdict = std::get_if<VerdictStatement>(&set.verdicts[i]);
      if (verdict == nullptr || verdict->verdict != Verdict::accept) continue;
      test.states = test.states | static_cast<CtState>(static_cast<unsigned>(set.keys[i].first));
    }
    return test;
  }
  return std::nullopt;
}

Purpose purpose_of_nat(const Facts& facts, const Construct& construct) {
  Purpose purpose;
  purpose.need = Need::bound;
  const auto* nat = find_statement<NatStatement>(facts.ruleset, facts.ruleset[construct.rule]);
  purpose.what = "it translates addresses; the translation of each flow is kept in its entry";
  if (nat != nullptr) {
    switch (nat->kind) {
      case NatKind::masquerade:
      case NatKind::snat:
        purpose.what =
            "it hides source addresses behind another; the way back is kept in the entry alone";
        break;
      case NatKind::dnat:
        purpose.what =
            "it sends packets to another address or port; the way back is kept in the entry alone";
        break;
      case NatKind::redirect:
        purpose.what =
            "it sends packets to a port of this host; the way back is kept in the entry alone";
        break;
      case NatKind::netmap:
        purpose.what = "it maps one network onto another, address by address";
        break;
    }
  }
  purpose.instead =
      "it stays as long as addresses are translated here; flows that are not translated can be "
      "exempted with NOTRACK in the raw table";
  return purpose;
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
    return purpose_of_state(facts, id, *test,
                            accepts(facts.ruleset, facts.ruleset[construct.rule]));
  }
  if (const auto test = accepted_by_map(facts, id)) return purpose_of_state(facts, id, *test, true);
  using catalog::Role;
  switch (construct.extension->role) {
    case Role::nat:
      return purpose_of_nat(facts, construct);
    case Role::connmark:
      return {construct.kind == catalog::ExtensionKind::match
                  ? "it asks for the mark that is kept for each connection"
                  : "it keeps a mark for each connection, so that later packets and answers can be "
                    "told by it",
              "it stays as long as marks follow connections; a mark that each packet's own fields "
              "decide can be set with MARK instead",
              Need::bound};
    case Role::connection_count:
      return {"it counts the connections of each address or network in the table",
              "to do without: limit how fast connections start, with -m hashlimit on --syn, which "
              "needs no table",
              Need::bound};
    case Role::helper:
      if (construct.language == Language::nft && construct.kind == catalog::ExtensionKind::target) {
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
