// What stands in the way of rewriting a family before a rule is looked at: that the inputs are not
// all of it, or that its text is none that edits are safe in; and of a service, once it was tried.
// Used by rewrite.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/pipeline/loaded.hpp"
#include "report/rewrite_report.hpp"
#include "rewriter/refusal.hpp"

namespace untrack {

struct Obstacle {
  std::string why;  // half a sentence
  std::vector<Refusal> refusals;
};

// Listings and commands do not say that they are all there is. Where nothing in them leads to what
// is not there, they are taken as if they did: the tables are partial no longer. Returns whose.
IpVersions take_as_whole(Loaded& loaded);

[[nodiscard]] std::optional<Obstacle> find_obstacle(const Loaded& loaded, IpVersion version);

// The texts differ in comments alone, if at all: what was asked for is there already.
[[nodiscard]] bool say_the_same(const std::vector<std::string>& texts,
                                const std::vector<std::string>& others);

// Why the service that a rule admits stays tracked, of which a rewrite was tried.
[[nodiscard]] Refusal left_tracked(const Ruleset& ruleset, RuleId rule, const FamilyRewrite& trial);

}  // namespace untrack
