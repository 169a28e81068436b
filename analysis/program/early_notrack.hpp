// NOTRACK ahead of reassembly: nft may put a chain in front of it (below -400), where a rule sees
// fragments one by one, and what it untracks is not put together. Asked by the obligations and by
// the recheck of certificates, to which packets are whole.
#pragma once

#include "analysis/program/program.hpp"

namespace untrack {

[[nodiscard]] bool untracks_fragments(const Program& program);

}  // namespace untrack
