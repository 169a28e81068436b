// The words of netfilter as types: families, hooks, chain types, verdicts, connection states,
// packet fields. Used by every folder; each enumeration has one text per value, the word that
// nft(8) or iptables(8) uses, and a reader for it where input spells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace untrack {

// Table families of nft(8), "ADDRESS FAMILIES". iptables is ip, ip6tables is ip6.
enum class Family : std::uint8_t { ip, ip6, inet, arp, bridge, netdev };
[[nodiscard]] std::string_view to_text(Family family);

// The two address families for which the kernel tracks (or does not) separately.
enum class IpVersion : std::uint8_t { ipv4, ipv6 };
[[nodiscard]] std::string_view to_text(IpVersion version);       // "ipv4", as in the JSON contract
[[nodiscard]] std::string_view display_name(IpVersion version);  // "IPv4"
// NFPROTO_*, linux/netfilter.h.
[[nodiscard]] constexpr std::uint8_t nf_proto(IpVersion version) {
  return version == IpVersion::ipv4 ? 2 : 10;
}

// A subset of {IPv4, IPv6}.
class IpVersions {
 public:
  constexpr IpVersions() = default;
  constexpr IpVersions(IpVersion version)  // NOLINT(google-explicit-constructor): a set of one
      : bits_(static_cast<std::uint8_t>(1U << static_cast<unsigned>(version))) {}
  static constexpr IpVersions both() { return IpVersions(IpVersion::ipv4) | IpVersion::ipv6; }
  static constexpr IpVersions none() { return {}; }

  [[nodiscard]] constexpr bool has(IpVersion version) const {
    return (bits_ & IpVersions(version).bits_) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend constexpr IpVersions operator|(IpVersions a, IpVersions b) {
    return IpVersions(static_cast<std::uint8_t>(a.bits_ | b.bits_));
  }
  friend constexpr IpVersions operator&(IpVersions a, IpVersions b) {
    return IpVersions(static_cast<std::uint8_t>(a.bits_ & b.bits_));
  }
  friend constexpr bool operator==(IpVersions, IpVersions) = default;

 private:
  explicit constexpr IpVersions(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};
// The address families whose packets a table of this family sees; none for arp, and none for bridge
// and netdev, where conntrack expressions are refused or bridge-specific (knowledge in docs/facts).
[[nodiscard]] IpVersions ip_versions(Family family);
[[nodiscard]] std::string display_name(IpVersions versions);  // "IPv4 and IPv6"

enum class Hook : std::uint8_t { prerouting, input, forward, output, postrouting, ingress, egress };
[[nodiscard]] std::string_view to_text(Hook hook);

enum class ChainType : std::uint8_t { filter, nat, route };
[[nodiscard]] std::string_view to_text(ChainType type);

enum class Policy : std::uint8_t { accept, drop };
[[nodiscard]] std::string_view to_text(Policy policy);

// Verdicts of nft(8), "VERDICT STATEMENT", without jump and goto, which carry a chain. iptables'
// RETURN is return_; a target that does not end the rule has no verdict.
enum class Verdict : std::uint8_t { accept, drop, queue, continue_, return_, stolen };
[[nodiscard]] std::string_view to_text(Verdict verdict);

// Connection states as a packet has them. One packet has exactly one of the first five; snat and
// dnat are the virtual states of iptables-extensions(8), conntrack, --ctstate.
enum class CtState : std::uint8_t { invalid, new_, established, related, untracked, snat, dnat };
[[nodiscard]] std::string_view to_text(CtState state);  // upper case, as iptables prints them
// Case-insensitive, as iptables reads them (libxt_conntrack.c, parse_states: strncasecmp).
[[nodiscard]] std::optional<CtState> ct_state_of(std::string_view word);

class CtStates {
 public:
  constexpr CtStates() = default;
  constexpr CtStates(CtState state)  // NOLINT(google-explicit-constructor): a set of one
      : bits_(static_cast<std::uint8_t>(1U << static_cast<unsigned>(state))) {}
  [[nodiscard]] constexpr bool has(CtState state) const {
    return (bits_ & CtStates(state).bits_) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  friend constexpr CtStates operator|(CtStates a, CtStates b) {
    return CtStates(static_cast<std::uint8_t>(a.bits_ | b.bits_));
  }
  friend constexpr CtStates operator&(CtStates a, CtStates b) {
    return CtStates(static_cast<std::uint8_t>(a.bits_ & b.bits_));
  }
  friend constexpr bool operator==(CtStates, CtStates) = default;

 private:
  explicit constexpr CtStates(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};
[[nodiscard]] std::string to_text(CtStates states);  // "RELATED,ESTABLISHED"

// What a match can ask about. Each names one value of one packet, its place on the way through the
// host, or its entry; `width` bits wide.
enum class Field : std::uint8_t {
  in_interface,         // name; see NameTest
  out_interface,        // name
  source_address,       // 32 or 128 bits, by the family of the table
  destination_address,  //
  protocol,             // IPv4 protocol or the last IPv6 header that is not an extension
  source_port,          // TCP, UDP, UDP-Lite, SCTP, DCCP
  destination_port,     //
  either_port,          // true if the source or the destination port is in the values (multiport)
  tcp_flags,            // the low 8 bits of byte 13: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32
  tcp_option,           // kind of a TCP option that is present
  icmp_type_code,       // type * 256 + code, ICMP in ip, ICMPv6 in ip6
  later_fragment,       // 1 for the second and later fragments of an IPv4 packet
  ct_state,             // see StateTest
  mark,                 // packet mark, 32 bits
  packet_type,  // 0 to this host, 1 broadcast, 2 multicast, 3 other host (linux/if_packet.h)
  source_mac,   // 48 bits
  length,       // of the IP packet in bytes
  ttl,          // TTL or hop limit
  dscp,         // 6 bits
  ecn,          // 2 bits
  source_type,  // address type: local, broadcast, multicast ... (RTN_*, linux/rtnetlink.h)
  destination_type,
  sctp_chunks,
  dccp_type,
  ah_spi,
  esp_spi,
  mh_type,
  family,  // see nf_proto(); in keys of sets alone, elsewhere FamilyTest
};
[[nodiscard]] std::string_view to_text(Field field);

}  // namespace untrack
