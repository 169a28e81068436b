#include "app/pipeline/notrack_search.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/pipeline/most_together.hpp"
#include "app/pipeline/rewrite_obstacles.hpp"
#include "app/pipeline/tried_options.hpp"
#include "rewriter/notrack/history.hpp"
#include "rewriter/notrack/saved_entries.hpp"
#include "rewriter/stateless/replies.hpp"

namespace untrack {
namespace {

void put_refusals(std::vector<LeftFlows> left, std::vector<Refusal>& refusals) {
  for (LeftFlows& each : left) refusals.push_back(std::move(each.refusal));
}

}  // namespace

FamilyRewrite NotrackSearch::run(FamilyRewrite family) {
  const RewritePolicy& policy = at_.policy;
  FamilyWorld world(at_.original.ruleset, family.version, true, FamilyWorld::usual_limits,
                    policy.assumptions, distinctions_for(policy.selection, at_.original.ruleset));
  if (world.world() == nullptr) {
    family.why = too_large_words;
    return family;
  }
  auto candidates = within_budget([&] {
    return find_candidates(world, *at_.original.sources, policy.assumptions, policy.allowed,
                           policy.selection);
  });
  if (!candidates) {
    family.why = too_large_words;
    return family;
  }
  const FamilyRewrite plain = family;
  std::vector<LeftFlows> left;
  if (candidates->rows.empty()) {
    family.outcome = RewriteOutcome::nothing_to_do;
    family.why = policy.selection.empty()
                     ? "no service can be untracked at the price that is allowed"
                     : "nothing that is selected can be untracked at the price that is allowed";
  } else {
    if (policy.entries || policy.rates) {
      const auto all = within_budget([&] {
        return policy.entries ? order_by_entries(world, candidates->rows, *policy.entries)
                              : order_by_rates(world, candidates->rows, *policy.rates);
      });
      if (!all) {
        family.why = too_large_words;
        return family;
      }
      family.saved = SavedEntries{{}, *all, !policy.entries};
    }
    family = best_of(family, world, *candidates, left);
  }
  left.insert(left.end(), std::make_move_iterator(candidates->left.begin()),
              std::make_move_iterator(candidates->left.end()));
  if (!policy.tries_options) {
    put_refusals(std::move(left), family.refusals);
    return family;
  }
  const NotrackTrial trial = [&](FamilyWorld& each, const Candidates& found,
                                 const std::vector<Candidate>& rows, const Kinds& allowed) {
    const std::vector<std::string> kept = at_.texts;
    FamilyRewrite tried = with_untracked(plain, each, found, rows, allowed);
    at_.texts = kept;
    return tried;
  };
  TriedOptions(at_.original, policy, family.version, trial).tell(left);
  put_refusals(std::move(left), family.refusals);
  return family;
}

// All candidates, or as many as can be untracked together: halves are tried.
FamilyRewrite NotrackSearch::best_of(const FamilyRewrite& family, FamilyWorld& world,
                                     const Candidates& candidates, std::vector<LeftFlows>& left) {
  const RewritePolicy& policy = at_.policy;
  const std::vector<std::string> before = at_.texts;
  FamilyRewrite all = with_untracked(family, world, candidates, candidates.rows, policy.allowed);
  if (all.outcome == RewriteOutcome::rewritten) return all;
  // A rule may let in what a rate or a list is asked about, and what none is.
  const auto parts = split_by_history(world, policy.assumptions, candidates.rows);
  bool has_history = false;
  FamilyRewrite best;
  FamilyRewrite last = all;
  const auto go_together = [&](const std::vector<Candidate>& rows) {
    const std::vector<std::string> kept = std::exchange(at_.texts, before);
    last = with_untracked(family, world, candidates, rows, policy.allowed);
    if (last.outcome == RewriteOutcome::rewritten) {
      best = last;
      return true;
    }
    at_.texts = kept;
    return false;
  };
  const auto leave = [&](const Candidate& row, bool was_tried) {
    if (!was_tried) last = not_tried();
    const FlowClass& flows =
        world.flows(FamilyWorld::as_it_is, policy.assumptions).classes()[row.flow_class];
    LeftFlows each{left_tracked(at_.original, flows.rule, last, policy.allowed)};
    const bool is_asked =
        was_tried && tell_history(world, at_.original, policy.assumptions, row, last, each.refusal);
    has_history = has_history || is_asked;
    if (!row.selected_by.empty()) {
      each.refusal.reason = fmt::format("{}: {}", row.selected_by, each.refusal.reason);
    }
    const Exposure* price = was_tried && last.certificate && holds(*last.certificate)
                                ? price_not_allowed(*last.certificate, policy.allowed)
                                : nullptr;
    if (price != nullptr) {
      each.proposal = Proposal{flows.path, flows.rule, flows.chain, {price->kind}, {}};
    }
    left.push_back(std::move(each));
  };
  constexpr std::size_t most_trials = 64;
  if (parts.size() == 1) {
    leave(parts.front(), true);
  } else if (!most_together(parts, most_trials, go_together, leave).empty()) {
    return best;
  }
  if (untracks_some(*world.world())) return nothing_more(family);
  // Of one service the certificate says why.
  if (parts.size() == 1 && !has_history && !left.front().proposal) left.clear();
  return all;
}

FamilyRewrite NotrackSearch::with_untracked(FamilyRewrite family, FamilyWorld& world,
                                            const Candidates& candidates,
                                            const std::vector<Candidate>& chosen,
                                            const Kinds& allowed) {
  const RewritePolicy& policy = at_.policy;
  const Ruleset& ruleset = at_.original.ruleset;
  const Sources& sources = *at_.original.sources;
  const auto plan = within_budget(
      [&] { return plan_notrack(world, sources, policy.assumptions, candidates, chosen); });
  if (!plan) {
    family.why = too_large_words;
    return family;
  }
  if (plan->is_empty) {
    family.outcome = RewriteOutcome::nothing_to_do;
    family.why = plan->why_empty;
    return family;
  }
  const auto replies =
      replies_beside(at_.reader.parsed(at_.with(drafted(*plan))), plan->places, family.version);
  if (!replies || !replies->refusals.empty()) {
    family.why = replies ? "what answers the untracked flows cannot be said" : too_large_words;
    if (replies) family.refusals = replies->refusals;
    return family;
  }
  if (family.saved) {
    Flows& flows = world.flows(FamilyWorld::as_it_is, policy.assumptions);
    for (const Candidate& row : chosen) {
      const RuleId rule = flows.classes()[row.flow_class].rule;
      const Span text = rule.names_something() ? ruleset[rule].text : Span{};
      family.saved->services.push_back({text, row.selected_by, row.entries});
    }
  }
  return at_.proven(std::move(family), finished(ruleset, sources, *plan, *replies), allowed);
}

std::optional<Replies> NotrackSearch::replies_beside(const Loaded& draft,
                                                     const std::vector<Place>& places,
                                                     IpVersion version) {
  const Assumptions& assumptions = at_.policy.assumptions;
  const Program before(at_.original.ruleset, version, true, at_.variables);
  const Program between(draft.ruleset, version, true, at_.variables);
  const std::array<const Program*, 2> programs{&before, &between};
  const auto world =
      World::make(programs, assumptions, {}, {}, World::orders_for(at_.original.ruleset));
  if (world == nullptr) return std::nullopt;
  return within_budget(
      [&] { return find_replies(*world, places, assumptions, ReplyUse::untracked); });
}

}  // namespace untrack
