#include "model/vocabulary.hpp"

#include <array>
#include <cctype>

namespace untrack {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(a[i])) !=
        std::toupper(static_cast<unsigned char>(b[i]))) {
      return false;
    }
  }
  return true;
}

constexpr std::array all_states = {CtState::invalid,     CtState::new_,      CtState::related,
                                   CtState::established, CtState::untracked, CtState::snat,
                                   CtState::dnat};

}  // namespace

std::string_view to_text(Family family) {
  switch (family) {
    case Family::ip:
      return "ip";
    case Family::ip6:
      return "ip6";
    case Family::inet:
      return "inet";
    case Family::arp:
      return "arp";
    case Family::bridge:
      return "bridge";
    case Family::netdev:
      return "netdev";
  }
  return {};
}

std::string_view to_text(IpVersion version) { return version == IpVersion::ipv4 ? "ipv4" : "ipv6"; }

std::string_view display_name(IpVersion version) {
  return version == IpVersion::ipv4 ? "IPv4" : "IPv6";
}

IpVersions ip_versions(Family family) {
  switch (family) {
    case Family::ip:
      return IpVersion::ipv4;
    case Family::ip6:
      return IpVersion::ipv6;
    case Family::inet:
      return IpVersions::both();
    case Family::arp:
    case Family::bridge:
    case Family::netdev:
      return {};
  }
  return {};
}

std::string display_name(IpVersions versions) {
  if (versions == IpVersions::both()) return "IPv4 and IPv6";
  if (versions.has(IpVersion::ipv4)) return "IPv4";
  if (versions.has(IpVersion::ipv6)) return "IPv6";
  return "no IP family";
}

std::string_view to_text(Hook hook) {
  switch (hook) {
    case Hook::prerouting:
      return "prerouting";
    case Hook::input:
      return "input";
    case Hook::forward:
      return "forward";
    case Hook::output:
      return "output";
    case Hook::postrouting:
      return "postrouting";
    case Hook::ingress:
      return "ingress";
    case Hook::egress:
      return "egress";
  }
  return {};
}

std::string_view to_text(ChainType type) {
  switch (type) {
    case ChainType::filter:
      return "filter";
    case ChainType::nat:
      return "nat";
    case ChainType::route:
      return "route";
  }
  return {};
}

std::string_view to_text(Policy policy) { return policy == Policy::accept ? "accept" : "drop"; }

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return "accept";
    case Verdict::drop:
      return "drop";
    case Verdict::queue:
      return "queue";
    case Verdict::continue_:
      return "continue";
    case Verdict::return_:
      return "return";
    case Verdict::stolen:
      return "stolen";
  }
  return {};
}

std::string_view to_text(CtState state) {
  switch (state) {
    case CtState::invalid:
      return "INVALID";
    case CtState::new_:
      return "NEW";
    case CtState::established:
      return "ESTABLISHED";
    case CtState::related:
      return "RELATED";
    case CtState::untracked:
      return "UNTRACKED";
    case CtState::snat:
      return "SNAT";
    case CtState::dnat:
      return "DNAT";
  }
  return {};
}

std::optional<CtState> ct_state_of(std::string_view word) {
  for (const CtState state : all_states) {
    if (equal_ignoring_case(word, to_text(state))) return state;
  }
  return std::nullopt;
}

std::string to_text(CtStates states) {
  std::string text;
  for (const CtState state : all_states) {
    if (!states.has(state)) continue;
    if (!text.empty()) text += ',';
    text += to_text(state);
  }
  return text;
}

std::string_view to_text(Field field) {
  switch (field) {
    case Field::in_interface:
      return "in-interface";
    case Field::out_interface:
      return "out-interface";
    case Field::source_address:
      return "source address";
    case Field::destination_address:
      return "destination address";
    case Field::protocol:
      return "protocol";
    case Field::source_port:
      return "source port";
    case Field::destination_port:
      return "destination port";
    case Field::either_port:
      return "source or destination port";
    case Field::tcp_flags:
      return "tcp flags";
    case Field::tcp_option:
      return "tcp option";
    case Field::icmp_type_code:
      return "icmp type";
    case Field::later_fragment:
      return "later fragment";
    case Field::ct_state:
      return "ct state";
    case Field::mark:
      return "mark";
    case Field::packet_type:
      return "packet type";
    case Field::source_mac:
      return "source mac";
    case Field::length:
      return "length";
    case Field::ttl:
      return "ttl";
    case Field::dscp:
      return "dscp";
    case Field::ecn:
      return "ecn";
    case Field::source_type:
      return "source address type";
    case Field::destination_type:
      return "destination address type";
    case Field::sctp_chunks:
      return "sctp chunks";
    case Field::dccp_type:
      return "dccp type";
    case Field::ah_spi:
      return "ah spi";
    case Field::esp_spi:
      return "esp spi";
    case Field::mh_type:
      return "mh type";
    case Field::family:
      return "family";
  }
  return {};
}

}  // namespace untrack
