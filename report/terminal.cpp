#include "report/terminal.hpp"

namespace untrack {

std::string escape_control(std::string_view text) { return std::string(text); }

}  // namespace untrack
