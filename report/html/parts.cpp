#include "report/html/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/pressure/number_text.hpp"
#include "report/html/escape.hpp"

namespace untrack::html {

std::string_view class_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::caution:
      return "caution";
    case Tone::bad:
      return "bad";
    case Tone::tracked:
      return "tracked";
    case Tone::plain:
      return "plain";
  }
  return {};
}

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Tone::bad;
    case Severity::warning:
      return Tone::caution;
    case Severity::note:
      return Tone::plain;
  }
  return Tone::plain;
}

Tone tone_of(Need need) {
  switch (need) {
    case Need::free:
      return Tone::good;
    case Need::priced:
      return Tone::caution;
    case Need::bound:
      return Tone::tracked;
  }
  return Tone::plain;
}

Tone tone_of(Proof proof) {
  switch (proof) {
    case Proof::proven:
    case Proof::proven_under_assumptions:
      return Tone::good;
    case Proof::failed:
      return Tone::bad;
    case Proof::not_checked:
      return Tone::caution;
    case Proof::not_applicable:
      return Tone::plain;
  }
  return Tone::plain;
}

Tone tone_of(TrackingState state) {
  switch (state) {
    case TrackingState::forced:
      return Tone::tracked;
    case TrackingState::not_forced:
      return Tone::good;
    case TrackingState::unknown:
      return Tone::caution;
  }
  return Tone::plain;
}

std::string chip(Tone tone, std::string_view word) {
  return fmt::format("<span class=\"chip {}\">{}</span>", class_of(tone), text(word));
}

std::string paragraph(std::string_view words) {
  return words.empty() ? std::string() : fmt::format("<p>{}</p>\n", text(words));
}

std::string section(std::string_view id, std::string_view heading, std::string_view markup) {
  if (markup.empty()) return {};
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", text(id), text(heading),
                     markup);
}

std::string folded(std::string_view summary, std::string_view markup) {
  return fmt::format("<details class=\"fold\"><summary>{}</summary>\n{}</details>\n", text(summary),
                     markup);
}

std::string count(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", with_thousands(number), word, number == 1 ? "" : "s");
}

CardTable::CardTable(std::string_view caption, std::vector<std::string> columns,
                     std::vector<Align> align)
    : caption_(caption), columns_(std::move(columns)), align_(std::move(align)) {
  align_.resize(columns_.size(), Align::left);
}

void CardTable::add(std::vector<std::string> cells_of_markup) {
  cells_of_markup.resize(columns_.size());
  rows_.push_back(std::move(cells_of_markup));
}

std::string CardTable::head() const {
  std::string markup = "<thead role=\"rowgroup\"><tr role=\"row\">";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    markup += fmt::format("<th scope=\"col\" role=\"columnheader\"{}>{}</th>",
                          align_[i] == Align::right ? " class=\"num\"" : "", text(columns_[i]));
  }
  return markup + "</tr></thead>\n";
}

// Roles, since a table that is laid out as cards is none to some readers of screens.
std::string CardTable::rows(std::size_t from, std::size_t to) const {
  std::string markup = fmt::format("<table role=\"table\"><caption>{}</caption>\n", text(caption_));
  const bool has_head =
      std::ranges::any_of(columns_, [](const std::string& column) { return !column.empty(); });
  if (has_head) markup += head();
  markup += "<tbody role=\"rowgroup\">\n";
  for (std::size_t k = from; k < to; ++k) {
    markup += "<tr role=\"row\">";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = rows_[k][i];
      if (!has_head && i == 0) {
        markup += fmt::format("<th scope=\"row\" role=\"rowheader\">{}</th>", cell);
        continue;
      }
      markup +=
          fmt::format("<td role=\"cell\" data-name=\"{}\"{}><div>{}</div></td>", text(columns_[i]),
                      cell.empty()                ? " class=\"none\""
                      : align_[i] == Align::right ? " class=\"num\""
                                                  : "",
                      cell);
    }
    markup += "</tr>\n";
  }
  return markup + "</tbody></table>\n";
}

std::string CardTable::render(std::size_t open) const {
  if (rows_.empty()) return {};
  const std::size_t shown = std::min(open, rows_.size());
  std::string markup = rows(0, shown);
  if (shown < rows_.size()) {
    markup += folded(count(rows_.size() - shown, "further row"), rows(shown, rows_.size()));
  }
  return markup;
}

namespace {

// Of names that the text report indents below a heading.
std::string_view without_indent(std::string_view cell) {
  const std::size_t first = cell.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : cell.substr(first);
}

}  // namespace

std::string table_of(std::string_view caption, const TextTable& table, bool has_head) {
  const auto& rows = table.rows();
  if (rows.empty()) return {};
  std::vector<std::string> columns(table.columns().size());
  if (has_head) {
    std::ranges::copy(rows.front(), columns.begin());
  }
  CardTable made(caption, std::move(columns), table.columns());
  for (std::size_t i = has_head ? 1 : 0; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : rows[i]) cells.push_back(text(without_indent(cell)));
    made.add(std::move(cells));
  }
  return made.render();
}

std::string attribution(const AttributionSection& section) {
  std::string markup = table_of("Entries by the rules that admitted them", section.table, true);
  for (const std::string& sentence : section.sentences) markup += paragraph(sentence);
  return markup;
}

std::string code_block(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string markup = "<pre class=\"block\">";
  for (const std::string& line : lines) markup += text(line) + "\n";
  return markup + "</pre>\n";
}

std::string as_sentence(std::string words) {
  if (!words.empty() && words.front() >= 'a' && words.front() <= 'z') {
    words.front() = static_cast<char>(words.front() - 'a' + 'A');
  }
  return words;
}

std::vector<std::string> lines_of(std::string_view words) {
  std::vector<std::string> lines;
  while (!words.empty()) {
    const std::size_t end = words.find('\n');
    lines.emplace_back(words.substr(0, end));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return lines;
}

}  // namespace untrack::html
