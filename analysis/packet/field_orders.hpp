// The fields whose order a layout chooses, from the first level on, for each Order. Used by Layout;
// each has all of them.
#pragma once

#include <span>

#include "analysis/packet/layout.hpp"

namespace untrack {

[[nodiscard]] std::span<const Field> fields_of(Order order);

}  // namespace untrack
