// What stands in the way of rewriting a family before a rule is looked at: that the inputs are not
// all of it, or that its text is none that edits are safe in; and of a service, once it was tried.
// Used by rewrite.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/translated.hpp"
#include "report/rewrite/rewrite_report.hpp"
#include "rewriter/notrack/candidates.hpp"
#include "rewriter/refusal.hpp"

namespace untrack {

inline constexpr std::string_view too_large_words = "the ruleset is too large for this analysis";

struct Obstacle {
  std::string why;  // half a sentence
  std::vector<Refusal> refusals;
};

// Listings and commands do not say that they are all there is. Where nothing in them leads to what
// is not there, they are taken as if they did: the tables are partial no longer. Returns whose.
IpVersions take_as_whole(Loaded& loaded);

// The family with what is in the way of its translation without state.
[[nodiscard]] FamilyRewrite with_obstacles(FamilyRewrite family, const PutAside& aside);

// What a rewrite exposes that costs something and is not among `allowed`; nullptr: nothing.
[[nodiscard]] const Exposure* price_not_allowed(const Certificate& certificate,
                                                const std::vector<ExposureKind>& allowed);

// Why a rewrite with this certificate is not given away; empty: it is.
[[nodiscard]] std::string_view why_not_kept(const Certificate& certificate, RewriteMode mode,
                                            const std::vector<ExposureKind>& allowed);

// What becomes of a service that was not tried.
[[nodiscard]] FamilyRewrite not_tried();
// Why the service that a rule admits stays tracked, with the packet that shows it.
[[nodiscard]] Refusal left_tracked(const Loaded& loaded, RuleId rule, const FamilyRewrite& trial,
                                   const std::vector<ExposureKind>& allowed);
// Puts in front of it what rates or lists are asked about the service, where its trial failed for
// what may begin now, and not for entries that it needs; false: nothing was put.
bool tell_history(FamilyWorld& world, const Loaded& loaded, const Assumptions& assumptions,
                  const Candidate& row, const FamilyRewrite& trial, Refusal& refusal);
// The family as a rewrite leaves it that was rewritten before: all that is left was tried.
[[nodiscard]] FamilyRewrite nothing_more(FamilyRewrite family);
// Whether the original exempts any packet from tracking; false, too, where that takes too long.
[[nodiscard]] bool untracks_some(World& world);

[[nodiscard]] std::optional<Obstacle> find_obstacle(const Loaded& loaded, IpVersion version);

// The texts differ in comments alone, if at all: what was asked for is there already.
[[nodiscard]] bool say_the_same(const std::vector<std::string>& texts,
                                const std::vector<std::string>& others);

}  // namespace untrack
