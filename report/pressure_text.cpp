#include "report/pressure_text.hpp"

#include <fmt/format.h>

#include "analysis/pressure/number_text.hpp"
#include "report/attribution_text.hpp"
#include "report/diagnostic.hpp"
#include "report/pressure_sections.hpp"

namespace untrack {
namespace {

using namespace pressure_text;

std::string note_lines(const PressureReport& report, const Display& display) {
  std::string text;
  for (const std::string& note : report.notes) {
    text += wrap("Note: " + note + ".", "", "      ", display);
  }
  if (report.pressure && report.pressure->kernel_source.origin == Origin::estimated) {
    text += wrap("Note: no kernel version was given; defaults are those of " +
                     to_text(report.pressure->platform.kernel) + ".",
                 "", "      ", display);
  }
  return text;
}

// A file that is no file of settings at all would fill the screen; JSON lists every line.
constexpr std::size_t most_problems = 25;

std::string problem_lines(const PressureReport& report, const Display& display) {
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
  if (!text.empty()) text = section("Not understood", display) + text;
  return text;
}

std::string attribution_lines(const PressureReport& report, const Display& display) {
  if (!report.attribution) return {};
  return "\n" + write_attribution(*report.attribution, *report.ruleset, report.sources,
                                  report.pressure->entry_bytes(), display);
}

}  // namespace

std::string write_pressure_text(const PressureReport& report, const Display& display) {
  std::string text;
  if (report.pressure) {
    const Pressure& pressure = *report.pressure;
    text += dead_lines(pressure, display);
    text += wrap(headline(pressure), "", "", display);
    text += tracking_lines(pressure, display);
    text += finding_lines(pressure, display);
    text += load_lines(pressure, display);
    text += table_lines(pressure, display);
    text += counter_lines(pressure, display);
    text += watch_lines(pressure, display);
    text += attribution_lines(report, display);
    text += flood_lines(pressure, display);
    text += timeout_lines(pressure, display);
    text += advice_lines(pressure, display);
    text += origin_lines(pressure, display);
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
