// usual_entry: a line of a conntrack listing in the form that the kernel and conntrack(8) write for
// nearly all of them, read at one look at each byte. Used by parser/conntrack/entries.cpp, whose
// reader of all forms decides about every other line, and is the judge of this one in the tests.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/conntrack_entry.hpp"

namespace untrack {

// Of the first line of `text`: the bytes of it, without its end; 0: it is of another form, or
// wrong, and `entry` is of no use.
[[nodiscard]] std::size_t usual_entry(std::string_view text, ConntrackEntry& entry);

}  // namespace untrack
