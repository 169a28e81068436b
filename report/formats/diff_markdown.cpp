#include "report/formats/diff_markdown.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/packet/packet_text.hpp"
#include "report/change_words.hpp"
#include "report/diagnostic.hpp"
#include "report/formats/markdown.hpp"
#include "report/pressure/change_words.hpp"
#include "report/witness_text.hpp"

namespace untrack::formats {
namespace {

// Rows that stand open; the others are folded.
constexpr std::size_t most_shown = 8;

std::string row_of(const DiffReport& report, IpVersion version, const Change& change) {
  std::vector<std::string> region;
  for (const std::string& line : change.region) region.push_back(markdown_text(line));
  if (const std::string states = states_of(change); !states.empty()) {
    region.push_back(markdown_text(states));
  }
  const Witness& witness = change.witness;
  std::string example =
      markdown_code(to_text(witness.packet) + conditions_text(*report.variables, witness));
  if (const std::string here = here_text(report.before, report.after, witness); !here.empty()) {
    example += fmt::format("<br>if {}", markdown_text(here));
  }
  return fmt::format(
      "| {} {} | {} | {} | {} | {} |\n", display_name(version), to_text(change.path),
      fmt::join(region, "<br>"),
      markdown_text(decided_text(report.before, witness.before, witness.decided_before)),
      markdown_text(decided_text(report.after, witness.after, witness.decided_after)), example);
}

std::string folded(std::string_view summary, std::string_view inner) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", summary, inner);
}

// The first rows, and the others folded.
std::string table_of(std::string_view name, std::string_view head,
                     const std::vector<std::string>& rows) {
  if (rows.empty()) return {};
  const std::size_t shown = std::min(rows.size(), most_shown);
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text =
      fmt::format("**{}**\n\n{}{}\n", name, head, fmt::join(rows.begin(), middle, ""));
  if (shown < rows.size()) {
    text += folded(fmt::format("{} more {}", rows.size() - shown, name),
                   fmt::format("{}{}", head, fmt::join(middle, rows.end(), "")));
  }
  return text;
}

std::string changes_of(const DiffReport& report, ChangeKind kind) {
  constexpr std::string_view head =
      "| way | packets | was | now | for example |\n| --- | --- | --- | --- | --- |\n";
  std::vector<std::string> rows;
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const Change& change : family.difference->changes) {
      if (change.kind == kind) rows.push_back(row_of(report, family.version, change));
    }
  }
  return table_of(heading(kind), head, rows);
}

std::string tracking_of(const DiffReport& report) {
  std::string text;
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const TrackingChange& change : family.difference->tracking) {
      std::vector<std::string> region;
      for (const std::string& line : change.region) region.push_back(markdown_text(line));
      text += fmt::format("- {} {}: {}\n", display_name(family.version), to_text(change.path),
                          change.is_untracked_now ? "no longer tracked" : "tracked again");
      text += fmt::format("  {}\n", fmt::join(region, "<br>"));
    }
  }
  return text.empty() ? text : folded("Tracking of single flows", text);
}

std::string work_of(const DiffReport& report) {
  constexpr std::string_view head = "| way | a packet | what |\n| --- | --- | --- |\n";
  std::vector<std::string> rows;
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const WorkChange& change : family.difference->work) {
      rows.push_back(fmt::format("| {} {} | {} | {} |\n", display_name(family.version),
                                 to_text(change.path), markdown_code(to_text(change.packet)),
                                 markdown_text(change.what)));
    }
  }
  return table_of(work_heading, head, rows);
}

std::string pressure_of(const DiffReport& report) {
  const std::vector<PressureWords> all = pressure_words(report);
  if (all.empty()) return {};
  std::string text = fmt::format("**{}**\n\n", pressure_heading);
  std::size_t shown = 0;
  for (const PressureWords& words : all) {
    if (shown++ == most_shown) {
      text += fmt::format("- ... and {} more\n", all.size() - most_shown);
      break;
    }
    std::vector<std::string> lines;
    for (const std::string& line : words.lines) lines.push_back(markdown_text(line));
    text += fmt::format("- {}: {}\n", words.label, fmt::join(lines, "<br>"));
  }
  return text + "\n";
}

std::string constructs_of(const DiffReport& report) {
  if (report.constructs.empty()) return {};
  std::string text = "**Around connection tracking**\n\n";
  std::size_t shown = 0;
  for (const ConstructChange& change : report.constructs) {
    if (shown++ == most_shown) {
      text += fmt::format("- ... and {} more\n", report.constructs.size() - most_shown);
      break;
    }
    const ComparedSide& side = change.is_added ? report.after : report.before;
    text += fmt::format("- {} {} ({})\n", change.is_added ? "added" : "removed",
                        markdown_code(change.text),
                        markdown_text(place_of(*side.sources, change.span)));
  }
  return text + "\n";
}

std::string not_understood_of(const ComparedSide& side, std::string_view name) {
  std::string list;
  std::size_t count = 0;
  for (const Problem& problem : side.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    ++count;
    list += fmt::format("- {}: {}\n", markdown_code(place_of(*side.sources, problem.span)),
                        markdown_text(problem.message));
  }
  if (count == 0) return {};
  return folded(
      fmt::format("{} place{} wrong or not understood in {}", count, count == 1 ? "" : "s", name),
      list);
}

}  // namespace

std::string write_diff_markdown(const DiffReport& report) {
  return "### untrack diff\n\n" + diff_sections(report);
}

std::string diff_sections(const DiffReport& report) {
  std::string text = fmt::format("{}\n\n", markdown_text(report.summary));
  for (const ChangeKind kind : change_kinds) text += changes_of(report, kind);
  text += work_of(report);
  text += pressure_of(report);
  text += constructs_of(report);
  text += tracking_of(report);
  text += not_understood_of(report.before, "the old ruleset");
  text += not_understood_of(report.after, "the new ruleset");
  return text;
}

}  // namespace untrack::formats
