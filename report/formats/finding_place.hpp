// What the formats for other programs need to know of a finding beyond its own words: where it is
// in their units, what it is called, and by what it is known again when lines move. Used by the
// writers in this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/audit_report.hpp"

namespace untrack::formats {

// message: label. Note. Note. One text, for programs that show no more.
[[nodiscard]] std::string whole_message(const Finding& finding);

// UTF-8, whatever the bytes of the ruleset are: others become U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// The same without the characters that reorder or hide text (terminal.hpp, escape_control), for
// what people read: these become U+FFFD, too. Control characters of ASCII are left to the caller.
[[nodiscard]] std::string shown_utf8(std::string_view text);

// The path as a reference (RFC 3986, 4.2): percent-encoded, relative paths without a leading "./",
// file:// for absolute ones, and "stdin" for standard input.
[[nodiscard]] std::string uri_of(std::string_view path);

// The path as programs take it that want no reference.
[[nodiscard]] std::string path_of(std::string_view path);

// By the check, the path, the words of the first line that is underlined, and the how manieth of
// those that are equal in these it is: the same while other lines come and go. By finding.
[[nodiscard]] std::vector<std::string> fingerprints(const AuditReport& report);

// Indices of findings, the worst first, each kind in the order of the text.
[[nodiscard]] std::vector<std::size_t> worst_first(const AuditReport& report);

}  // namespace untrack::formats
