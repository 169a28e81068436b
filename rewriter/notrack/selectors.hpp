// Selectors: which flows a NOTRACK rewrite takes up, in the words of --only and --except: a port,
// an interface, the line of a rule, its comment. Read by the command line, asked by candidates.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/packet/layout.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct Selector {
  enum class Kind : std::uint8_t { port, interface, line, comment };
  Kind kind{};
  std::string word;           // as it was written
  std::uint8_t protocol = 0;  // of ports; 0: TCP and UDP
  Interval ports{};
  std::uint32_t line = 0;
  std::string text;  // the interface; the file of a line, empty: any; what a comment contains
};

// "443", "tcp/443", "udp/5000:5010", "if:eth0", "line:14", "FILE:14", "comment:TEXT"; nothing for
// any other word.
[[nodiscard]] std::optional<Selector> read_selector(std::string_view word);

struct Selection {
  std::vector<Selector> only;    // empty: all flows
  std::vector<Selector> except;  // of those

  [[nodiscard]] bool empty() const { return only.empty() && except.empty(); }
};

// Ports that no client takes: programs that want a reserved port as their own take one from 512 on
// (rresvport, bindresvport; NFS from 665 on), and what is masqueraded stays on its side of 512
// (nf_nat_l4proto_unique_tuple).
inline constexpr Interval low_ports{1, 511};

// Those of them to which rules translate.
[[nodiscard]] std::vector<Interval> translated_low_ports(const Ruleset& ruleset);

// What a layout has to tell apart, so that the selection, or low_ports where there is none, can be
// said.
[[nodiscard]] Distinctions distinctions_for(const Selection& selection, const Ruleset& ruleset);

// Of a selector that names rules, by line or comment.
[[nodiscard]] bool selects(const Selector& selector, const Ruleset& ruleset, const Sources& sources,
                           RuleId rule);

// Why a selector meets no flows of the ruleset, in words.
[[nodiscard]] std::string why_none(const Selector& selector, const Ruleset& ruleset,
                                   const Sources& sources);

}  // namespace untrack
