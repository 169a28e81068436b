// follow_translated: packets that go on a flow whose destination is translated. The engine judges
// them with the addresses that they carry, the kernel with those of their entry. Where a ruleset
// translates destinations, what was proven of permitted flows is therefore asked of boxes of
// packets once more, which are followed through the translation (analysis/recheck/recheck.hpp).
// Used by certify.
#pragma once

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "analysis/program/program.hpp"

namespace untrack {

// For rulesets of which translates_destinations is true. O2 and O3 of a certificate about these
// programs: failed, with the packet, where the boxes refuse them; "not checked" where they cannot
// tell (too large, or of a kind that they do not follow); else as they were. Leaves a certificate
// alone if neither ruleset translates destinations. `variables` are those of the programs.
void follow_translated(Certificate& certificate, const Program& original, const Program& rewritten,
                       const Assumptions& assumptions, const FreeVariables& variables);

}  // namespace untrack
