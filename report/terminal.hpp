// How text is made safe and readable on a terminal: colour, width, escaping, wrapping. Used by
// every text report. Nothing here decides what is said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace untrack {

// Never changes what is said, only how it looks.
struct Display {
  bool colour = false;
  int width = 100;  // columns
};

// Text from a ruleset with control characters (C0, DEL, C1, bytes that are no valid UTF-8) and the
// Unicode characters that reorder or hide text (bidirectional controls, zero-width ones) spelled as
// \xNN for each byte, so that no comment or name can drive the reader's terminal or look like
// something that it is not.
[[nodiscard]] std::string escape_control(std::string_view text);

// One character as a terminal shows it.
struct Cell {
  std::string text;       // printable; "\x1b" for an escape character, spaces for a tab
  std::size_t bytes = 0;  // that it takes in the source
  int columns = 0;        // 0 for a combining mark, 2 for a wide character
};

// The character at the front of `text`, which must not be empty; a tab goes to the next multiple of
// eight columns, counted from `column`.
[[nodiscard]] Cell next_cell(std::string_view text, int column = 0);

// Columns that escape_control(text) takes.
[[nodiscard]] int columns_of(std::string_view text);

enum class Style : std::uint8_t { error, warning, note, strong, margin, good };

// `text` as it is, in colour if the display has it. The text must be escaped already.
[[nodiscard]] std::string paint(Style style, std::string_view text, const Display& display);

// Words of `text`, broken into lines of at most `display.width` columns; the first line begins with
// `first`, the others with `rest`. A longer word gets a line of its own and is not broken, so that
// it can be copied. Escapes `text`; `first` and `rest` are taken as they are. Ends with a newline.
[[nodiscard]] std::string wrap(std::string_view text, std::string_view first, std::string_view rest,
                               const Display& display);

}  // namespace untrack
