// What a rewrite lets in beside the policy of its original, in a few words for the first sentence
// of `rewrite` and `verify`: a headline that says "keeps the policy" has to say what it leaves out.
#pragma once

#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"

namespace untrack {

// ", but for unsolicited UDP to the ports that answers go to (listed as exposed)"; empty where
// nothing is exposed but what counts as free.
[[nodiscard]] std::string beside_policy(const std::vector<const Certificate*>& certificates);

}  // namespace untrack
