// Workflow commands of GitHub Actions (docs.github.com, "Workflow commands", "Setting an error
// message"); their escapes are those of actions/toolkit, packages/core/src/command.ts.
#include <fmt/format.h>

#include <array>

#include "analysis/check.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/finding_place.hpp"

namespace untrack::formats {
namespace {

constexpr std::size_t most_of_a_kind = 10;  // a step; GitHub drops the others

std::string escaped(std::string_view text, bool is_property) {
  std::string out;
  for (const char c : shown_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_special =
        c == '%' || byte < 0x20 || byte == 0x7f || (is_property && (c == ':' || c == ','));
    if (is_special) {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view command_of(Severity severity) {
  return severity == Severity::note ? std::string_view("notice") : to_text(severity);
}

}  // namespace

Pieces github_pieces(const AuditReport& report, const FormatOptions& /*options*/) {
  Pieces pieces;
  for (const std::size_t i : worst_first(report)) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const Location place = source.locate(finding.span);
    const std::string path = path_of(source.path());
    pieces.push_back(
        {finding.severity,
         fmt::format("::{} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
                     command_of(finding.severity), escaped(path, true), place.line, place.column,
                     place.end_line, place.end_column,
                     escaped(fmt::format("{} {}", finding.check->code, finding.check->name), true),
                     escaped(whole_message(finding), false)),
         escaped(fmt::format("{}:{}:{}: {}[{}]: {}", path, place.line, place.column,
                             to_text(finding.severity), finding.check->code, finding.message),
                 false) +
             "\n"});
  }
  return pieces;
}

std::string github_document(const HostsSummary& summary, const Pieces& pieces,
                            const FormatOptions& /*options*/) {
  std::array<std::size_t, 3> counts{};
  std::array<std::string, 3> annotations;
  std::array<std::string, 3> others;
  for (const FormatPiece& piece : pieces) {
    const auto kind = static_cast<std::size_t>(piece.severity);
    if (++counts[kind] <= most_of_a_kind) {
      annotations[kind] += piece.text;
    } else {
      others[kind] += piece.plain;
    }
  }
  std::string text;
  std::string left_over;
  for (std::size_t kind = annotations.size(); kind-- > 0;) {
    text += annotations[kind];
    left_over += others[kind];
  }
  if (!left_over.empty()) {
    text += fmt::format("Not shown as annotations, of which a step has {} of a kind:\n{}",
                        most_of_a_kind, left_over);
  }
  if (!summary.is_of_many()) return text;
  for (const HostRow& row : summary.rows) {
    if (row.is_readable && row.is_fully_understood) continue;
    text += fmt::format("::error title=untrack {}::{}\n", escaped(row.name, true),
                        escaped(row.verdict, false));
  }
  return text + escaped("untrack: " + sentence_of(summary), false) + "\n";
}

}  // namespace untrack::formats
