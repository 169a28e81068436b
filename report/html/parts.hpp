// The small pieces that pages are put together from: chips, cells, tables, sections. Used by the
// sections of report/html. Parameters called `markup` are taken as they are and must come from
// text() or from here; all others are escaped here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/conntrack/tracking.hpp"
#include "analysis/finding.hpp"
#include "report/attribution_text.hpp"
#include "report/text_table.hpp"

namespace untrack::html {

// What a colour stands for; its word always stands beside it.
enum class Tone : std::uint8_t { good, caution, bad, tracked, plain };
[[nodiscard]] std::string_view class_of(Tone tone);
[[nodiscard]] Tone tone_of(Severity severity);
[[nodiscard]] Tone tone_of(Need need);
[[nodiscard]] Tone tone_of(Proof proof);
[[nodiscard]] Tone tone_of(TrackingState state);

[[nodiscard]] std::string chip(Tone tone, std::string_view word);
[[nodiscard]] std::string paragraph(std::string_view words);

// A section with a heading of the second level, reached as #`id`; empty if `markup` is.
[[nodiscard]] std::string section(std::string_view id, std::string_view heading,
                                  std::string_view markup);
// `<details>`, closed.
[[nodiscard]] std::string folded(std::string_view summary, std::string_view markup);

// A table whose rows become cards on a narrow screen, each cell behind the name of its column.
class CardTable {
 public:
  // Named for those who do not see it. Columns without names: the first holds the names of rows.
  CardTable(std::string_view caption, std::vector<std::string> columns,
            std::vector<Align> align = {});
  void add(std::vector<std::string> cells_of_markup);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Rows beyond `open` are folded away.
  [[nodiscard]] std::string render(std::size_t open = static_cast<std::size_t>(-1)) const;

 private:
  [[nodiscard]] std::string head() const;
  [[nodiscard]] std::string rows(std::size_t from, std::size_t to) const;

  std::string caption_;
  std::vector<std::string> columns_;
  std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
};

// A table of text, whose first row names the columns if `has_head`.
[[nodiscard]] std::string table_of(std::string_view caption, const TextTable& table, bool has_head);

// The table of `section`, and what is said below it.
[[nodiscard]] std::string attribution(const AttributionSection& section);

// Lines of code, each on its own line: commands, lines to write.
[[nodiscard]] std::string code_block(const std::vector<std::string>& lines);
// With a capital letter, which half a sentence of the text report does not have.
[[nodiscard]] std::string as_sentence(std::string words);
// Without their newlines.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view words);
// "3 errors".
[[nodiscard]] std::string count(std::size_t number, std::string_view word);

}  // namespace untrack::html
