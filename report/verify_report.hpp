// VerifyReport: the one value that `untrack verify` produces and that every format prints. Made by
// app/pipeline/verify; no format computes anything of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"

namespace untrack {

struct VerifyReport {
  ComparedSide original;
  ComparedSide rewritten;
  RewriteMode mode{};
  Assumptions assumptions;                         // that were allowed
  std::shared_ptr<const FreeVariables> variables;  // that the witnesses speak of
  // One for each family of either ruleset, IPv4 first. Where something was not understood, or the
  // limit of the analysis was reached, its obligations are "not checked".
  std::vector<Certificate> certificates;
  std::string summary;              // one or two sentences
  bool is_fully_understood = true;  // both rulesets

  // An obligation failed.
  [[nodiscard]] bool has_failed() const;
  // There is a certificate, and each of them holds.
  [[nodiscard]] bool is_proven() const;
};

}  // namespace untrack
