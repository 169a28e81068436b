// RawRules: where the rules of a NOTRACK rewrite stand in the table raw: behind those that are
// there, and ahead of the first by which another CT target may take a packet, since the first one
// wins (xt_ct_target, xt_CT.c, 6.1). Part of rewriter/notrack/plan.hpp.
#pragma once

#include <string>
#include <vector>

#include "analysis/program/program.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// `lines`: whole lines of PREROUTING and OUTPUT, with comments ahead of those that they are about.
// In commands, and in files for both families, all of them stand behind the others.
[[nodiscard]] std::vector<Edit> rules_in_raw(const Program& program, const Sources& sources,
                                             const std::string& lines);

}  // namespace untrack
