#include "app/pipeline/rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "analysis/conntrack/tracking.hpp"
#include "app/pipeline/certify.hpp"
#include "app/pipeline/joined_families.hpp"
#include "app/pipeline/load_check.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/notrack_search.hpp"
#include "app/pipeline/rewrite_json.hpp"
#include "app/pipeline/rewrite_obstacles.hpp"
#include "app/pipeline/rewritten_file.hpp"
#include "app/pipeline/shortest.hpp"
#include "app/pipeline/texts_reader.hpp"
#include "app/pipeline/translated.hpp"
#include "rewriter/rule_style.hpp"
#include "rewriter/stateless/finish.hpp"
#include "rewriter/stateless/mirror_places.hpp"
#include "rewriter/table_text.hpp"

namespace untrack {
namespace {

constexpr std::string_view not_said = "not every rule can be said without state";

class Rewriting {
 public:
  Rewriting(std::vector<InputText> inputs, const RewritePolicy& policy)
      : policy_(policy),
        inputs_(inputs),
        original_(load(std::move(inputs), policy.format, policy.ip_version)),
        whole_(take_as_whole(original_)),
        aside_(policy.stateless_nat && original_.is_fully_understood()
                   ? put_translation_aside(original_, TranslationForm::nat)
                   : PutAside{}),
        variables_(std::make_shared<FreeVariables>()),
        reader_(inputs_, original_, policy_),
        texts_(texts_of(original_)) {
    if (original_.translations.empty()) return;
    policy_.assumptions = with_translation(policy_.assumptions);
    of_proof_ = load(inputs_, policy.format, policy.ip_version);
    (void)take_as_whole(*of_proof_);
    put_aside_as_original(*of_proof_);
  }

  RewriteReport run() {
    RewriteReport report;
    report.mode = policy_.mode;
    report.assumptions = policy_.assumptions;
    report.is_fully_understood = original_.is_fully_understood();
    Texts all = texts_of(original_);
    const auto prove = [&](const Texts& texts, IpVersion each) -> std::optional<Certificate> {
      if (!reader_.parsed(texts).is_fully_understood()) return std::nullopt;
      return judged(texts, each).certificate;
    };
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (!original_.given.has(version)) continue;
      texts_ = texts_of(original_);
      report.families.push_back(take(version));
      join_families(report.families, original_, texts_, prove, all);
    }
    refuse_halves(report.families, original_, prove, all);
    if (policy_.mode == RewriteMode::stateless && policy_.tries_options) {
      try_assumptions_instead(report.families);
      try_notrack_instead(report.families);
    }
    if (policy_.load_tester &&
        !check_load_of_nft(report.families, original_, reader_.parsed(all), policy_.load_tester)) {
      all = texts_of(original_);
    }
    texts_ = std::move(all);
    Loaded rewritten = reader_.parsed(texts_);
    for (FamilyRewrite& family : report.families) {
      if (family.outcome != RewriteOutcome::rewritten) continue;
      family.rules_after = rule_count(rewritten.ruleset, family.version);
    }
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      report.files.push_back(rewritten_file(original_, SourceId(i), texts_[i]));
    }
    report.summary = summary_of(report);
    report.variables = std::move(variables_);
    report.original = {std::move(original_.sources), std::move(original_.ruleset)};
    report.rewritten = {std::move(rewritten.sources), std::move(rewritten.ruleset)};
    return report;
  }

 private:
  static const FamilyRewrite* rewritten_in(const RewriteReport& report, IpVersion version) {
    const auto found = std::ranges::find(report.families, version, &FamilyRewrite::version);
    const bool is_done =
        found != report.families.end() && found->outcome == RewriteOutcome::rewritten;
    return is_done ? &*found : nullptr;
  }

  // That assumptions do it is told where those that are named for a family do together.
  void try_assumptions_instead(std::vector<FamilyRewrite>& families) const {
    for (FamilyRewrite& family : families) {
      RewritePolicy assumed = policy_;
      std::vector<Refusal*> named;
      for (Refusal& refusal : family.refusals) {
        if (!refusal.assumption) continue;
        assumed.assumptions.set(*refusal.assumption, true);
        named.push_back(&refusal);
      }
      if (named.empty()) continue;
      assumed.tries_options = false;
      assumed.load_tester = {};
      const RewriteReport tried = Rewriting(inputs_, assumed).run();
      if (rewritten_in(tried, family.version) != nullptr) continue;
      for (Refusal* refusal : named) offer_notrack(*refusal);
    }
  }

  // That NOTRACK does it instead is told where it does.
  void try_notrack_instead(std::vector<FamilyRewrite>& families) const {
    const auto is_open = [](const FamilyRewrite& family) {
      return std::ranges::any_of(family.refusals, &Refusal::offers_notrack);
    };
    if (std::ranges::none_of(families, is_open)) return;
    RewritePolicy notrack = policy_;
    notrack.mode = RewriteMode::notrack;
    notrack.stateless_nat = notrack.tries_options = false;
    notrack.load_tester = {};
    const RewriteReport tried = Rewriting(inputs_, notrack).run();
    for (FamilyRewrite& family : families) {
      if (rewritten_in(tried, family.version) != nullptr || !is_open(family)) continue;
      for (Refusal& refusal : family.refusals) {
        if (refusal.offers_notrack) refusal.instead.clear();
      }
      family.why += "; nor does --mode notrack untrack anything here without further options";
    }
  }

  // The texts with the edits, which are of one family and so do not meet those of another.
  std::vector<std::string> with(const EditSet& edits) const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < original_.sources->size(); ++i) {
      texts.push_back(with_translation(edits, aside_).apply(*original_.sources, SourceId(i)));
    }
    return texts;
  }

  FamilyRewrite take(IpVersion version) {
    FamilyRewrite family;
    family.version = version;
    family.rules_before = family.rules_after = rule_count(original_.ruleset, version);
    if (!is_tracked(original_, version, policy_.kernel)) {
      family.outcome = RewriteOutcome::nothing_to_do;
      family.why = "nothing in it forces connection tracking";
      return family;
    }
    family.is_taken_as_whole = whole_.has(version);
    if (auto obstacle = find_obstacle(original_, version)) {
      family.why = std::move(obstacle->why);
      family.refusals = std::move(obstacle->refusals);
      return family;
    }
    if (!aside_.obstacles.empty()) return with_obstacles(std::move(family), aside_);
    const std::vector<std::string> before = texts_;
    try {
      family = policy_.mode == RewriteMode::stateless ? stateless(family) : notrack(family);
    } catch (const NotReadAlike&) {
      texts_ = before;
      family.why = "a variable stands for words that would have to be changed";
      return family;
    }
    if (family.outcome == RewriteOutcome::rewritten && say_the_same(texts_, before)) {
      texts_ = before;
      family.outcome = RewriteOutcome::nothing_to_do;
      family.why = "what can be untracked is untracked already";
      family.certificate.reset();
      family.saved.reset();
    }
    if (!policy_.load_tester || family.outcome != RewriteOutcome::rewritten ||
        is_of_nft(original_, version)) {
      return family;
    }
    check_load(*family.certificate, original_, reader_.parsed(texts_), policy_.load_tester);
    if (!holds(*family.certificate)) {
      texts_ = before;
      family.outcome = RewriteOutcome::refused;
      family.why = "what was found does not load where the original does";
    }
    return family;
  }

  FamilyRewrite stateless(FamilyRewrite family) {
    const Draft draft =
        draft_stateless(original_.ruleset, *original_.sources, family.version, policy_.assumptions);
    if (!draft.refusals.empty()) {
      family.why = "it needs connection tracking";
      family.refusals = draft.refusals;
      return family;
    }
    const Loaded drafted =
        reader_.parsed(with(draft_edits(original_.ruleset, *original_.sources, draft)));
    const Program before(original_.ruleset, family.version, true, *variables_);
    const Program between(drafted.ruleset, family.version,
                          may_track(drafted.ruleset, family.version, policy_.kernel), *variables_);
    const std::array<const Program*, 2> programs{&before, &between};
    const auto world =
        World::make(programs, policy_.assumptions, {}, {}, World::orders_for(original_.ruleset));
    if (world == nullptr) {
      family.why = too_large_words;
      return family;
    }
    const auto replies =
        within_budget([&] { return find_replies(*world, draft.places, policy_.assumptions); });
    if (!replies) {
      family.why = too_large_words;
      return family;
    }
    if (!replies->refusals.empty()) {
      family.why = not_said;
      family.refusals = replies->refusals;
      return family;
    }
    const KnownHere known(known_, world.get());
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
    return proven(std::move(family), edits, policy_.allowed);
  }

  FamilyRewrite notrack(FamilyRewrite family) {
    return NotrackSearch({original_, policy_, *variables_, reader_, texts_,
                          [&](const EditSet& edits) { return with(edits); },
                          [&](FamilyRewrite each, const EditSet& edits,
                              const std::vector<ExposureKind>& allowed) {
                            return proven(std::move(each), edits, allowed);
                          }})
        .run(std::move(family));
  }

  std::shared_ptr<const Loaded> read_again(const std::vector<std::string>& texts) {
    return reader_.understood(texts, whole_.empty());
  }

  RewriteTrial judged(std::vector<std::string> texts, IpVersion version) {
    const auto after = read_again(texts);
    // What is known is of the original as it stands, translation and all.
    World* known = of_proof_ ? nullptr : known_;
    Certificate certificate = certify(
        of_proof_ ? *of_proof_ : original_, *after, version,
        {policy_.mode, policy_.assumptions, policy_.kernel, policy_.causes}, *variables_, known);
    return {std::move(texts), std::move(certificate), rule_count(after->ruleset, version)};
  }

  // The text is kept if every obligation holds.
  FamilyRewrite proven(FamilyRewrite family, const EditSet& found_edits,
                       const std::vector<ExposureKind>& allowed) {
    const EditSet edits = with_translation(found_edits, aside_);
    const std::vector<std::string> texts = with(edits);
    ShortenOptions options{.joins_changed = policy_.mode == RewriteMode::stateless};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::vector<Span> changes = edits.changed(SourceId(i));
      options.changes.insert(options.changes.end(), changes.begin(), changes.end());
    }
    const auto first = read_again(texts);
    RewriteTrial found = shortest(
        *first, texts, family.version, options,
        [&](std::vector<std::string> each) { return judged(std::move(each), family.version); });
    family.certificate = std::move(found.certificate);
    family.rules_after = found.rules;
    family.why = why_not_kept(*family.certificate, policy_.mode, allowed);
    if (!family.why.empty()) return family;
    family.new_tables =
        new_tables(original_.ruleset, read_again(found.texts)->ruleset, family.version);
    texts_ = std::move(found.texts);
    family.outcome = RewriteOutcome::rewritten;
    return family;
  }

  RewritePolicy policy_;
  World* known_ = nullptr;         // of the original and the draft that is being finished
  std::vector<InputText> inputs_;  // as they were given
  Loaded original_;
  IpVersions whole_;  // families whose inputs do not say that they are all there is
  PutAside aside_;
  std::optional<Loaded> of_proof_;  // where translation is put aside, the original again
  std::shared_ptr<FreeVariables> variables_;
  TextsReader reader_;
  std::vector<std::string> texts_;  // of all inputs, as far as they are rewritten
};

}  // namespace

RewriteReport rewrite(std::vector<InputText> inputs, const RewritePolicy& policy) {
  const TextRewriter rewrite_text = [](std::vector<InputText> each, const RewritePolicy& how) {
    return Rewriting(std::move(each), how).run();
  };
  if (are_json(inputs, policy)) return rewrite_json(std::move(inputs), policy, rewrite_text);
  return rewrite_text(std::move(inputs), policy);
}

}  // namespace untrack
