#include "app/pipeline/rewrite_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "app/pipeline/certify.hpp"
#include "app/pipeline/joined_families.hpp"
#include "app/pipeline/json_pivot.hpp"
#include "app/pipeline/load_check.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/rewritten_file.hpp"

namespace untrack {
namespace {

constexpr std::string_view not_in_words = "not every rule can be said in the words of nft's text";
constexpr std::string_view give_text = "give what `nft list ruleset` prints, without -j";
constexpr std::string_view not_in_json = "what was found cannot be said in JSON";

bool is_rewritten(const FamilyRewrite& family) {
  return family.outcome == RewriteOutcome::rewritten;
}

void refuse(FamilyRewrite& family, std::string_view why) {
  family.outcome = RewriteOutcome::refused;
  family.why = why;
}

class JsonRewriting {
 public:
  JsonRewriting(std::vector<InputText> inputs, const RewritePolicy& policy)
      : policy_(policy), inputs_(std::move(inputs)), pivot_(inputs_) {}

  RewriteReport run(const TextRewriter& rewrite_text) {
    // What needs no rewrite, and what is not understood, needs no words either.
    RewriteReport plain = rewrite_text(inputs_, policy_);
    const auto is_refused = [](const FamilyRewrite& family) {
      return family.outcome == RewriteOutcome::refused;
    };
    if (!plain.is_fully_understood || std::ranges::none_of(plain.families, is_refused)) {
      return plain;
    }
    if (pivot_.obstacle()) return refused(std::move(plain), *pivot_.obstacle());
    const Loaded words = load(pivot_.inputs(), std::nullopt, policy_.ip_version);
    for (const Problem& problem : words.ruleset.problems) {
      if (problem.kind == ProblemKind::note) continue;
      return refused(std::move(plain),
                     {pivot_.original_of(problem.span),
                      fmt::format("in words: {}", problem.message), std::string(give_text)});
    }
    RewritePolicy inner = policy_;
    inner.format = std::nullopt;
    inner.load_tester = {};
    RewriteReport report = rewrite_text(pivot_.inputs(), inner);
    return put_back(std::move(report));
  }

 private:
  static RewriteReport refused(RewriteReport plain, const Refusal& refusal) {
    for (FamilyRewrite& family : plain.families) {
      if (family.outcome != RewriteOutcome::refused) continue;
      refuse(family, not_in_words);
      family.refusals = {refusal};
    }
    plain.summary = summary_of(plain);
    return plain;
  }

  RewriteReport put_back(RewriteReport report) {
    Loaded original = load(inputs_, policy_.format, policy_.ip_version);
    Texts texts = texts_of(original);
    std::vector<std::string> lines;
    for (const RewrittenFile& file : report.files) lines.push_back(file.text);
    if (std::ranges::none_of(report.families, is_rewritten)) {
      // What shows that a text fails speaks of the rules in words.
      report.files.clear();
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        report.files.push_back(rewritten_file(original, static_cast<SourceId>(i), texts[i]));
      }
      return report;
    }
    auto variables = std::make_shared<FreeVariables>();
    for (FamilyRewrite& family : report.families) {
      if (!is_rewritten(family)) family.certificate.reset();
      for (Refusal& refusal : family.refusals) refusal.span = pivot_.original_of(refusal.span);
      if (!family.saved) continue;
      for (SavedEntries::Service& service : family.saved->services) {
        service.rule = service.rule.empty() ? Span{} : pivot_.original_of(service.rule);
      }
    }
    texts = proven(report, original, pivot_.back(lines), *variables);
    Loaded after = load(with_texts(inputs_, texts), policy_.format, policy_.ip_version);
    if (policy_.load_tester &&
        !check_load_of_nft(report.families, original, after, policy_.load_tester)) {
      texts = texts_of(original);
      after = load(inputs_, policy_.format, policy_.ip_version);
    }
    report.files.clear();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto source = static_cast<SourceId>(i);
      report.files.push_back(rewritten_file(original, source, texts[i]));
      if (!report.files.back().diff.empty()) {
        report.files.back().in_words = pivot_.difference(i, lines[2 * i + 1]);
      }
    }
    for (FamilyRewrite& family : report.families) {
      family.rules_before = rule_count(original.ruleset, family.version);
      family.rules_after =
          rule_count(is_rewritten(family) ? after.ruleset : original.ruleset, family.version);
    }
    report.summary = summary_of(report);
    report.variables = std::move(variables);
    report.original = {std::move(original.sources), std::move(original.ruleset)};
    report.rewritten = {std::move(after.sources), std::move(after.ruleset)};
    return report;
  }

  // The texts for which all that is rewritten is proven anew; else those of the original, and what
  // was rewritten is refused.
  Texts proven(RewriteReport& report, const Loaded& original,
               const std::optional<std::vector<std::string>>& texts, FreeVariables& variables) {
    bool holds_all = texts.has_value();
    if (texts) {
      const Loaded after = load(with_texts(inputs_, *texts), policy_.format, policy_.ip_version);
      for (FamilyRewrite& family : report.families) {
        // What keeps its state beside the other one keeps its policy, too.
        const bool is_kept = !is_rewritten(family);
        if (is_kept && family.outcome == RewriteOutcome::nothing_to_do &&
            !may_track(original.ruleset, family.version, policy_.kernel)) {
          continue;
        }
        Certificate certificate =
            certify(original, after, family.version,
                    {policy_.mode, policy_.assumptions, policy_.kernel}, variables);
        holds_all =
            holds_all && std::ranges::all_of(certificate.obligations, [&](const Obligation& row) {
              const bool is_asked = row.id != "O5" && !(is_kept && row.id == "O4");
              return !is_asked || (row.proof != Proof::failed && row.proof != Proof::not_checked);
            });
        if (!is_kept) family.certificate = std::move(certificate);
      }
    }
    if (holds_all) return *texts;
    for (FamilyRewrite& family : report.families) {
      if (!is_rewritten(family)) continue;
      refuse(family, not_in_json);
      family.certificate.reset();
    }
    return texts_of(original);
  }

  const RewritePolicy& policy_;
  std::vector<InputText> inputs_;
  JsonPivot pivot_;
};

}  // namespace

bool are_json(const std::vector<InputText>& inputs, const RewritePolicy& policy) {
  return !inputs.empty() && std::ranges::all_of(inputs, [&](const InputText& input) {
    return policy.format.value_or(recognise(input.text)) == Format::nft_json;
  });
}

RewriteReport rewrite_json(std::vector<InputText> inputs, const RewritePolicy& policy,
                           const TextRewriter& rewrite_text) {
  return JsonRewriting(std::move(inputs), policy).run(rewrite_text);
}

}  // namespace untrack
