// The sections of `untrack pressure`, one function each: the first ones as text, the others as
// headings, tables and sentences, which the text and the page (report/html) each lay out in their
// way. Used by report/pressure/pressure_text.cpp, which puts them in order, and
// report/html/pressure_html. Text ends with a newline or is empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/pressure.hpp"
#include "report/terminal.hpp"
#include "report/text_table.hpp"

namespace untrack::pressure_text {

inline constexpr std::string_view indent = "  ";

[[nodiscard]] std::string count_text(double value);  // "262,144", to the nearest

// "1 bucket in 4,211", "41 % of the buckets", "less than 1 bucket in a million".
[[nodiscard]] std::string share_of_buckets(double share);

[[nodiscard]] std::string section(std::string_view title, const Display& display);

struct Block {
  enum class Kind : std::uint8_t {
    sentence,
    item,      // a sentence of several in a row
    table,     //
    lines,     // a table of files and the lines to write into them
    commands,  // to type; `words` is said ahead of them
  };
  Kind kind = Kind::sentence;
  std::string words = {};
  TextTable table = TextTable({});
  bool has_head = false;  // the first row of the table names its columns
  std::vector<std::string> commands = {};
};

struct Section {
  std::string title;  // empty: there is no such section
  std::vector<Block> blocks;
};
[[nodiscard]] inline Block sentence(std::string words) {
  return {Block::Kind::sentence, std::move(words)};
}
[[nodiscard]] inline Block with_head(TextTable table) {
  return {Block::Kind::table, {}, std::move(table), true};
}
[[nodiscard]] std::string section_text(const Section& section, const Display& display);

// How it stands: report/pressure/state_text.cpp.
[[nodiscard]] std::string dead_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string headline(const Pressure& pressure);
// Of a table that is full now: what makes places at once; empty: nothing does, or it is not full.
inline constexpr std::string_view relief_words =
    "Relief at once, as root on the host (in a container both can only be read):";
[[nodiscard]] std::vector<std::string> relief_commands(const Pressure& pressure);
[[nodiscard]] std::string relief_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string tracking_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string finding_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] Section load_section(const Pressure& pressure);
[[nodiscard]] Section table_section(const Pressure& pressure);
[[nodiscard]] Section flood_section(const Pressure& pressure);

// What the kernel counts: report/pressure/counters_text.cpp.
[[nodiscard]] Section counter_section(const Pressure& pressure);
// report/pressure/watch_text.cpp
[[nodiscard]] Section watch_section(const Pressure& pressure);

// Of the entries listed, the timeouts that most stand under; empty: none are known.
[[nodiscard]] std::string by_timeout_words(const Pressure& pressure);
// What to do, and what it rests on: report/pressure/advice_text.cpp.
[[nodiscard]] Section timeout_section(const Pressure& pressure);
[[nodiscard]] Section advice_section(const Pressure& pressure);
[[nodiscard]] Section origin_section(const Pressure& pressure);

}  // namespace untrack::pressure_text
