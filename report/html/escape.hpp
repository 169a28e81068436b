// How text becomes part of an HTML page. Used by everything in report/html: no text of a ruleset
// reaches a page but through these. Guarantee: whatever goes in, what comes out is text, never
// markup, and shows every character that moves, hides or reorders others.
#pragma once

#include <string>
#include <string_view>

namespace untrack::html {

// For element content and for attribute values in double quotes. What escape_control() spells as
// \xNN is spelled so here, too; tabs become spaces.
[[nodiscard]] std::string text(std::string_view raw);

// The same for element content, with a <b class="ctl"> around each spelled character, so that an
// escape that we made is told from one that stands in the ruleset. Tabs stop at every eighth
// column, counted from `*column`, which is moved on.
[[nodiscard]] std::string code(std::string_view raw, int* column);

}  // namespace untrack::html
