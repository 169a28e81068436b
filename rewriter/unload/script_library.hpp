// The shell functions that every unload script carries. Used by script.cpp alone.
#pragma once

#include <string_view>

namespace untrack {

// Ends with the call of main; what the plan says must stand before it.
[[nodiscard]] std::string_view script_library();

}  // namespace untrack
