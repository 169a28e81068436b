// How a command's text output should look, from its options and the process's surroundings.
#pragma once

#include <optional>
#include <string>

#include "app/cli.hpp"
#include "report/terminal.hpp"

namespace untrack {

struct DisplayOptions {
  std::string colour = "auto";  // auto, always, never
  std::optional<int> width;     // columns; none: the terminal's, or 100
};

// `auto` is colour on a terminal unless NO_COLOR is set to anything but an empty text
// (no-color.org) or TERM is "dumb". Text that goes elsewhere is 100 columns wide, so that it does
// not depend on who reads it.
[[nodiscard]] Display display_for(const DisplayOptions& options, const Surroundings& surroundings);

}  // namespace untrack
