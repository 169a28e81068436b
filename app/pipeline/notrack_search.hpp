// NotrackSearch: which services of one IP version can be untracked together, each trial with its
// proof; and of those that stay tracked why, with the options that take them up, as far as some
// were tried and do. Used by rewrite.cpp for --mode notrack.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/pipeline/texts_reader.hpp"
#include "rewriter/edit.hpp"
#include "rewriter/notrack/candidates.hpp"
#include "rewriter/notrack/plan.hpp"

namespace untrack {

// What it needs of the rewriting that it is a part of; all outlives it.
struct NotrackSurroundings {
  const Loaded& original;
  const RewritePolicy& policy;
  FreeVariables& variables;
  TextsReader& reader;
  std::vector<std::string>& texts;  // those that are kept: of the best trial in the end
  std::function<std::vector<std::string>(const EditSet&)> with;
  // The family with the certificate of the edits, and its outcome if no more is exposed than
  // `allowed`: then the texts are kept, too.
  std::function<FamilyRewrite(FamilyRewrite, const EditSet&,
                              const std::vector<ExposureKind>& allowed)>
      proven;
};

class NotrackSearch {
 public:
  explicit NotrackSearch(NotrackSurroundings surroundings) : at_(std::move(surroundings)) {}

  // The family as it comes out, with what is left tracked among its refusals.
  [[nodiscard]] FamilyRewrite run(FamilyRewrite family);

 private:
  using Kinds = std::vector<ExposureKind>;

  FamilyRewrite best_of(const FamilyRewrite& family, FamilyWorld& world,
                        const Candidates& candidates, std::vector<LeftFlows>& left);
  FamilyRewrite with_untracked(FamilyRewrite family, FamilyWorld& world,
                               const Candidates& candidates, const std::vector<Candidate>& chosen,
                               const Kinds& allowed);
  std::optional<Replies> replies_beside(const Loaded& draft, const std::vector<Place>& places,
                                        IpVersion version);

  NotrackSurroundings at_;
};

}  // namespace untrack
