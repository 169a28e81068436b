// Program: the chains of a ruleset in the order in which the kernel runs them for one IP version,
// with every part of every rule judged once: computed from the packet, or a free variable. Both
// walks (analysis/walk) interpret it, the concrete one packet by packet, the symbolic one for all
// packets at once; whatever a rule means is decided here, so that they cannot disagree about it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "analysis/program/free_variables.hpp"
#include "analysis/program/ipset_names.hpp"
#include "analysis/program/part_variables.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// One base chain on a way.
struct Run {
  ChainId chain;
  Hook hook{};
  int priority = 0;
  // Ahead of conntrack (prerouting and output, below -200): a packet has no state here yet, which
  // state matches read as INVALID, and NOTRACK works (nf_ct_get in xt_conntrack.c, 6.1).
  bool is_before_conntrack = false;
  // Seen only by packets that begin a tracked flow (nf_nat_inet_fn, nf_nat_core.c, 6.1).
  bool is_nat = false;

  [[nodiscard]] bool sees_out_interface() const { return hook != Hook::prerouting; }
};

// What the walks take a part of a rule for.
enum class PartKind : std::uint8_t {
  test,         // a Match, computed from the packet
  free_test,    // a Match that is the free variable of the part
  status_test,  // a StateTest that asks for SNAT or DNAT, too: see Program::status_variable
  statement,    // a Statement with a known effect
  free_end,     // a Statement: its first variable says whether the packet ends here, the second
                // whether it is accepted then; the mark is unknown behind it, whatever they say
  free_accept,  // NFQUEUE, QUEUE: the variable says whether the program behind it accepts, which
                // may mark the packet, too
  free_mark,    // a Statement that leaves the packet mark unknown, and goes on
  free_map,     // a VerdictMapStatement: the k-th variable from the first one says that the k-th
                // verdict is found, if none before it is; if none is, the rule does not match
};

// What NOTRACK rules do; `ignored` asks what would become of packets if they were tracked.
enum class NotrackUse : std::uint8_t { obeyed, ignored };

// What statements that set an address to a constant do. `followed`: tests behind them are of what
// was set: where a packet is asked about, and nothing that answers it. `open`: tests of that field
// are free variables, as with all other statements that change a field.
enum class AddressWrites : std::uint8_t { followed, open };

struct RuleSurvey;

class Program {
 public:
  // Linear in the ruleset. `ruleset` must be resolved and outlive the program, like `variables`.
  // `tracks`: conntrack looks at packets of this version (analysis/conntrack/tracking; where that
  // is not known, true). With a `survey` of the ruleset, of this version, rules that are not
  // special are not looked at again.
  Program(const Ruleset& ruleset, IpVersion version, bool tracks, FreeVariables& variables,
          NotrackUse notrack = NotrackUse::obeyed, AddressWrites writes = AddressWrites::open,
          const RuleSurvey* survey = nullptr);

  [[nodiscard]] const Ruleset& ruleset() const { return *ruleset_; }
  [[nodiscard]] IpVersion version() const { return version_; }
  [[nodiscard]] const FreeVariables& variables() const { return *variables_; }
  [[nodiscard]] bool tracks() const { return tracks_; }
  [[nodiscard]] bool obeys_notrack() const { return notrack_ == NotrackUse::obeyed; }
  // The address that a statement sets, where it is followed; nothing for any other statement.
  [[nodiscard]] std::optional<Interval> followed_address(const Statement& statement) const;
  // Packets are whole when the hooks see them: conntrack, -m socket or TPROXY reassemble
  // (nf_defrag_ipv4.c, nf_defrag_ipv6_hooks.c, 6.1; measured).
  [[nodiscard]] bool reassembles() const { return reassembles_; }

  // The rules that may do something beside deciding packets (side_work.hpp), as the survey has
  // them; nullptr: there was none.
  [[nodiscard]] const std::vector<RuleId>* rules_with_work() const {
    return rules_with_work_ ? &*rules_with_work_ : nullptr;
  }

  [[nodiscard]] const IpsetNames& ipsets() const { return ipsets_; }

  // The base chains of a way, in the order of hooks, then priorities, then of the text.
  [[nodiscard]] std::span<const Run> runs(Path path) const {
    return runs_[static_cast<std::size_t>(path)];
  }

  // `part` is an index into ruleset.parts.
  [[nodiscard]] PartKind kind(std::uint32_t part) const { return kinds_[part]; }
  // A statement behind which the packet may have any mark.
  [[nodiscard]] bool leaves_mark_open(std::uint32_t part) const {
    return kind(part) == PartKind::free_mark || kind(part) == PartKind::free_end ||
           kind(part) == PartKind::free_accept;
  }
  [[nodiscard]] FreeId variable(std::uint32_t part) const { return part_variables_[part]; }
  // The second variable of a free_end.
  [[nodiscard]] FreeId accept_variable(std::uint32_t part) const {
    return part_variables_[part] + 1;
  }
  // A free test of a history in a chain that a packet may come through more than once: its variable
  // is the outcome of the first time.
  [[nodiscard]] bool may_turn_out_otherwise(std::uint32_t part) const {
    return std::ranges::binary_search(not_kept_, part);
  }
  [[nodiscard]] bool keeps_outcomes() const { return not_kept_.empty(); }
  // A statement that gives the packet a template (CT with a zone, a helper ...): NOTRACK behind it
  // does nothing (xt_ct_target, xt_CT.c; nft_notrack_eval, nft_ct.c, 6.1).
  [[nodiscard]] bool gives_template(std::uint32_t part) const;
  // One that packets get which NOTRACK has exempted, too, and which takes that back: that of nft
  // (nft_ct_set_zone_eval, nft_ct.c, 6.1; measured on 6.18).
  [[nodiscard]] bool takes_notrack_back(std::uint32_t part) const;
  // "The packet has a template", where something depends on it: NOTRACK, or a test of the state in
  // front of conntrack, to which it is NEW (measured); no_free_variable elsewhere. False for
  // packets that enter their way.
  [[nodiscard]] FreeId template_variable() const { return template_variable_; }
  // "This packet is of a flow whose source (snat), destination (dnat) is translated."
  [[nodiscard]] FreeId status_variable(CtState snat_or_dnat) const;

 private:
  class Maker;

  const Ruleset* ruleset_;
  FreeVariables* variables_;
  IpVersion version_;
  bool tracks_;
  bool reassembles_ = false;
  NotrackUse notrack_;
  AddressWrites writes_;
  IpsetNames ipsets_;
  std::optional<std::vector<RuleId>> rules_with_work_;
  std::array<std::vector<Run>, 3> runs_;
  std::vector<PartKind> kinds_;  // by part
  PartVariables part_variables_;
  std::vector<std::uint32_t> not_kept_;  // parts of which the next outcome may be another one
  std::array<FreeId, 2> status_variables_{no_free_variable, no_free_variable};
  FreeId template_variable_ = no_free_variable;
};

// In which units a FieldTest can be computed: the field's width in bits for this IP version.
[[nodiscard]] unsigned width_of(Field field, IpVersion version);

}  // namespace untrack
