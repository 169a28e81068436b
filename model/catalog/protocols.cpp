// table
// Debian 12's /etc/protocols (netbase 6.4) with its aliases in lower case, and the names built into
// libxtables 1.8.9 (xtables_chain_protos: all, icmpv6, ipv6-mh, mh ...). mptcp (262) does not fit
// the protocol field and is left out. `ipv4` is the name of 4 in other distributions' files.
#include "model/catalog/protocols.hpp"

#include <algorithm>
#include <array>

namespace untrack::catalog {
namespace {

constexpr ProtocolName kProtocols[] = {
    {"ah", 51, true},
    {"all", 0, true},
    {"ax.25", 93, true},
    {"cphb", 73},
    {"dccp", 33, true},
    {"ddp", 37, true},
    {"egp", 8, true},
    {"eigrp", 88, true},
    {"encap", 98, true},
    {"esp", 50, true},
    {"etherip", 97, true},
    {"ethernet", 143, true},
    {"fc", 133, true},
    {"ggp", 3, true},
    {"gre", 47, true},
    {"hip", 139, true},
    {"hmp", 20, true},
    {"hopopt", 0},
    {"icmp", 1, true},
    {"icmpv6", 58},
    {"idpr-cmtp", 38, true},
    {"idrp", 45, true},
    {"igmp", 2, true},
    {"igp", 9, true},
    {"ip", 0},
    {"ip-encap", 4},
    {"ipcomp", 108, true},
    {"ipencap", 4, true},
    {"ipip", 94, true},
    {"ipsec-ah", 51},
    {"ipsec-esp", 50},
    {"ipv4", 4},
    {"ipv6", 41, true},
    {"ipv6-frag", 44, true},
    {"ipv6-icmp", 58, true},
    {"ipv6-mh", 135},
    {"ipv6-nonxt", 59, true},
    {"ipv6-opts", 60, true},
    {"ipv6-route", 43, true},
    {"isis", 124, true},
    {"iso-tp4", 29, true},
    {"l2tp", 115, true},
    {"manet", 138, true},
    {"mh", 135},
    {"mobility-header", 135, true},
    {"mpls-in-ip", 137, true},
    {"ospf", 89, true},
    {"ospfigp", 89},
    {"pim", 103, true},
    {"pup", 12, true},
    {"rdp", 27, true},
    {"rohc", 142, true},
    {"rspf", 73, true},
    {"rsvp", 46, true},
    {"sctp", 132, true},
    {"shim6", 140, true},
    {"skip", 57, true},
    {"st", 5, true},
    {"tcp", 6, true},
    {"udp", 17, true},
    {"udplite", 136, true},
    {"vmtp", 81, true},
    {"vrrp", 112, true},
    {"wesp", 141, true},
    {"xns-idp", 22, true},
    {"xtp", 36, true},
};

constexpr bool is_sorted_and_unique() {
  for (std::size_t i = 1; i < std::size(kProtocols); ++i) {
    if (kProtocols[i - 1].name >= kProtocols[i].name) return false;
  }
  return true;
}
static_assert(is_sorted_and_unique());

constexpr auto kNames = [] {
  std::array<std::string_view, 256> names{};
  for (const ProtocolName& row : kProtocols) {
    if (row.is_preferred) names[row.number] = row.name;
  }
  return names;
}();

}  // namespace

std::span<const ProtocolName> protocols() { return kProtocols; }

std::optional<std::uint8_t> protocol_of_name(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kProtocols, name, {}, &ProtocolName::name);
  if (at == std::end(kProtocols) || at->name != name) return std::nullopt;
  return at->number;
}

std::string_view protocol_name(std::uint8_t number) { return kNames[number]; }

}  // namespace untrack::catalog
