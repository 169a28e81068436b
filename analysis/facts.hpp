// Facts: what all checks need to know of a ruleset, computed once and shared. Everything here
// follows from the text alone (which chain leads where, what stands behind a rule that ends its
// chain); what needs reasoning about packets belongs to the symbolic walk. A check that needs a new
// fact gives it a name here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/flow_facts.hpp"
#include "analysis/ignores.hpp"
#include "analysis/redundancy.hpp"
#include "analysis/shadows.hpp"
#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct GivenSettings;

// A subset of the hooks.
class Hooks {
 public:
  constexpr Hooks() = default;
  constexpr Hooks(Hook hook)  // NOLINT(google-explicit-constructor): a set of one
      : bits_(static_cast<std::uint8_t>(1U << static_cast<unsigned>(hook))) {}
  [[nodiscard]] constexpr bool has(Hook hook) const { return (bits_ & Hooks(hook).bits_) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend constexpr Hooks operator|(Hooks a, Hooks b) {
    Hooks both;
    both.bits_ = static_cast<std::uint8_t>(a.bits_ | b.bits_);
    return both;
  }
  friend constexpr bool operator==(Hooks, Hooks) = default;

 private:
  std::uint8_t bits_ = 0;
};

struct ChainFacts {
  // The hooks from which jumps lead here that are themselves reached; empty: nothing gets here, but
  // see is_partial.
  Hooks hooks;
  // Those of them where the base chain runs before conntrack looks at the packet, or may:
  // prerouting and output, priority of -200 (NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h) or below.
  Hooks hooks_before_conntrack;
  // The inputs hold only a part of the table, so that a jump from elsewhere may lead here.
  bool is_partial = false;
  // Index of the first rule without a condition that ends the chain; rules behind it are never
  // reached. The number of rules if there is none.
  std::size_t end = 0;

  [[nodiscard]] bool may_be_reached() const { return is_partial || !hooks.empty(); }
};

struct Facts {
  const Ruleset& ruleset;
  const Sources& sources;
  std::optional<KernelVersion> kernel;  // of the target; none: a current one
  IpVersions given;                     // families that the inputs cover
  Tracking tracking;
  std::vector<ChainFacts> chains;  // by ChainId
  std::vector<bool> is_loaded;     // by RuleId: stands in a chain after all commands
  std::vector<bool> is_reached;    // by RuleId: false only if certainly no packet gets there
  std::vector<bool> is_idle;       // by RuleId: see decides_nothing
  // Loaded rules with a NotrackStatement where it can work, by IpVersion, in the order of the text.
  std::array<std::vector<RuleId>, 2> notrack_rules;

  // The sysctls of the host, if they were given; outlives the facts.
  const GivenSettings* settings = nullptr;

  // What no packet can match or need match, and what becomes of flows; empty unless the caller asks
  // for it (add_shadows, add_redundancies, add_flow_facts), since it takes the symbolic walk.
  Shadows shadows;
  Redundancies redundancies;
  FlowFacts flows;
  // By IpVersion: FamilyWorld::cut.
  std::array<std::vector<Analysis>, 2> cut;

  // CT and NOTRACK in tables other than raw, where the kernel refuses them, and notrack of nft in
  // chains behind the tracker, where it comes too late; in the order of the text.
  std::vector<ConstructId> misplaced_raw_targets;

  Ignores ignores;

  [[nodiscard]] const ChainFacts& operator[](ChainId id) const { return chains[id.index()]; }
  [[nodiscard]] const std::vector<RuleId>& notrack_rules_of(IpVersion version) const {
    return notrack_rules[static_cast<std::size_t>(version)];
  }
  [[nodiscard]] IpVersions ip_versions_of(RuleId rule) const {
    return untrack::ip_versions(ruleset.table_of(ruleset[rule]).family);
  }
  // Those of them whose packets the rule can match, from its own tests.
  [[nodiscard]] IpVersions ip_versions_matched(RuleId rule) const;
};

// `ruleset` must be resolved and outlive the facts, like `sources`. Linear in the ruleset.
[[nodiscard]] Facts gather_facts(const Ruleset& ruleset, const Sources& sources,
                                 const std::optional<KernelVersion>& kernel);

// No condition at all: every packet that reaches the rule matches it.
[[nodiscard]] bool is_unconditional(const Ruleset& ruleset, const Rule& rule);

// The rule's end: what happens to a packet that matches, if the text alone tells.
[[nodiscard]] bool accepts(const Ruleset& ruleset, const Rule& rule);
[[nodiscard]] bool drops(const Ruleset& ruleset, const Rule& rule);  // or rejects
// All that comes to the chain comes ahead of conntrack, for certain.
[[nodiscard]] bool is_ahead_of_tracking(const Facts& facts, ChainId id);

// An accept in a base chain whose policy accepts, with nothing but accepts behind it: whatever its
// conditions say, the packet is accepted by this chain.
[[nodiscard]] bool decides_nothing(const Facts& facts, RuleId id);

// The statement of that type in the rule, or nullptr.
template <class Wanted>
[[nodiscard]] const Wanted* find_statement(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    if (const auto* wanted = std::get_if<Wanted>(statement)) return wanted;
  }
  return nullptr;
}

// The match of that type in a part, or nullptr.
template <class Wanted>
[[nodiscard]] const Wanted* match_as(const RulePart& part) {
  const auto* match = std::get_if<Match>(&part.what);
  return match == nullptr ? nullptr : std::get_if<Wanted>(match);
}

}  // namespace untrack
