// What rules do: verdicts apart, NAT, marks, what is set, counted and logged. After nft(8),
// "STATEMENTS".
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

bool has_condition(const Node& node) {
  return node.has_condition || std::ranges::any_of(node.children, has_condition);
}

// A rate of packets has the words of iptables' match limit, so that it is the same condition there.
std::string limit_key(const Node& node, std::string words) {
  const auto value_of = [&](std::string_view name) {
    const Node* argument = node.argument(name);
    const bool has_value = argument != nullptr && !argument->children.empty();
    return has_value ? argument->children[0].text : std::string_view();
  };
  const std::string_view time = value_of("time");
  const bool is_of_packets =
      node.argument("unit") == nullptr &&
      (node.argument("burst unit") == nullptr || value_of("burst unit") == "packets");
  if (!is_of_packets || time.empty() || time == "week") return words;
  constexpr std::string_view same_burst = "5";  // of both programs
  std::string key = fmt::format("limit --limit {}/{}", value_of("number"), time);
  const std::string_view burst = value_of("burst");
  if (!burst.empty() && burst != same_burst) key += fmt::format(" --limit-burst {}", burst);
  return key;
}

// The first selector of `ct` in a statement, or nullptr.
const Node* connection_in(const Node& node) {
  if (node.kind == NodeKind::selector && node.text.starts_with("ct ")) return &node;
  for (const Node& child : node.children) {
    if (const Node* found = connection_in(child)) return found;
  }
  return nullptr;
}

// Refuses a code that icmp, icmpv6 or icmpx does not have.
void check_code(const Node& with) {
  if (with.children.empty()) return;
  if (with.text != "icmpx") {
    (void)number_of(with.text == "icmp" ? NftType::icmp_code : NftType::icmpv6_code,
                    with.children[0]);
    return;
  }
  constexpr std::string_view codes = "port-unreachable admin-prohibited no-route host-unreachable";
  const std::string_view code = with.children[0].text;
  if (!catalog::has_word(codes, code) && !plain_number(code)) {
    throw SyntaxError{with.children[0].span, fmt::format("not a code of icmpx: \"{}\"", code),
                      fmt::format("expected {}", codes), "", true};
  }
}

// An element of a map whose value is an address and a port.
bool is_pair(const Node& element) {
  return element.kind == NodeKind::mapping && element.children[1].kind == NodeKind::concat;
}

// All values that a target of NAT may take, from the first to the last; nullopt: they are not
// known. `part`: 0 the address, 1 the port of `address . port`.
std::optional<Interval> target_values(const Node& value, NftType type, std::size_t part) {
  switch (value.kind) {
    case NodeKind::map:
    case NodeKind::mapping:
      return target_values(value.children[1], type, part);
    case NodeKind::concat:
      return part < value.children.size() ? target_values(value.children[part], type, 0)
                                          : std::nullopt;
    case NodeKind::set: {
      std::optional<Interval> all;
      for (const Node& element : value.children) {
        const auto each = target_values(element, type, part);
        if (!each) return std::nullopt;
        all = all ? Interval{std::min(all->first, each->first), std::max(all->last, each->last)}
                  : *each;
      }
      return all;
    }
    default:
      return interval_of(type, value);
  }
}

}  // namespace

void RuleLowering::lower_statement(const Node& node) {
  const std::string_view word = node.text;
  const auto passive = [&](ConstructId construct = {}) {
    add(node.span, Statement(PassiveStatement{word}), construct);
  };
  const auto opaque_test = [&](ConstructId construct, bool has_history) {
    add_opaque(node.span, words_of(node.span), false, construct, has_history);
  };
  if (word == "comment") {
    if (!node.children.empty()) rule_->comment = node.children[0].text;
    return;
  }
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect") {
    return lower_nat(node);
  }
  lower_maps(node);
  if (word == "counter" || word == "last" || word == "reset option") return passive();
  if (word == "log" || word == "dup") return passive(add_construct(word, node.span));
  if (word == "limit") {
    const ConstructId construct = add_construct(word, node.span);
    const bool is_over = node.argument("over") != nullptr;
    return add_opaque(node.span, limit_key(node, words_of(node.span)), is_over, construct, true);
  }
  if (word == "quota" || word == "ct count") {
    return opaque_test(add_construct(word, node.span), true);
  }
  if (word == "meter" || word == "set update") {
    // An element with a rate is matched while the rate is kept.
    const ConstructId construct = add_construct("set update", node.span);
    const Node* element = node.argument("element");
    const bool counts =
        element != nullptr && words_of(element->span).find("ct count") != std::string::npos;
    if (counts) add_construct("ct count", element->span);
    if (element != nullptr && has_condition(*element)) return opaque_test(construct, true);
    return passive(construct);
  }
  if (word == "notrack") {
    return add(node.span, Statement(NotrackStatement{}), add_construct(word, node.span));
  }
  if (word == "reject") return lower_reject(node);
  if (word == "queue") {
    return add(node.span, Statement(VerdictStatement{Verdict::queue}),
               add_construct(word, node.span));
  }
  if (word == "fwd") {
    return add(node.span, Statement(VerdictStatement{Verdict::stolen}),
               add_construct(word, node.span));
  }
  // The rule goes on only where a socket is found (nft_tproxy_eval_v4, nft_tproxy.c, 6.1).
  if (word == "tproxy") {
    if (known_protocols_.empty()) {
      throw SyntaxError{node.span, "tproxy, of no protocol that is asked for", "nft refuses it",
                        "Ask for the protocol in front of it: `meta l4proto { tcp, udp }`.", true};
    }
    return opaque_test(add_construct(word, node.span), false);
  }
  if (word == "synproxy") {
    const ConstructId construct = add_construct(word, node.span);
    const std::string_view key = ruleset_.keep(words_of(node.span));
    return add(node.span, Statement(OpaqueStatement{key, true}), construct);
  }
  if (word == "flow add" || word.starts_with("ct ")) {
    const ConstructId construct = add_construct(word, node.span);
    const Node* name = node.argument("name");
    const std::string_view value =
        name == nullptr ? std::string_view() : ruleset_.keep(text_of(*name));
    const std::string_view what = word == "ct helper set" ? std::string_view("helper") : word;
    return add(node.span, Statement(ConntrackStatement{what, value}), construct);
  }
  // `xt match`, `xt target`: what iptables-nft put into the kernel and nft has no words for.
  const ConstructId construct = add_construct(word, node.span);
  ruleset_.constructs[construct.index()].extension = nullptr;
  const std::string_view key = ruleset_.keep(words_of(node.span));
  ruleset_.problems.push_back({ProblemKind::not_understood, node.span,
                               "an extension of iptables that nft has no words for", "",
                               "Give the output of iptables-save for this table instead.", true});
  add(node.span, Statement(OpaqueStatement{key, true}), construct);
}

void RuleLowering::lower_maps(const Node& value) {
  if (value.kind == NodeKind::map) {
    const Comparison lookup{value, "", value.children[1]};
    return lower_lookup(lookup, key_of(value.children[0]));
  }
  for (const Node& child : value.children) lower_maps(child);
}

bool RuleLowering::tracks(std::size_t before) const {
  const auto made = std::span(ruleset_.constructs).subspan(before);
  return std::ranges::any_of(made, [](const Construct& construct) {
    return construct.extension != nullptr &&
           construct.extension->tracking == catalog::Tracking::always;
  });
}

void RuleLowering::note_connection(const Node& statement, std::size_t before) {
  const Node* const found = connection_in(statement);
  if (found != nullptr && !tracks(before)) (void)construct_of(found->text, found->span);
}

void RuleLowering::refuse_tracking(const Node& statement, std::size_t before) const {
  if ((family_ != Family::netdev && family_ != Family::arp) || !tracks(before)) return;
  throw SyntaxError{statement.span,
                    fmt::format("no connections in a table of family {}", to_text(family_)),
                    "the kernel refuses it", "Use a table of family inet.", true};
}

void RuleLowering::lower_reject(const Node& node) {
  const ConstructId construct = add_construct("reject", node.span);
  RejectStatement reject;
  if (!node.children.empty()) {
    const Node& with = node.children[0];
    if (with.text == "tcp reset") {
      reject.with = "tcp-reset";
      if (!known_protocols_.empty() && known_protocols_ != std::vector<Number>{6}) {
        throw SyntaxError{with.span, "a TCP reset for packets of another protocol",
                          "nft refuses it", "", true};
      }
      // nft adds the protocol where it is not asked for.
      if (known_protocols_ != std::vector<Number>{6}) {
        FieldTest test;
        test.field = Field::protocol;
        test.values = add_intervals({{6, 6}});
        add(node.span, Match(test));
        known_protocols_ = {6};
      }
    } else {
      check_code(with);
      const std::string code = with.children.empty() ? "" : text_of(with.children[0]);
      // What nft answers if nothing is said, and text does not print.
      const bool is_default =
          code == "port-unreachable" &&
          (with.text == "icmpx" || (with.text == "icmp" && family_ == Family::ip) ||
           (with.text == "icmpv6" && family_ == Family::ip6));
      if (!is_default) reject.with = ruleset_.keep(fmt::format("{}-{}", with.text, code));
      const auto implied = with.text == "icmp"     ? IpVersions(IpVersion::ipv4)
                           : with.text == "icmpv6" ? IpVersions(IpVersion::ipv6)
                                                   : IpVersions::both();
      const bool is_wide = ip_versions(family_) == IpVersions::both();
      if ((implied & ip_versions(family_)).empty() && !ip_versions(family_).empty()) {
        throw SyntaxError{with.span,
                          fmt::format("{} in a table of family {}", with.text, to_text(family_)),
                          "nft refuses it", "", true};
      }
      if (is_wide && implied != IpVersions::both() && implied_families_ != implied) {
        add(node.span, Match(FamilyTest{implied}));
        implied_families_ = implied;
      }
    }
  }
  add(node.span, Statement(reject), construct);
}

void RuleLowering::read_target(const Node& argument, NftType type, std::size_t part,
                               PoolRange<Interval>& into) {
  if (argument.children.empty()) return;
  const Node& value = argument.children[0];
  // The port of `address . port`, or none where the address stands alone.
  const bool is_map = value.kind == NodeKind::map;
  const bool has_part = part == 0 || value.kind == NodeKind::concat ||
                        (is_map && (value.children[1].kind != NodeKind::set ||
                                    std::ranges::any_of(value.children[1].children, is_pair)));
  if (!has_part) return;
  if (const auto values = target_values(value, type, part)) {
    into = add_intervals({*values});
  } else {
    into = add_intervals({every_value(type)});  // what it holds is known to the kernel alone
  }
}

void RuleLowering::lower_nat(const Node& node) {
  NatStatement nat;
  nat.kind = node.text == "snat"         ? NatKind::snat
             : node.text == "dnat"       ? NatKind::dnat
             : node.text == "masquerade" ? NatKind::masquerade
                                         : NatKind::redirect;
  const Node* address = node.argument("address");
  const bool is_port_alone = nat.kind == NatKind::masquerade || nat.kind == NatKind::redirect;
  IpVersions versions = ip_versions(family_);
  if (node.argument("ip") != nullptr) versions = IpVersion::ipv4;
  if (node.argument("ip6") != nullptr) versions = IpVersion::ipv6;
  if (address != nullptr && !is_port_alone && versions == IpVersions::both()) {
    // Without `ip` or `ip6` the address says it.
    const Node* value = address->children.empty() ? nullptr : &address->children[0];
    while (value != nullptr && !value->children.empty() && value->kind != NodeKind::map) {
      value = &value->children[0];
    }
    if (value != nullptr && value->kind == NodeKind::symbol) {
      versions =
          value->text.find(':') != std::string_view::npos ? IpVersion::ipv6 : IpVersion::ipv4;
    }
  }
  if (versions != ip_versions(family_) && implied_families_ != versions) {
    add(node.span, Match(FamilyTest{versions}));
    implied_families_ = versions;
  }
  const auto require_protocol = [&](const Node& port) {
    if (!known_protocols_.empty() || ip_versions(family_).empty()) return;
    throw SyntaxError{port.span, "ports to translate to, of no protocol that is asked for",
                      "nft refuses it",
                      "Ask for the protocol in front of it: `meta l4proto { tcp, udp }`.", true};
  };
  if (address != nullptr) {
    if (is_port_alone) require_protocol(*address);
    // What its map looks up may ask for the protocol that a port behind it needs.
    lower_maps(*address);
    const NftType type = is_port_alone                 ? NftType::inet_service
                         : versions == IpVersion::ipv6 ? NftType::ipv6_addr
                                                       : NftType::ipv4_addr;
    read_target(*address, type, 0, is_port_alone ? nat.ports : nat.addresses);
    if (!is_port_alone) read_target(*address, NftType::inet_service, 1, nat.ports);
  }
  if (const Node* port = node.argument("port")) {
    // `addr . port` in front of `to` is an argument without a value.
    if (!port->children.empty()) require_protocol(*port);
    lower_maps(*port);
    read_target(*port, NftType::inet_service, 0, nat.ports);
  }
  const ConstructId construct = add_construct(node.text, node.span, versions);
  add(node.span, Statement(nat), construct);
}

}  // namespace untrack::nft
