#include "report/check_pages.hpp"

#include <fmt/format.h>

namespace untrack {
namespace {

// Calls `take` with each paragraph of a page: its source lines joined by blanks.
template <class Take>
void each_paragraph(std::string_view page, Take take) {
  std::string paragraph;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(page.size(), line.size() + 1));
    if (!line.empty()) {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph += line;
    }
    if ((line.empty() || page.empty()) && !paragraph.empty()) {
      take(std::string_view(paragraph));
      paragraph.clear();
    }
  }
}

// What belongs to an example beside its rules.
constexpr std::string_view with_settings = "with these settings (`--sysctl`)";

std::string indent(std::string_view text) {
  std::string indented;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    indented += line.empty() ? "\n" : fmt::format("    {}\n", line);
  }
  return indented;
}

}  // namespace

std::string write_check_list(const Display& display) {
  std::string text;
  for (const CheckInfo* const check : all_checks()) {
    text += wrap(check->summary,
                 fmt::format("{}  {:<26} {:<8} ", paint(Style::strong, check->code, display),
                             check->name, to_text(check->severity)),
                 std::string(43, ' '), display);
  }
  return text;
}

std::string write_check_text(const CheckInfo& check, std::string_view output,
                             const Display& display) {
  std::string text =
      fmt::format("{} {} ({}, since {})\n\n", paint(Style::strong, check.code, display),
                  paint(Style::strong, check.name, display), to_text(check.severity), check.since);
  text += wrap(check.summary, "", "", display);
  each_paragraph(check.why, [&](std::string_view paragraph) {
    text += "\n" + wrap(paragraph, "", "", display);
  });
  const auto settings = [&](std::string_view lines) {
    if (!lines.empty()) text += fmt::format("\n{}\n\n{}", with_settings, indent(lines));
  };
  text += "\nBad:\n\n" + indent(check.bad);
  settings(check.bad_settings);
  if (!output.empty()) text += "\nwhich gives\n\n" + indent(output);
  text += "\nGood:\n\n" + indent(check.good);
  settings(check.good_settings);
  return text;
}

std::string write_check_markdown(const CheckInfo& check, std::string_view output) {
  std::string text = fmt::format("# {} {}\n\n{} ({}, since {})\n", check.code, check.name,
                                 check.summary, to_text(check.severity), check.since);
  const Display plain{false, 120};
  each_paragraph(check.why, [&](std::string_view paragraph) {
    text += "\n" + wrap(paragraph, "", "", plain);
  });
  const auto settings = [&](std::string_view lines) {
    if (!lines.empty()) text += fmt::format("\n{}\n\n```\n{}```\n", with_settings, lines);
  };
  text += fmt::format("\n## Bad\n\n```\n{}```\n", check.bad);
  settings(check.bad_settings);
  text += fmt::format("\n`untrack audit` says:\n\n```\n{}```\n", output);
  text += fmt::format("\n## Good\n\n```\n{}```\n", check.good);
  settings(check.good_settings);
  text += "\nThis page is made from the check's row in `analysis/checks/`; a test keeps it so.\n";
  return text;
}

std::string write_check_index() {
  std::string text =
      "# Checks\n\nUT1xx text and structure, UT2xx reachability, UT3xx connection tracking, UT4xx "
      "NAT and helpers, UT5xx settings,\nUT9xx limits of this program. The same pages: `untrack "
      "checks`, "
      "`untrack checks UT301`.\n\n| code | name | severity | says |\n| --- | --- | --- | --- |\n";
  for (const CheckInfo* const check : all_checks()) {
    text += fmt::format("| [{0}]({0}.md) | {1} | {2} | {3} |\n", check->code, check->name,
                        to_text(check->severity), check->summary);
  }
  return text;
}

}  // namespace untrack
