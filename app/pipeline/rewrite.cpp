#include "app/pipeline/rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <utility>

#include "analysis/conntrack/tracking.hpp"
#include "app/pipeline/certify.hpp"
#include "app/pipeline/loaded.hpp"
#include "rewriter/notrack/candidates.hpp"
#include "rewriter/notrack/plan.hpp"
#include "rewriter/stateless/finish.hpp"
#include "rewriter/stateless/mirror_places.hpp"

namespace untrack {
namespace {

constexpr std::string_view not_said = "not every rule can be said without state";
constexpr std::string_view too_large = "the ruleset is too large for this analysis";

std::size_t rule_count(const Ruleset& ruleset, IpVersion version) {
  std::size_t count = 0;
  for (const Chain& chain : ruleset.chains) {
    if (ip_versions(ruleset[chain.table].family).has(version)) count += chain.rules.size();
  }
  return count;
}

std::string summary_of(const RewriteReport& report) {
  if (report.families.empty()) return "No firewall rules were read.";
  const auto count = [&](RewriteOutcome outcome) {
    return std::ranges::count(report.families, outcome, &FamilyRewrite::outcome);
  };
  const bool is_stateless = report.mode == RewriteMode::stateless;
  if (count(RewriteOutcome::rewritten) > 0) {
    std::string text =
        is_stateless ? "The new ruleset does without connection tracking and keeps the policy "
                       "of the old one"
                     : "The new ruleset untracks what does not need tracking and keeps the "
                       "policy of the old one";
    text += count(RewriteOutcome::refused) > 0 ? "; not every family could be rewritten." : ".";
    return text;
  }
  if (count(RewriteOutcome::refused) == 0) return "There is nothing to rewrite.";
  return "Nothing is rewritten.";
}

class Rewriting {
 public:
  Rewriting(std::vector<AuditInput> inputs, const RewritePolicy& policy)
      : policy_(policy),
        original_(load(std::move(inputs), policy.format, policy.ip_version)),
        variables_(std::make_shared<FreeVariables>()) {
    for (std::size_t i = 0; i < original_.sources->size(); ++i) {
      texts_.emplace_back((*original_.sources)[SourceId(i)].text());
    }
  }

  RewriteReport run() {
    RewriteReport report;
    report.mode = policy_.mode;
    report.assumptions = policy_.assumptions;
    report.is_fully_understood = original_.is_fully_understood();
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (original_.given.has(version)) report.families.push_back(take(version));
    }
    Loaded rewritten = parsed(texts_);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const SourceText& source = (*original_.sources)[SourceId(i)];
      report.files.push_back({source.path(),
                              texts_[i],
                              unified_diff(source.path(), source.text(), source.path(), texts_[i]),
                              versions_of(SourceId(i)),
                              {}});
    }
    report.summary = summary_of(report);
    report.variables = std::move(variables_);
    report.original = {std::move(original_.sources), std::move(original_.ruleset)};
    report.rewritten = {std::move(rewritten.sources), std::move(rewritten.ruleset)};
    return report;
  }

 private:
  Loaded parsed(const std::vector<std::string>& texts) const {
    std::vector<AuditInput> inputs;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      inputs.push_back({(*original_.sources)[SourceId(i)].path(), texts[i]});
    }
    return load(std::move(inputs), policy_.format, policy_.ip_version);
  }

  // The texts with the edits, which are of one family and so do not meet those of another.
  std::vector<std::string> with(const EditSet& edits) const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < original_.sources->size(); ++i) {
      texts.push_back(edits.apply(*original_.sources, SourceId(i)));
    }
    return texts;
  }

  // Why nothing is rewritten, before a rule is looked at; empty: it may be.
  std::string obstacle(IpVersion version) const {
    if (!original_.is_fully_understood()) return "not everything in the ruleset was understood";
    for (const Table& table : original_.ruleset.tables) {
      if (!ip_versions(table.family).has(version)) continue;
      if (table.language != Language::iptables) {
        return "it has tables of nftables, which are not rewritten yet";
      }
      if (table.is_partial) return "the inputs are a part of a larger ruleset";
      if (ip_versions(table.family) != IpVersions(version)) {
        return "a table serves both families, which is not rewritten yet";
      }
    }
    for (const InputSummary& input : original_.ruleset.inputs) {
      if (input.ip_versions.has(version) && input.rules > 0 && input.format != "iptables-save") {
        return fmt::format("only what iptables-save prints is rewritten yet, and {} is read as {}",
                           (*original_.sources)[input.source].path(), input.format);
      }
    }
    return {};
  }

  FamilyRewrite take(IpVersion version) {
    FamilyRewrite family;
    family.version = version;
    family.rules_before = family.rules_after = rule_count(original_.ruleset, version);
    if (!may_track(original_.ruleset, version, policy_.kernel)) {
      family.outcome = RewriteOutcome::nothing_to_do;
      family.why = "nothing in it forces connection tracking";
      return family;
    }
    family.why = obstacle(version);
    if (!family.why.empty()) return family;
    return policy_.mode == RewriteMode::stateless ? stateless(std::move(family))
                                                  : notrack(std::move(family));
  }

  FamilyRewrite stateless(FamilyRewrite family) {
    const Draft draft = draft_stateless(original_.ruleset, *original_.sources, family.version);
    if (!draft.refusals.empty()) {
      family.why = "it needs connection tracking";
      family.refusals = draft.refusals;
      return family;
    }
    const Loaded drafted = parsed(with(draft_edits(original_.ruleset, draft)));
    const Program before(original_.ruleset, family.version, true, *variables_);
    const Program between(drafted.ruleset, family.version,
                          may_track(drafted.ruleset, family.version, policy_.kernel), *variables_);
    const std::array<const Program*, 2> programs{&before, &between};
    const auto world = World::make(programs, policy_.assumptions);
    if (world == nullptr) {
      family.why = too_large;
      return family;
    }
    const auto replies =
        within_budget([&] { return find_replies(*world, draft.places, policy_.assumptions); });
    if (!replies) {
      family.why = too_large;
      return family;
    }
    if (!replies->refusals.empty()) {
      family.why = not_said;
      family.refusals = replies->refusals;
      return family;
    }
    // The plainest text first; one that does not keep the policy gives way to a longer one.
    FamilyRewrite found = family;
    for (const bool is_short : {true, false}) {
      MirroredPlaces mirrored;
      for (const bool has_groups : {false, true}) {
        Replies said = *replies;
        mirrored = mirror_places(original_.ruleset, *original_.sources, family.version,
                                 policy_.assumptions, draft.places,
                                 {.if_shorter = is_short, .answers_of_groups = has_groups}, said);
        found = with_replies(family, draft, said, mirrored);
        if (found.outcome == RewriteOutcome::rewritten) return found;
        if (!mirrored.has_left_groups) break;
      }
      if (!mirrored.has_chosen) break;
    }
    return found;
  }

  FamilyRewrite with_replies(FamilyRewrite family, const Draft& draft, const Replies& replies,
                             const MirroredPlaces& mirrored) {
    if (!mirrored.refusals.empty()) {
      family.why = not_said;
      family.refusals = mirrored.refusals;
      return family;
    }
    const EditSet edits = final_edits(original_.ruleset, *original_.sources, draft, replies,
                                      mirrored.edits, family.version);
    return proven(std::move(family), edits);
  }

  FamilyRewrite notrack(FamilyRewrite family) {
    FamilyWorld world(original_.ruleset, family.version, true, FamilyWorld::usual_limits,
                      policy_.assumptions, distinctions_for(policy_.selection));
    if (world.world() == nullptr) {
      family.why = too_large;
      return family;
    }
    const auto candidates = within_budget([&] {
      return find_candidates(world, *original_.sources, policy_.assumptions, policy_.allowed,
                             policy_.selection);
    });
    if (!candidates) {
      family.why = too_large;
      return family;
    }
    if (candidates->rows.empty()) {
      family.outcome = RewriteOutcome::nothing_to_do;
      family.why = policy_.selection.empty()
                       ? "no service can be untracked at the price that is allowed"
                       : "nothing that is selected can be untracked at the price that is allowed";
      family.refusals = candidates->left;
      return family;
    }
    FamilyRewrite found = best_of(family, world, *candidates);
    found.refusals.insert(found.refusals.end(), candidates->left.begin(), candidates->left.end());
    return found;
  }

  // All candidates, or where something stands in the way, as many as can be untracked together:
  // halves are tried until what is in the way stands alone.
  FamilyRewrite best_of(const FamilyRewrite& family, FamilyWorld& world,
                        const Candidates& candidates) {
    const std::vector<std::string> before = texts_;
    FamilyRewrite all = with_untracked(family, world, candidates, candidates.rows);
    if (all.outcome == RewriteOutcome::rewritten || candidates.rows.size() == 1) return all;
    std::size_t trials = 64;
    std::vector<Candidate> good;
    std::vector<Refusal> left;
    FamilyRewrite best;
    const auto leave = [&](const Candidate& row, const FamilyRewrite& trial) {
      Flows& flows = world.flows(FamilyWorld::as_it_is, policy_.assumptions);
      Refusal refusal = left_tracked(flows.classes()[row.flow_class].rule, trial);
      if (!row.selected_by.empty()) {
        refusal.reason = fmt::format("{}: {}", row.selected_by, refusal.reason);
      }
      left.push_back(std::move(refusal));
    };
    const auto grow = [&](const auto& self, std::span<const Candidate> more) -> void {
      const std::size_t half = more.size() / 2;
      for (const auto part : {more.first(half), more.subspan(half)}) {
        if (part.empty()) continue;
        if (trials == 0) {
          FamilyRewrite untried;
          untried.why = "it was not tried: too many others could not be untracked";
          for (const Candidate& row : part) leave(row, untried);
          continue;
        }
        --trials;
        std::vector<Candidate> both = good;
        both.insert(both.end(), part.begin(), part.end());
        const std::vector<std::string> kept = std::exchange(texts_, before);
        FamilyRewrite trial = with_untracked(family, world, candidates, both);
        if (trial.outcome == RewriteOutcome::rewritten) {
          good = std::move(both);
          best = std::move(trial);
          continue;
        }
        texts_ = kept;
        if (part.size() == 1) {
          leave(part.front(), trial);
        } else {
          self(self, part);
        }
      }
    };
    grow(grow, candidates.rows);
    if (good.empty()) return all;
    best.refusals.insert(best.refusals.end(), left.begin(), left.end());
    return best;
  }

  // Why the service that a rule admits stays tracked.
  Refusal left_tracked(RuleId rule, const FamilyRewrite& trial) const {
    std::string reason = trial.why;
    if (trial.certificate) {
      for (const Obligation& obligation : trial.certificate->obligations) {
        if (obligation.proof != Proof::failed) continue;
        reason = fmt::format("{} would not hold: {}", obligation.id, obligation.explanation);
        break;
      }
    }
    // Of a policy there is no text.
    const Span text = rule.names_something() ? original_.ruleset[rule].text : Span{};
    return {text, std::move(reason), ""};
  }

  FamilyRewrite with_untracked(FamilyRewrite family, FamilyWorld& world,
                               const Candidates& candidates, const std::vector<Candidate>& chosen) {
    const auto plan = within_budget([&] {
      return plan_notrack(world, *original_.sources, policy_.assumptions, candidates, chosen);
    });
    if (!plan) {
      family.why = too_large;
      return family;
    }
    if (plan->is_empty) {
      family.outcome = RewriteOutcome::nothing_to_do;
      family.why = plan->why_empty;
      return family;
    }
    const Loaded draft = parsed(with(drafted(*plan)));
    const auto replies = replies_beside(draft, plan->places, family.version);
    if (!replies || !replies->refusals.empty()) {
      family.why = replies ? "what answers the untracked flows cannot be said" : too_large;
      if (replies) family.refusals = replies->refusals;
      return family;
    }
    return proven(std::move(family),
                  finished(original_.ruleset, *original_.sources, *plan, *replies));
  }

  std::optional<Replies> replies_beside(const Loaded& draft, const std::vector<Place>& places,
                                        IpVersion version) {
    const Program before(original_.ruleset, version, true, *variables_);
    const Program between(draft.ruleset, version, true, *variables_);
    const std::array<const Program*, 2> programs{&before, &between};
    const auto world = World::make(programs, policy_.assumptions);
    if (world == nullptr) return std::nullopt;
    return within_budget(
        [&] { return find_replies(*world, places, policy_.assumptions, ReplyUse::untracked); });
  }

  IpVersions versions_of(SourceId source) const {
    const auto& inputs = original_.ruleset.inputs;
    const auto at = std::ranges::find(inputs, source, &InputSummary::source);
    return at == inputs.end() ? IpVersions() : at->ip_versions;
  }

  std::vector<std::string> new_tables(const Ruleset& after, IpVersion version) const {
    std::vector<std::string> names;
    for (const Table& table : after.tables) {
      const bool is_known = std::ranges::any_of(original_.ruleset.tables, [&](const Table& known) {
        return known.name == table.name && known.family == table.family;
      });
      if (!is_known && ip_versions(table.family).has(version)) names.emplace_back(table.name);
    }
    return names;
  }

  // The text is kept if every obligation holds.
  FamilyRewrite proven(FamilyRewrite family, const EditSet& edits) {
    std::vector<std::string> texts = with(edits);
    const Loaded after = parsed(texts);
    if (!after.is_fully_understood()) {
      for (const Problem& problem : after.ruleset.problems) {
        if (problem.kind == ProblemKind::note) continue;
        throw std::logic_error(fmt::format("a rewritten ruleset is not understood: {} in \"{}\"",
                                           problem.message, after.sources->text(problem.span)));
      }
    }
    family.certificate = certify(original_, after, family.version,
                                 {policy_.mode, policy_.assumptions, policy_.kernel}, *variables_);
    family.rules_after = rule_count(after.ruleset, family.version);
    if (!holds(*family.certificate)) {
      family.why = "what was found does not keep the policy of the original";
      return family;
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      // Families stand in files of their own, or the edits of one file were made together.
      if (texts[i] != (*original_.sources)[SourceId(i)].text()) texts_[i] = std::move(texts[i]);
    }
    family.new_tables = new_tables(after.ruleset, family.version);
    family.outcome = RewriteOutcome::rewritten;
    family.why.clear();
    return family;
  }

  const RewritePolicy& policy_;
  Loaded original_;
  std::shared_ptr<FreeVariables> variables_;
  std::vector<std::string> texts_;  // of all inputs, as far as they are rewritten
};

}  // namespace

bool RewriteReport::is_refused() const {
  return std::ranges::any_of(families, [](const FamilyRewrite& family) {
    return family.outcome == RewriteOutcome::refused;
  });
}

bool RewriteReport::has_changed() const {
  return std::ranges::any_of(files, [](const RewrittenFile& file) { return !file.diff.empty(); });
}

RewriteReport rewrite(std::vector<AuditInput> inputs, const RewritePolicy& policy) {
  return Rewriting(std::move(inputs), policy).run();
}

}  // namespace untrack
