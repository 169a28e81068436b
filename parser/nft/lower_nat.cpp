// Translation of addresses. After nft(8), "NAT STATEMENTS".
#include <fmt/format.h>

#include <algorithm>

#include "parser/nft/lowering.hpp"
#include "parser/nft/token_stream.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

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

void RuleLowering::refuse_unknown_family(const Node& node) const {
  const bool is_said = node.argument("ip") != nullptr || node.argument("ip6") != nullptr;
  if (family_ == Family::inet && !is_said && !knows_network_) {
    throw SyntaxError{node.span, fmt::format("{} to an address, of no family", node.text),
                      "nft refuses it in a table of family inet",
                      fmt::format("Write `{0} ip to` or `{0} ip6 to`.", node.text), true};
  }
}

void RuleLowering::refuse_other_family(const Node& node) const {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const Node* said = node.argument(version == IpVersion::ipv4 ? "ip" : "ip6");
    if (said == nullptr) continue;
    const IpVersions table = ip_versions(family_);
    if ((!table.empty() && (table & IpVersions(version)).empty()) ||
        (header_family_ && (*header_family_ & IpVersions(version)).empty())) {
      throw SyntaxError{said->span, fmt::format("{} of the other family", node.text),
                        "nft refuses it", "", true};
    }
    const Node* port = node.argument("port");
    const bool has_port = port != nullptr && !port->children.empty();
    if (has_port && node.argument("address") == nullptr && node.text != "tproxy") {
      throw SyntaxError{port->span, "a port without an address, of one family", "nft refuses it",
                        fmt::format("Write `{} to :PORT`.", node.text), true};
    }
  }
  const Node* address = node.argument("address");
  if (address != nullptr && !address->children.empty() &&
      address->children[0].kind == NodeKind::set_name) {
    throw SyntaxError{address->children[0].span, "a set where an address belongs", "nft refuses it",
                      "Name a map: `dnat ip to ip saddr map @NAME`.", true};
  }
}

void RuleLowering::refuse_tproxy(const Node& node) const {
  if (node.argument("address") != nullptr) refuse_unknown_family(node);
  refuse_other_family(node);
  for (const Node& argument : node.children) {
    if (argument.children.empty() || argument.children[0].kind != NodeKind::range) continue;
    throw SyntaxError{argument.children[0].span, "a range where tproxy takes one value",
                      "nft refuses it", "", true};
  }
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
  if (address != nullptr && !is_port_alone) refuse_unknown_family(node);
  if (!is_port_alone) refuse_other_family(node);
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
  const ConstructId construct = add_deed(node.text, node, versions);
  add(node.span, Statement(nat), construct);
}

}  // namespace untrack::nft
