// An audit as Markdown for a comment in a review: the verdict, what forces tracking and what is
// wrong, and what becomes of flows, folded where it is long. GitHub's and GitLab's dialects.
#include "report/formats/markdown.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "analysis/check.hpp"
#include "report/flow_table_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/finding_place.hpp"

namespace untrack::formats {
namespace {

constexpr std::size_t most_shown = 20;

std::string table_of_findings(const AuditReport& report) {
  if (report.findings.empty()) return "No findings.\n";
  std::string text = "| | where | check | what |\n| --- | --- | --- | --- |\n";
  std::size_t shown = 0;
  for (const std::size_t i : worst_first(report)) {
    if (shown++ == most_shown) break;
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const std::string place =
        fmt::format("{}:{}", path_of(source.path()), source.locate(finding.span).line);
    text +=
        fmt::format("| {} | {} | {} {} | {} |\n", to_text(finding.severity), markdown_code(place),
                    finding.check->code, finding.check->name, markdown_text(finding.message));
  }
  if (report.findings.size() > most_shown) {
    text += fmt::format("\n... and {} more.\n", report.findings.size() - most_shown);
  }
  return text;
}

std::string table_of_flows(const AuditReport& report) {
  std::string rows;
  std::size_t count = 0;
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) {
      ++count;
      std::vector<std::string> lines;
      for (const std::string& line : row.flows) lines.push_back(markdown_text(line));
      rows += fmt::format("| {} | {} | {} | {} | {} |\n", display_name(table.version),
                          to_text(row.path), fmt::join(lines, "<br>"), to_text(row.need),
                          markdown_text(reason_of(report, row)));
    }
  }
  if (count == 0) return {};
  return fmt::format(
      "\n<details><summary>{} flow class{}: what tracking is needed for</summary>\n\n"
      "| family | way | flows | need | why |\n| --- | --- | --- | --- | --- |\n{}\n</details>\n",
      count, count == 1 ? "" : "es", rows);
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string out;
  constexpr std::string_view special = "\\`*_{}[]()<>#+!|~&@$";
  for (const char c : valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += ' ';
    } else if (special.find(c) != std::string_view::npos) {
      // References work everywhere, backslashes not before every sign.
      out += fmt::format("&#{};", static_cast<int>(byte));
    } else {
      out += c;
    }
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  return "<code>" + markdown_text(text) + "</code>";
}

std::string write_markdown(const AuditReport& report, const FormatOptions& /*options*/) {
  std::array<std::size_t, 3> counts{};
  for (const Finding& finding : report.findings) {
    ++counts[static_cast<std::size_t>(finding.severity)];
  }
  std::string text = fmt::format("### untrack audit\n\n{}\n\n", markdown_text(report.verdict));
  text += "| family | tracking | why |\n| --- | --- | --- |\n";
  for (const FamilyVerdict& family : report.families) {
    text += fmt::format("| {} | {} | {} |\n", display_name(family.version), to_text(family.state),
                        markdown_text(family.why));
  }
  std::vector<std::string> said;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    const std::size_t count = counts[static_cast<std::size_t>(severity)];
    if (count == 0) continue;
    said.push_back(fmt::format("{} {}{}", count, to_text(severity), count == 1 ? "" : "s"));
  }
  if (!said.empty()) text += fmt::format("\n{}.\n", fmt::join(said, ", "));
  text += '\n';
  return text + table_of_findings(report) + table_of_flows(report);
}

}  // namespace untrack::formats
