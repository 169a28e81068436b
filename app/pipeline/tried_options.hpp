// tried_options: for flows that a NOTRACK rewrite leaves tracked, the options with which it takes
// them up. They are tried with a proof: what is told to a user works. Used by notrack_search.cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/pipeline/loaded.hpp"
#include "app/pipeline/rewrite.hpp"
#include "rewriter/notrack/candidates.hpp"

namespace untrack {

// Tries to untrack these, at that price.
using NotrackTrial =
    std::function<FamilyRewrite(FamilyWorld&, const Candidates&, const std::vector<Candidate>&,
                                const std::vector<ExposureKind>& allowed)>;

class TriedOptions {
 public:
  // All outlive it.
  TriedOptions(const Loaded& original, const RewritePolicy& policy, IpVersion version,
               const NotrackTrial& trial)
      : original_(original), policy_(policy), version_(version), trial_(trial) {}

  // Writes into `instead` of each refusal what takes its flows up, and nothing where nothing was
  // found. The number of trials is bounded, for all calls together.
  void tell(std::vector<LeftFlows>& left);

 private:
  struct Options {
    std::vector<ExposureKind> allowed;  // beside those of the policy
    std::string_view port;              // "tcp/443"; empty: none
  };

  [[nodiscard]] bool takes_up(const Proposal& flows, Options& options);
  [[nodiscard]] FamilyWorld* world_of(std::string_view port);
  [[nodiscard]] Selection selection_with(std::string_view port) const;
  [[nodiscard]] static std::string words_of(const Options& options);

  const Loaded& original_;
  const RewritePolicy& policy_;
  IpVersion version_;
  const NotrackTrial& trial_;
  std::map<std::string_view, std::unique_ptr<FamilyWorld>> worlds_;  // by the port that is named
  std::size_t trials_ = 0;
};

}  // namespace untrack
