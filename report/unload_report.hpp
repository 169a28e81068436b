// UnloadReport: the one value that `untrack unload` produces and that every format prints. Made by
// app/pipeline/unload; no format computes anything of its own.
#pragma once

#include <string>
#include <vector>

#include "model/problem.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "rewriter/unload/plan.hpp"

namespace untrack {

struct UnloadReport {
  Sources sources;  // rulesets and the texts about modules
  Ruleset ruleset;
  std::vector<Problem> module_problems;  // lines of /proc/modules and the like that were not read
  UnloadPlan plan;
  std::string script;               // empty if the plan has none
  std::string script_path;          // where it was written; empty: nowhere
  bool is_fully_understood = true;  // false: exit status 3
};

}  // namespace untrack
