// table
#include "model/catalog/xtables_extensions.hpp"

namespace untrack::catalog {

std::span<const Extension> extensions() { return {}; }

}  // namespace untrack::catalog
