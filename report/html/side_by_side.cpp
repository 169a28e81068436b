#include "report/html/side_by_side.hpp"

#include <fmt/format.h>

#include "report/html/escape.hpp"
#include "report/html/listing.hpp"
#include "report/html/parts.hpp"

namespace untrack::html {
namespace {

constexpr std::size_t most_lines = 4000;

// One side of a run of lines of one kind.
std::string lines_of_side(const Hunk& hunk, std::size_t from, std::size_t to, DiffLineKind kind,
                          std::string_view sign, std::uint32_t* number) {
  std::string markup;
  for (std::size_t i = from; i < to; ++i) {
    if (hunk.lines[i].kind != kind) continue;
    markup += fmt::format("<div class=\"l\"><span>{}{}</span><code>{}</code></div>\n", sign,
                          (*number)++, line_of_code(hunk.lines[i].text, {}));
  }
  return markup;
}

std::string side(std::string_view classes, const std::string& lines) {
  return fmt::format("<div class=\"{}\">{}</div>\n", lines.empty() ? "void" : classes, lines);
}

// Its lines in runs: what stayed, or what was removed and added in one place.
std::string write_hunk(const Hunk& hunk) {
  std::uint32_t old_line = hunk.old_first;
  std::uint32_t new_line = hunk.new_first;
  std::string markup;
  for (std::size_t i = 0; i < hunk.lines.size();) {
    const bool is_context = hunk.lines[i].kind == DiffLineKind::context;
    std::size_t end = i;
    while (end < hunk.lines.size() &&
           (hunk.lines[end].kind == DiffLineKind::context) == is_context) {
      ++end;
    }
    markup += "<div class=\"pair\">";
    if (is_context) {
      markup += side("both", lines_of_side(hunk, i, end, DiffLineKind::context, "", &old_line));
      markup +=
          side("both again", lines_of_side(hunk, i, end, DiffLineKind::context, "", &new_line));
    } else {
      markup +=
          side("old", lines_of_side(hunk, i, end, DiffLineKind::removed, "\u2212", &old_line));
      markup += side("new", lines_of_side(hunk, i, end, DiffLineKind::added, "+", &new_line));
    }
    markup += "</div>\n";
    i = end;
  }
  return markup;
}

}  // namespace

std::string side_by_side(const UnifiedDiff& diff) {
  if (diff.empty()) return {};
  std::string markup = fmt::format(
      "<h3><span class=\"mono\">{}</span></h3>\n<div class=\"code\">\n<div class=\"sides\">"
      "<span>before</span><span>after</span></div>\n",
      text(diff.old_name));
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const Hunk& hunk : diff.hunks) {
    if (shown > 0 && shown + hunk.lines.size() > most_lines) {
      left_out += hunk.lines.size();
      continue;
    }
    shown += hunk.lines.size();
    markup += fmt::format("<div class=\"gap mono\">{}</div>\n{}", text(hunk_header(hunk)),
                          write_hunk(hunk));
  }
  if (left_out > 0) {
    markup += fmt::format("<div class=\"gap\">{} of the difference left out</div>\n",
                          count(left_out, "line"));
  }
  return markup + "</div>\n";
}

}  // namespace untrack::html
