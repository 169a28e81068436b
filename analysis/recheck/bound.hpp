// What of a rule works on the entries of conntrack: NAT, helpers, CONNMARK, connlimit, flowtables
// and the like. From the facts of the catalog; written anew for the recheck of certificates.
#pragma once

#include <string>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack::boxwise {

// Names nothing: a part of iptables or nft that needs no extension, and no entry.
[[nodiscard]] bool is_of_entries(const Ruleset& ruleset, ConstructId construct);
// Whether a part of a rule asks what nothing but the entry tells.
[[nodiscard]] bool asks_entry_alone(const Ruleset& ruleset, const RulePart& part);
// Of a rule, all that need an entry; NOTRACK and what untracks like it does not.
[[nodiscard]] std::vector<ConstructId> bindings_of(const Ruleset& ruleset, RuleId rule);
[[nodiscard]] bool is_target(const Ruleset& ruleset, ConstructId construct);
[[nodiscard]] bool assigns_helper(const Ruleset& ruleset, ConstructId construct);
// And does nothing else.
[[nodiscard]] bool only_assigns_helper(const Ruleset& ruleset, ConstructId construct);
[[nodiscard]] bool asks_for_helper(const Ruleset& ruleset, ConstructId construct);
// What makes the kernel track, whatever comes; empty: nothing does.
[[nodiscard]] std::string forcing_construct(const Ruleset& ruleset, IpVersion version);

}  // namespace untrack::boxwise
