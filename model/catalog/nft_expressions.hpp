// Everything the program knows about the expressions, statements and objects of nft(8): which words
// there are (read by parser/nft), which field of the packet an expression is and which protocols it
// implies, and as rows of the type Extension, shared with iptables, what each does to connection
// tracking, which module it needs and where that fact comes from. nft(8) of 1.0.6.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/catalog/xtables_extensions.hpp"
#include "model/vocabulary.hpp"

namespace untrack::catalog {

// What a value beside an expression is, as nft(8), "DATA TYPES" has them.
enum class NftType : std::uint8_t {
  integer,
  ipv4_addr,
  ipv6_addr,
  ether_addr,
  inet_proto,
  inet_service,
  mark,
  ifname,
  ct_state,
  icmp_type,
  icmpv6_type,
  icmp_code,
  icmpv6_code,
  packet_type,
  tcp_flag,
  dscp,
  ecn,
  fib_addrtype,
  nf_proto,
  ether_type,  // in the units of Field::family: what is no IP is 0
  boolean,
  ct_status,
  ct_dir,
  arp_op,
  dccp_type,
  mh_type,
  igmp_type,
  other,  // read as text, compared with nothing
};

// An expression whose value is one field of the packet, or known enough to say more of it than "it
// looks at the packet".
struct NftExpression {
  std::string_view name;  // "tcp dport": the words that stand in a rule, one blank between them
  NftType type = NftType::other;
  std::optional<Field> field = {};              // none: kept as an opaque test
  IpVersions ip_versions = IpVersions::both();  // the packets that have it
  std::uint8_t protocol = 0;                    // of the transport header that it lies in; 0: none
  std::string_view extension = {};              // the row below; empty: the core of nf_tables
  std::uint8_t bits = 0;                        // of an integer; 0: as many as its type has
};

// The row of an expression; nullptr for one that is kept as opaque text. O(log n).
[[nodiscard]] const NftExpression* find_nft_expression(std::string_view name);
[[nodiscard]] std::span<const NftExpression> nft_expressions();  // sorted by name

// The fields of one header, as words separated by blanks.
struct NftHeader {
  std::string_view name;    // "tcp"
  std::string_view fields;  // "sport dport sequence ..."
};
// The header of a name; nullptr if there is none.
[[nodiscard]] const NftHeader* find_nft_header(std::string_view name);

// Keys of `meta`, of `meta` without that word, and of `ct`, as words separated by blanks.
extern const std::string_view nft_meta_keys;
extern const std::string_view nft_bare_meta_keys;
extern const std::string_view nft_ct_keys;
// Words that name no chain, table or set.
extern const std::string_view nft_reserved_words;

// Whether a list of words separated by blanks has this one.
[[nodiscard]] bool has_word(std::string_view words, std::string_view word);

// What the program knows of expressions, statements and objects that are more than a look at the
// packet: "ct state", "masquerade", "ct helper" ... sorted by name. `kind`: match for expressions.
[[nodiscard]] std::span<const Extension> nft_extensions();
[[nodiscard]] const Extension* find_nft_extension(std::string_view name);

}  // namespace untrack::catalog
