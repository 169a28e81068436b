// The parts of the extension table, one per file. Only xtables_extensions.cpp reads them, which
// joins them; everybody else uses extensions().
#pragma once

#include <span>

#include "model/catalog/xtables_extensions.hpp"

namespace untrack::catalog {

// Each sorted by name (byte order).
[[nodiscard]] std::span<const Extension> match_rows();
[[nodiscard]] std::span<const Extension> target_rows();

}  // namespace untrack::catalog
