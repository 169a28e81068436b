#include "app/pipeline/joined_families.hpp"

#include <algorithm>
#include <utility>

#include "rewriter/merged_texts.hpp"
#include "rewriter/rule_style.hpp"

namespace untrack {
namespace {

// What the tools said was asked once, of the family's own lines.
void keep_load_test(const Certificate& from, Certificate& to) {
  to.load_test = from.load_test;
  for (const Obligation& obligation : from.obligations) {
    const auto same = std::ranges::find(to.obligations, obligation.id, &Obligation::id);
    if (obligation.id == "O5" && same != to.obligations.end()) *same = obligation;
  }
}

// Tables of nft that see packets of both families, whose rules may stand in any file.
bool has_wide_tables(const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.tables, [](const Table& table) {
    return table.language == Language::nft && ip_versions(table.family) == IpVersions::both();
  });
}

}  // namespace

Texts texts_of(const Loaded& loaded) {
  Texts texts;
  for (std::size_t i = 0; i < loaded.sources->size(); ++i) {
    texts.emplace_back((*loaded.sources)[SourceId(i)].text());
  }
  return texts;
}

void refuse_halves(std::vector<FamilyRewrite>& families, const Loaded& loaded,
                   const Certifier& certify, Texts& all) {
  const Texts original = texts_of(loaded);
  bool is_for_both = false;
  bool is_wide = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == original[i]) continue;
    is_for_both = is_for_both || serves_both(loaded.ruleset, SourceId(i));
    is_wide = is_wide || has_wide_tables(loaded.ruleset);
  }
  const auto is_rewritten = [](const FamilyRewrite& family) {
    return family.outcome == RewriteOutcome::rewritten;
  };
  // What the other one keeps may stand beside what is new, its tracking among it.
  const auto is_kept = [&](const FamilyRewrite& family) {
    const auto certificate = certify(all, family.version);
    return certificate && std::ranges::all_of(certificate->obligations, [](const Obligation& row) {
             return row.id == "O4" || row.id == "O5" ||
                    (row.proof != Proof::failed && row.proof != Proof::not_checked);
           });
  };
  const bool are_fine = std::ranges::all_of(families, [&](const FamilyRewrite& family) {
    return is_rewritten(family) || (!is_for_both && !is_wide) || (!is_for_both && is_kept(family));
  });
  if (are_fine) return;
  for (FamilyRewrite& family : families) {
    if (!is_rewritten(family)) continue;
    family.outcome = RewriteOutcome::refused;
    family.why = "its lines are for both families, and the other one is not rewritten";
  }
  all = original;
}

void join_families(std::vector<FamilyRewrite>& families, const Loaded& loaded, const Texts& found,
                   const Certifier& certify, Texts& all) {
  FamilyRewrite& last = families.back();
  if (last.outcome != RewriteOutcome::rewritten) return;
  const Texts original = texts_of(loaded);
  Texts both = all;
  bool is_merged = true;
  for (std::size_t i = 0; i < both.size(); ++i) {
    if (found[i] == original[i]) continue;
    const bool has_changes = both[i] != original[i];
    const auto text = has_changes && serves_both(loaded.ruleset, SourceId(i))
                          ? woven(original[i], both[i], found[i])
                      : has_changes && has_wide_tables(loaded.ruleset)
                          ? woven_nft(original[i], both[i], found[i])
                          : merged(original[i], both[i], found[i]);
    is_merged = is_merged && text.has_value();
    if (text) both[i] = *text;
  }
  std::vector<std::pair<FamilyRewrite*, Certificate>> proofs;
  for (FamilyRewrite& family : families) {
    if (all == original || !is_merged || family.outcome != RewriteOutcome::rewritten) continue;
    auto certificate = certify(both, family.version);
    if (certificate) keep_load_test(*family.certificate, *certificate);
    is_merged = certificate && holds(*certificate);
    if (is_merged) proofs.emplace_back(&family, std::move(*certificate));
  }
  if (!is_merged) {
    last.outcome = RewriteOutcome::refused;
    last.why = "its lines cannot be told from those of the other family in the same file";
    return;
  }
  for (auto& [family, certificate] : proofs) family->certificate = std::move(certificate);
  all = std::move(both);
}

}  // namespace untrack
