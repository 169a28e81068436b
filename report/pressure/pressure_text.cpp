#include "report/pressure/pressure_text.hpp"

#include <fmt/format.h>

#include "analysis/pressure/number_text.hpp"
#include "report/attribution_text.hpp"
#include "report/diagnostic.hpp"
#include "report/pressure/sections.hpp"

namespace untrack {
namespace {

using namespace pressure_text;

std::string note_lines(const PressureReport& report, const Display& display) {
  std::string text;
  for (const std::string& note : pressure_notes(report)) {
    text += wrap("Note: " + note + ".", "", "      ", display);
  }
  return text;
}

// A file that is no file of settings at all would fill the screen; JSON lists every line.
constexpr std::size_t most_problems = 25;

std::string problem_lines(const PressureReport& report, const Display& display) {
  const std::string text = write_pressure_not_understood(report, display);
  return text.empty() ? text : section("Not understood", display) + text;
}

std::string attribution_lines(const PressureReport& report, const Display& display) {
  if (!report.attribution) return {};
  std::string text = "\n";
  if (report.pressure->listed_of_more) {
    text += wrap("Shares of the entries that the list has, not of the table:", "", "", display);
  }
  text += write_attribution(*report.attribution, *report.ruleset, report.sources,
                            report.pressure->entry_bytes(), display);
  const std::string words = by_timeout_words(*report.pressure);
  return words.empty() ? text : text + wrap(words, indent, indent, display);
}

}  // namespace

std::vector<std::string> pressure_notes(const PressureReport& report) {
  std::vector<std::string> notes = report.notes;
  if (report.pressure && report.pressure->kernel_source.origin == Origin::estimated) {
    notes.push_back(fmt::format("no kernel version was given; defaults are those of {}",
                                to_text(report.pressure->platform.kernel)));
  }
  return notes;
}

std::string write_pressure_not_understood(const PressureReport& report, const Display& display) {
  std::string text;
  std::size_t found = 0;
  const auto add = [&](const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
      if (problem.kind == ProblemKind::note) continue;
      if (++found <= most_problems) text += render_problem(report.sources, problem, display);
    }
  };
  add(report.problems);
  if (report.ruleset) add(report.ruleset->problems);
  if (found > most_problems) {
    text += wrap(fmt::format("{} more places were not understood; --output json lists them all.",
                             with_thousands(found - most_problems)),
                 "", "", display);
  }
  return text;
}

std::string write_pressure_text(const PressureReport& report, const Display& display) {
  std::string text;
  if (report.pressure) {
    const Pressure& pressure = *report.pressure;
    text += dead_lines(pressure, display);
    text += wrap(headline(pressure), "", "", display);
    text += relief_lines(pressure, display);
    text += tracking_lines(pressure, display);
    text += finding_lines(pressure, display);
    text += attribution_lines(report, display);
    text += section_text(load_section(pressure), display);
    text += section_text(table_section(pressure), display);
    text += section_text(counter_section(pressure), display);
    text += section_text(watch_section(pressure), display);
    text += section_text(flood_section(pressure), display);
    text += section_text(timeout_section(pressure), display);
    text += section_text(advice_section(pressure), display);
    text += section_text(origin_section(pressure), display);
  }
  text += problem_lines(report, display);
  const std::string notes = note_lines(report, display);
  if (!notes.empty()) text += (text.empty() ? "" : "\n") + notes;
  return text;
}

std::string write_pressure_problems(const PressureReport& report, const Display& display) {
  std::string text;
  for (const Problem& problem : report.usage)
    text += render_problem(report.sources, problem, display);
  for (const std::string& missing : report.missing) {
    text += wrap("untrack: " + missing, "", "         ", display);
  }
  return text;
}

}  // namespace untrack
