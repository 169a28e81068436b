// An audit as Markdown for a comment in a review: the verdict, what forces tracking and what is
// wrong, and what becomes of flows, folded where it is long. GitHub's and GitLab's dialects.
#include "report/formats/markdown.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "analysis/check.hpp"
#include "report/flow_table_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/diff_markdown.hpp"
#include "report/formats/finding_place.hpp"

namespace untrack::formats {
namespace {

constexpr std::size_t most_shown = 20;
// GitHub refuses comments of more than 65,536 characters.
constexpr std::size_t longest_table = 20'000;
constexpr std::size_t longest_comment = 60'000;

std::string table_of_findings(const AuditReport& report) {
  std::vector<std::size_t> counting;
  for (const std::size_t i : worst_first(report)) {
    if (report.suppression_of(i) == nullptr) counting.push_back(i);
  }
  if (counting.empty()) return "No findings.\n";
  std::string text = "| | where | check | what |\n| --- | --- | --- | --- |\n";
  std::size_t shown = 0;
  for (const std::size_t i : counting) {
    if (shown++ == most_shown) break;
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const std::string place =
        fmt::format("{}:{}", path_of(source.path()), source.locate(finding.span).line);
    text +=
        fmt::format("| {} | {} | {} {} | {} |\n", to_text(finding.severity), markdown_code(place),
                    finding.check->code, finding.check->name, markdown_text(finding.message));
  }
  if (counting.size() > most_shown) {
    text += fmt::format("\n... and {} more.\n", counting.size() - most_shown);
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
  for (const char c : shown_utf8(text)) {
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

Pieces markdown_pieces(const AuditReport& report, const FormatOptions& options) {
  const HostRow row = row_of(report);
  std::string text;
  if (options.change != nullptr) text = diff_sections(*options.change) + "**Now**\n\n";
  text += fmt::format("{}\n\n", markdown_text(report.verdict));
  if (!report.families.empty() || report.host.empty()) {
    text += "| family | tracking | why |\n| --- | --- | --- |\n";
  }
  for (const FamilyVerdict& family : report.families) {
    text += fmt::format("| {} | {} | {} |\n", display_name(family.version), to_text(family.state),
                        markdown_text(family.why));
  }
  std::vector<std::string> said;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    const std::size_t count = row.count(severity);
    if (count == 0) continue;
    said.push_back(fmt::format("{} {}{}", count, to_text(severity), count == 1 ? "" : "s"));
  }
  if (row.suppressed > 0) said.push_back(fmt::format("{} suppressed", row.suppressed));
  if (!said.empty()) text += fmt::format("\n{}.\n", fmt::join(said, ", "));
  text += '\n';
  text += table_of_findings(report) + table_of_flows(report);
  const Severity worst =
      row.count(Severity::error) > 0 || !row.is_readable || !row.is_fully_understood
          ? Severity::error
      : row.count(Severity::warning) > 0 ? Severity::warning
                                         : Severity::note;
  return {{worst, std::move(text)}};
}

std::string markdown_document(const HostsSummary& summary, const Pieces& pieces,
                              const FormatOptions& /*options*/) {
  if (!summary.is_of_many()) return "### untrack audit\n\n" + pieces.front().text;
  std::string text = "### untrack audit\n\n";
  if (!summary.rows.empty()) text += sentence_of(summary) + ".\n\n";
  const bool is_of_change = !summary.since.empty();
  if (is_of_change) text += markdown_text(sentence_of_changes(summary)) + "\n\n";
  if (!summary.rows.empty()) {
    text += fmt::format(
        "| host |{} IPv4 | IPv6 | errors | warnings | notes | free | at a price | bound |\n"
        "| --- |{} --- | --- | --- | --- | --- | --- | --- | --- |\n",
        is_of_change ? " packets |" : "", is_of_change ? " --- |" : "");
  }
  std::size_t left_out = 0;
  for (const HostRow& row : summary.rows) {
    if (text.size() > longest_table) {
      ++left_out;
      continue;
    }
    const auto state = [&](IpVersion version) {
      const auto& known = row.tracking[static_cast<std::size_t>(version)];
      return known ? to_text(*known) : std::string_view("-");
    };
    text +=
        fmt::format("| {} |{} {} | {} | {} | {} | {} | {} | {} | {} |\n", markdown_text(row.name),
                    is_of_change ? fmt::format(" {} |", row.packets) : std::string(),
                    state(IpVersion::ipv4), state(IpVersion::ipv6), row.count(Severity::error),
                    row.count(Severity::warning), row.count(Severity::note), row.count(Need::free),
                    row.count(Need::priced), row.count(Need::bound));
  }
  if (left_out > 0) text += fmt::format("\n... and {} more hosts.\n", left_out);
  if (!summary.skipped.empty()) {
    text += fmt::format("\nNot read, since nothing in them looks like a ruleset: {}.\n",
                        summary.skipped.size());
  }
  left_out = 0;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].severity != severity) continue;
      const std::string section =
          fmt::format("\n<details{}><summary>{}</summary>\n\n{}\n</details>\n",
                      summary.rows[i].packets == "differ" ? " open" : "",
                      markdown_text(summary.rows[i].name), pieces[i].text);
      if (text.size() + section.size() > longest_comment) {
        ++left_out;
      } else {
        text += section;
      }
    }
  }
  if (left_out > 0) {
    text += fmt::format("\nDetails of {} more host{} are left out: a comment has no room.\n",
                        left_out, left_out == 1 ? "" : "s");
  }
  return text;
}

}  // namespace untrack::formats
