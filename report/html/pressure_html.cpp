#include "report/html/pressure_html.hpp"

#include <fmt/format.h>

#include "report/attribution_text.hpp"
#include "report/diagnostic.hpp"
#include "report/html/escape.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"
#include "report/html/pressure_plots.hpp"
#include "report/pressure/pressure_text.hpp"
#include "report/pressure/sections.hpp"

namespace untrack {
namespace {

using namespace html;
using pressure_text::Block;
using pressure_text::Section;

std::string write_block(std::string_view title, const Block& block) {
  switch (block.kind) {
    case Block::Kind::sentence:
      return paragraph(as_sentence(block.words));
    case Block::Kind::item:
      return fmt::format("<ul><li>{}</li></ul>\n", text(block.words));
    case Block::Kind::table:
      return table_of(title, block.table, block.has_head);
    case Block::Kind::lines: {
      std::string lines = "<pre class=\"block\">";
      for (const auto& row : block.table.rows()) {
        lines += fmt::format("<span class=\"rem\"># {}</span>\n{}\n", text(row[0]), text(row[1]));
      }
      return lines + "</pre>\n";
    }
    case Block::Kind::commands:
      return paragraph(as_sentence(block.words)) + code_block(block.commands);
  }
  return {};
}

std::string write_section(std::string_view id, const Section& section) {
  if (section.title.empty()) return {};
  std::string markup;
  for (const Block& block : section.blocks) markup += write_block(section.title, block);
  return html::section(id, section.title, markup);
}

// Sentences that the text report wraps, as paragraphs.
std::string unwrapped(const std::string& lines) {
  std::string markup;
  for (const std::string& line : lines_of(lines)) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) markup += paragraph(line.substr(first));
  }
  return markup;
}

std::string findings_of(const Pressure& pressure) {
  std::string items;
  for (const PressureFinding& finding : pressure.findings) {
    items += fmt::format("<p>{} {} <code class=\"soft\">{}</code></p>\n",
                         chip(tone_of(finding.row->severity), to_text(finding.row->severity)),
                         text(as_sentence(finding.message)), text(finding.row->name));
  }
  return items;
}

std::string relief_of(const Pressure& pressure) {
  const std::vector<std::string> commands = pressure_text::relief_commands(pressure);
  if (commands.empty()) return {};
  return paragraph(std::string(pressure_text::relief_words)) + code_block(commands);
}

std::string plots_of(const Pressure& pressure) {
  return fmt::format("<div class=\"plots\">\n{}{}{}</div>\n", time_plot(pressure),
                     depth_plot(pressure), memory_plot(pressure));
}

// One line a sentence, whatever its length.
constexpr Display unbroken{false, 1'000'000};

}  // namespace

std::string write_pressure_html(const PressureReport& report, std::string_view tool_version) {
  PageFrame frame{"pressure", tool_version, {}, {}};
  if (report.ruleset) {
    for (const InputSummary& input : report.ruleset->inputs) {
      frame.inputs.push_back(report.sources[input.source].path());
    }
  }
  std::string markup;
  std::string answer = "Nothing could be computed.";
  if (report.pressure) {
    const Pressure& pressure = *report.pressure;
    answer = pressure_text::headline(pressure);
    markup += html::section("overview", "How it stands",
                            unwrapped(pressure_text::dead_lines(pressure, unbroken)) +
                                relief_of(pressure) +
                                unwrapped(pressure_text::tracking_lines(pressure, unbroken)) +
                                findings_of(pressure) + plots_of(pressure));
    if (report.attribution) {
      markup += html::section(
          "entries", "Entries of the table, by the rules that admitted them",
          (pressure.listed_of_more
               ? paragraph("Shares of the entries that the list has, not of the "
                           "table.")
               : std::string()) +
              attribution(attribution_section(*report.attribution, *report.ruleset, report.sources,
                                              pressure.entry_bytes())) +
              unwrapped(pressure_text::by_timeout_words(pressure)));
    }
    markup += write_section("load", pressure_text::load_section(pressure));
    markup += write_section("table", pressure_text::table_section(pressure));
    markup += write_section("counters", pressure_text::counter_section(pressure));
    markup += write_section("watched", pressure_text::watch_section(pressure));
    markup += write_section("flood", pressure_text::flood_section(pressure));
    markup += write_section("timeouts", pressure_text::timeout_section(pressure));
    markup += write_section("advice", pressure_text::advice_section(pressure));
    markup += write_section("origins", pressure_text::origin_section(pressure));
  }
  frame.answer = answer;
  const Display plain;
  markup += html::section("problems", "Not understood",
                          code_block(lines_of(write_pressure_not_understood(report, plain))));
  std::string notes;
  for (const std::string& note : pressure_notes(report)) notes += paragraph(note + ".");
  markup += html::section("notes", "Notes", notes);
  return page(frame, markup);
}

}  // namespace untrack
