#include "app/pipeline/joined_families.hpp"

#include <algorithm>
#include <utility>

#include "rewriter/merged_texts.hpp"

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

}  // namespace

void join_families(std::vector<FamilyRewrite>& families, const Texts& original, const Texts& found,
                   const std::function<Certificate(const Texts&, IpVersion)>& certify, Texts& all) {
  FamilyRewrite& last = families.back();
  if (last.outcome != RewriteOutcome::rewritten) return;
  Texts both = all;
  bool is_merged = true;
  for (std::size_t i = 0; i < both.size(); ++i) {
    if (found[i] == original[i]) continue;
    const auto text = merged(original[i], both[i], found[i]);
    is_merged = is_merged && text.has_value();
    if (text) both[i] = *text;
  }
  std::vector<std::pair<FamilyRewrite*, Certificate>> proofs;
  for (FamilyRewrite& family : families) {
    if (all == original || !is_merged || family.outcome != RewriteOutcome::rewritten) continue;
    proofs.emplace_back(&family, certify(both, family.version));
    Certificate& certificate = proofs.back().second;
    keep_load_test(*family.certificate, certificate);
    is_merged = holds(certificate);
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
