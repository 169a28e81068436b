// Text from a ruleset in Markdown: nothing in it is a heading, a link, a mention, HTML or a
// formula. Used by whatever writes Markdown.
#pragma once

#include <string>
#include <string_view>

namespace untrack::formats {

// One line; control characters become blanks.
[[nodiscard]] std::string markdown_text(std::string_view text);
// The same in the type of code.
[[nodiscard]] std::string markdown_code(std::string_view text);

}  // namespace untrack::formats
