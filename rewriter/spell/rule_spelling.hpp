// RuleSpelling: how rules of one table are written: the conditions for a box of packets and the few
// other words that rewrites need, in the language of the table. Used by all planners, which do not
// know which language it is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/spell/iptables_matches.hpp"
#include "rewriter/spell/nft_matches.hpp"

namespace untrack {

// What a rule of TCP asks of the flags.
enum class TcpGate : std::uint8_t {
  none,
  reply,  // ACK or RST is set: nothing that begins a connection
  reset,
};

// What a rule asks for beside a box.
struct RuleWish {
  TcpGate gate = TcpGate::none;
  std::optional<CtState> state = {};
  bool keeps_types = false;  // see SpellOptions
};

class RuleSpelling {
 public:
  RuleSpelling(const Ruleset& ruleset, TableId table);

  [[nodiscard]] bool is_nft() const { return is_nft_; }
  // Of nft, boxes that differ in addresses and ports are few rules; of iptables, each is one or
  // more.
  [[nodiscard]] SpelledBox boxes(std::span<const Box> boxes, const Layout& layout,
                                 const RuleWish& wish) const;
  // Later fragments, which have no ports; nothing: they cannot be told from others (ip6tables).
  [[nodiscard]] std::optional<std::string> later_fragments(IpVersion version) const;
  // Packets for this host itself, or for others.
  [[nodiscard]] std::string_view for_this_host() const;
  [[nodiscard]] std::string_view for_others(IpVersion version) const;
  // The first packet of a connection; flags that no stack sends together. `names_protocol`: the
  // rule does not ask for TCP yet.
  [[nodiscard]] std::string_view first_packet() const;
  [[nodiscard]] std::string_view odd_flags(bool names_protocol) const;

 private:
  bool is_nft_;
  bool serves_both_;
  std::vector<NftNamedValues> sets_;
};

}  // namespace untrack
