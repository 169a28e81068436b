// Statement: what a rule does to a packet that matched: end its way, send it elsewhere, change it,
// or change how it is tracked. The words are those of nft(8); an iptables target becomes one or,
// where it does two things, several of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "model/ids.hpp"
#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

struct VerdictStatement {
  Verdict verdict{};
};

struct JumpStatement {
  TextRef chain_name;
  ChainId chain;  // linked by resolve()
  bool is_goto = false;
};

// Drops the packet and answers with an ICMP error or a TCP reset.
struct RejectStatement {
  TextRef with;  // as iptables-extensions(8) REJECT spells it; empty: the default
};

enum class NatKind : std::uint8_t { snat, dnat, masquerade, redirect, netmap };
[[nodiscard]] std::string_view to_text(NatKind kind);

// Address translation. Ends the base chain like an accept. Empty ranges: not given. Ranges of the
// pool of intervals, because numbers in here would make every part of every rule 96 bytes larger.
struct NatStatement {
  NatKind kind{};
  PoolRange<Interval> addresses;
  PoolRange<Interval> ports;
};

// Sets the state of the packet to UNTRACKED (before conntrack looks at it, or never).
struct NotrackStatement {};

// mark = (mark & ~mask) ^ value for the packet mark (iptables MARK --set-xmark; nft meta mark set).
struct MarkStatement {
  std::uint32_t value = 0;
  std::uint32_t mask = 0xffffffffU;
};

// Changes what conntrack does with the flow or what its entry holds: helper, zone, timeout, events,
// connmark, label ... `what` is the iptables option or the nft key, e.g. "helper", "zone".
struct ConntrackStatement {
  TextRef what;
  KeptText value;
};

// Has no effect on the way of a packet: LOG, counter, NFLOG, comment ...
struct PassiveStatement {
  TextRef what;
};

// What a verdict map is asked for. `opaque_key`: what is looked up cannot be computed from the
// packet; then `key` has no fields, and any element may be found.
struct MapLookup {
  SetTest key;
  TextRef opaque_key;
  bool has_history = false;  // of an opaque key: see OpaqueTest
};

// Looks a key up in a map and does what the element says, or nothing, and then the rule did not
// match (nft's vmap). The verdicts stand in NamedSet::verdicts; what is looked up stands in
// Ruleset::lookups, because in here it would make every part of every rule larger.
struct VerdictMapStatement {
  LookupId lookup;
};

// Anything else. `key` as in OpaqueTest. `may_end`: the packet may not come back to the next rule.
struct OpaqueStatement {
  KeptText key;
  bool may_end = true;
  std::optional<Field> writes = {};  // the field that it changes, if that is all it does
  PoolRange<Interval> value = {};    // what the field becomes, one number; empty: not known
};

using Statement = std::variant<VerdictStatement, JumpStatement, RejectStatement, NatStatement,
                               NotrackStatement, MarkStatement, ConntrackStatement,
                               PassiveStatement, VerdictMapStatement, OpaqueStatement>;

}  // namespace untrack
