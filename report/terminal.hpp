// How text is made safe and readable on a terminal: colour, width, escaping. Used by every text
// report.
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// Never changes what is said, only how it looks.
struct Display {
  bool colour = false;
  int width = 100;  // columns
};

// Text from a ruleset with control characters (C0, DEL, C1, and bytes that are no valid UTF-8) spelled
// as \xNN, so that no comment or name can drive the reader's terminal.
[[nodiscard]] std::string escape_control(std::string_view text);

}  // namespace untrack
