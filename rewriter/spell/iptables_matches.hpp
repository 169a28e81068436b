// How iptables-save writes the conditions of a rule for a box of packets: "-s 192.0.2.0/24 -i eth0
// -p tcp -m tcp --dport 443". The inverse of what the reader does with them; used by the rewrites
// for every rule that they write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/layout.hpp"

namespace untrack {

struct SpelledBox {
  // The conditions of each rule, without the chain and the target; together they match the box.
  // Never an empty list; an empty text is a rule without conditions.
  std::vector<std::string> rules;
  // The box asks for something that was left out, so that the rules match more than it.
  bool is_wider = false;
  // It would take too many rules, and `rules` is empty.
  bool is_too_large = false;
};

// What stands behind the ports of the protocol, as in "! --tcp-flags ACK,RST NONE", and with the
// module of TCP named; empty: nothing. `keeps_types`: address types (-m addrtype) are said; else
// they are left out, for where routing decides them anyhow.
struct SpellOptions {
  std::string_view tcp_options;
  bool keeps_types = false;
};

[[nodiscard]] SpelledBox spell_iptables(const Box& box, const Layout& layout,
                                        const SpellOptions& options = {});

}  // namespace untrack
