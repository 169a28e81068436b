// Document: the lines of one input, each with what it is, so that they tile the file and print back
// byte for byte. The first step of reading iptables text; it knows where things stand, not what
// they mean. Used by the readers of this folder and by the tests that prove the tiling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::iptables {

enum class LineKind : std::uint8_t {
  blank,
  comment,
  table_header,       // *filter
  chain_declaration,  // :INPUT ACCEPT [0:0]
  rule,               // -A ..., [0:0] -A ..., and every other line of options: -N, -P, -F
  commit,             // COMMIT
  command,            // begins with a word: iptables -A ..., ipset add ...
  other,              // none of these
};
[[nodiscard]] std::string_view to_text(LineKind kind);

// One line with its newline, or, in a shell script, the lines that one statement goes over.
struct Line {
  LineKind kind{};
  std::uint16_t shape = 0;  // see LineShapes; 0: none, or not looked for
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Guarantees: lines[0] begins at 0, each line begins where the one before ends, none is empty, and
// the last ends with the text.
struct Document {
  SourceId source{};
  std::string_view text;
  std::vector<Line> lines;

  [[nodiscard]] std::string_view text_of(const Line& line) const {
    return text.substr(line.begin, line.end - line.begin);
  }
  [[nodiscard]] Span span_of(const Line& line) const { return {source, line.begin, line.end}; }
};

// One Line for each physical line, as iptables-restore reads. Any bytes are taken.
[[nodiscard]] Document read_lines(SourceId source, std::string_view text);

// The same for bytes [begin, end) alone, a here-document in a script; the lines tile these.
[[nodiscard]] Document read_lines(SourceId source, std::string_view text, std::uint32_t begin,
                                  std::uint32_t end);

// The text again, put together from the lines alone.
[[nodiscard]] std::string print(const Document& document);

}  // namespace untrack::iptables
