#include "report/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack {
namespace {

constexpr std::string_view cut_mark = "...";

// A part of one line as it is printed: cells, and which columns are underlined.
struct Strip {
  std::string text;
  int underline_begin = 0;
  int underline_end = 0;
};

// The offset in `line` from which at most `columns` columns lead up to `at`; looks at no more bytes
// than that, so that a line of a megabyte costs no more than a short one.
std::size_t step_back(std::string_view line, std::size_t at, int columns) {
  std::size_t begin = at;
  int used = 0;
  while (begin > 0) {
    std::size_t previous = begin - 1;
    while (previous > 0 && begin - previous < 4 &&
           (static_cast<unsigned char>(line[previous]) & 0xc0U) == 0x80) {
      --previous;
    }
    used += next_cell(line.substr(previous)).columns;
    if (used > columns) break;
    begin = previous;
  }
  return begin;
}

bool fits(std::string_view line, int room) {
  int column = 0;
  while (!line.empty() && column <= room) {
    const Cell cell = next_cell(line, column);
    column += cell.columns;
    line.remove_prefix(cell.bytes);
  }
  return column <= room;
}

// `begin` and `end`: bytes of `line` to underline. `room`: columns.
Strip make_strip(std::string_view line, std::size_t begin, std::size_t end, int room) {
  Strip strip;
  std::size_t at = 0;
  int column = 0;
  const bool is_cut = !fits(line, room);
  if (is_cut) {
    at = step_back(line, begin, room / 3);
    if (at > 0) {
      strip.text = cut_mark;
      column = static_cast<int>(cut_mark.size());
    }
  }
  const int limit = is_cut ? room - static_cast<int>(cut_mark.size()) : room;
  strip.underline_begin = -1;
  while (at < line.size()) {
    if (at >= begin && strip.underline_begin < 0) strip.underline_begin = column;
    const Cell cell = next_cell(line.substr(at), column);
    if (is_cut && column + cell.columns > limit) {
      strip.text += cut_mark;
      break;
    }
    strip.text += cell.text;
    column += cell.columns;
    at += cell.bytes;
    if (at <= end) strip.underline_end = column;
  }
  if (strip.underline_begin < 0) strip.underline_begin = column;
  // An empty span, or one inside a character, is still a place to point at.
  strip.underline_end = std::max(strip.underline_end, strip.underline_begin + 1);
  return strip;
}

std::string spaces(int count) {
  return std::string(static_cast<std::size_t>(std::max(0, count)), ' ');
}

std::string margin_line(std::string_view number, int margin, const Display& display) {
  return paint(Style::margin, fmt::format(" {:>{}} |", number, margin), display);
}

// Without trailing blanks, which diff tools and reviewers dislike.
std::string line_of(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text + "\n";
}

}  // namespace

std::string place_of(const Sources& sources, const Span& span) {
  const Location location = sources.locate(span);
  return fmt::format("{}:{}:{}", escape_control(sources[span.source].path()), location.line,
                     location.column);
}

int margin_of(const Sources& sources, std::span<const Span> spans) {
  std::uint32_t last = 1;
  for (const Span& span : spans) last = std::max(last, sources.locate(span).end_line);
  return static_cast<int>(fmt::formatted_size("{}", last));
}

std::string excerpt(const Sources& sources, const Span& span, std::string_view label, Style style,
                    int margin, const Display& display) {
  const SourceText& source = sources[span.source];
  const Location location = source.locate(span);
  const int room = std::max(30, display.width - margin - 4);
  std::string text;
  for (std::uint32_t number = location.line; number <= location.end_line; ++number) {
    const bool is_last = number == location.end_line;
    if (number == location.line + 2 && !is_last) {
      text += line_of(margin_line(cut_mark.substr(0, static_cast<std::size_t>(std::min(margin, 3))),
                                  margin, display));
      number = location.end_line - 1;
      continue;
    }
    std::string_view line = source.line(number);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t begin = number == location.line ? location.column - 1 : indent;
    const std::size_t end = is_last ? location.end_column - 1 : line.size();
    const Strip strip =
        make_strip(line, std::min(begin, line.size()), std::min(end, line.size()), room);
    text += line_of(margin_line(fmt::format("{}", number), margin, display) + " " + strip.text);
    const int from = strip.underline_begin;
    const std::string carets(static_cast<std::size_t>(strip.underline_end - from), '^');
    std::string under =
        margin_line("", margin, display) + " " + spaces(from) + paint(style, carets, display);
    if (!is_last || label.empty()) {
      text += line_of(std::move(under));
    } else if (strip.underline_end + 1 + columns_of(label) <= room) {
      text += line_of(under + " " + paint(style, escape_control(label), display));
    } else {
      text += line_of(std::move(under));
      // Beside the underline there is no room: below it, as far to the left as the label needs.
      const int left = std::clamp(room - columns_of(label), 0, from);
      const std::string lead = margin_line("", margin, {}) + " " + spaces(left);
      std::string wrapped = wrap(label, lead, lead, {false, display.width});
      text += wrapped;
    }
  }
  return text;
}

std::string render(const Sources& sources, const Diagnostic& diagnostic, const Display& display) {
  std::vector<Span> spans = {diagnostic.span};
  for (const MarkedPlace& place : diagnostic.places) spans.push_back(place.span);
  const int margin = margin_of(sources, spans);
  const std::string bar = line_of(margin_line("", margin, display));

  const std::string heading = diagnostic.heading + ": ";
  std::string text =
      wrap(diagnostic.message, paint(diagnostic.style, heading, display), spaces(2), display);
  const auto arrow = [&](const Span& span) {
    return spaces(margin + 1) + paint(Style::margin, "-->", display) + " " +
           place_of(sources, span) + "\n";
  };
  text += arrow(diagnostic.span) + bar;
  text += excerpt(sources, diagnostic.span, diagnostic.label, diagnostic.style, margin, display);
  Span previous = diagnostic.span;
  for (const MarkedPlace& place : diagnostic.places) {
    if (place.span.source != previous.source) text += arrow(place.span);
    text += bar + excerpt(sources, place.span, place.label, Style::note, margin, display);
    previous = place.span;
  }
  if (!diagnostic.notes.empty()) text += bar;
  for (const std::string& note : diagnostic.notes) {
    text += wrap(note, spaces(margin + 2) + paint(Style::margin, "=", display) + " ",
                 spaces(margin + 4), display);
  }
  return text;
}

std::string render_problem(const Sources& sources, const Problem& problem, const Display& display) {
  Style style = Style::error;
  std::string_view word = "error";
  switch (problem.kind) {
    case ProblemKind::error:
      break;
    case ProblemKind::not_understood:
      style = Style::warning, word = "not understood";
      break;
    case ProblemKind::note:
      style = Style::note, word = "note";
      break;
  }
  const int margin = margin_of(sources, {&problem.span, 1});
  std::string text = fmt::format(
      "{}: {}: {}\n", paint(Style::strong, place_of(sources, problem.span), display),
      paint(style, word, display), paint(Style::strong, escape_control(problem.message), display));
  text += excerpt(sources, problem.span, problem.label, style, margin, display);
  if (!problem.cure.empty()) {
    text += wrap(problem.cure, spaces(margin + 2) + paint(Style::margin, "=", display) + " ",
                 spaces(margin + 4), display);
  }
  return text;
}

}  // namespace untrack
