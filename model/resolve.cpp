#include "model/resolve.hpp"

namespace untrack {

void resolve(Ruleset& /*ruleset*/) {}

}  // namespace untrack
