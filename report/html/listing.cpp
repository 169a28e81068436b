#include "report/html/listing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "analysis/check.hpp"
#include "report/html/escape.hpp"
#include "report/html/parts.hpp"

namespace untrack::html {
namespace {

// A line without end, as JSON has them, is cut between what is marked.
constexpr std::size_t longest_run = 1200;
constexpr std::size_t kept_at_ends = 240;
// Markup of a note that makes about one row of it.
constexpr std::size_t bytes_of_row = 70;

std::size_t index_of(SourceId source) { return static_cast<std::size_t>(source); }

bool is_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] == '#';
}

std::string run_of_code(std::string_view raw, int* column) {
  if (raw.size() <= longest_run) return code(raw, column);
  std::string markup = code(raw.substr(0, kept_at_ends), column);
  markup += fmt::format(" <span class=\"rem\">[{}]</span> ",
                        text(count(raw.size() - 2 * kept_at_ends, "further byte")));
  return markup + code(raw.substr(raw.size() - kept_at_ends), column);
}

class Listing {
 public:
  Listing(const AuditReport& report, const LinePlan& plan) : report_(report), plan_(plan) {
    for (const Finding* finding : report.counting()) {
      const Location place = report.sources.locate(finding->span);
      by_line_[{finding->span.source, place.line}].push_back(finding);
      for (std::uint32_t line = place.line; line <= std::min(place.end_line, place.line + 40);
           ++line) {
        covers_[{finding->span.source, line}].push_back(finding);
      }
    }
  }

  std::string write() {
    for (const SourceId source : plan_.listed()) write_source(source);
    return std::move(markup_);
  }

 private:
  using Line = std::pair<SourceId, std::uint32_t>;

  void write_source(SourceId source) {
    const SourceText& text_of = report_.sources[source];
    markup_ += fmt::format("<h3><span class=\"mono\">{}</span>{}</h3>\n", text(text_of.path()),
                           said_of(source));
    const auto& ranges = plan_.ranges(source);
    const std::uint32_t lines = text_of.line_count();
    if (ranges.empty()) {
      markup_ +=
          paragraph(lines == 0 ? std::string("It is empty.")
                               : fmt::format("None of its {} is shown.", count(lines, "line")));
      return;
    }
    markup_ += "<div class=\"code margin\">\n";
    std::uint32_t next = 1;
    for (const LineRange& range : ranges) {
      write_gap(source, next, range.first);
      write_range(source, range);
      next = range.last + 1;
    }
    write_gap(source, next, lines + 1);
    markup_ += "</div>\n";
  }

  [[nodiscard]] std::string said_of(SourceId source) const {
    const auto at = std::ranges::find(report_.ruleset.inputs, source, &InputSummary::source);
    if (at == report_.ruleset.inputs.end()) return {};
    std::string said = fmt::format("{}, {}", at->format, count(at->rules, "rule"));
    if (!at->ip_versions.empty()) said += " for " + display_name(at->ip_versions);
    return fmt::format(" <span class=\"soft small\">{}</span>", text(said));
  }

  // Lines [first, end) are not shown.
  void write_gap(SourceId source, std::uint32_t first, std::uint32_t end) {
    if (first >= end) return;
    std::size_t findings = 0;
    for (auto at = by_line_.lower_bound({source, first});
         at != by_line_.end() && at->first < Line{source, end}; ++at) {
      findings += at->second.size();
    }
    std::string said = fmt::format("{} left out", count(end - first, "line"));
    if (findings > 0) said += fmt::format(", with {}", count(findings, "finding"));
    markup_ += fmt::format("<div class=\"gap\">{}</div>\n", text(said));
  }

  // On a wide screen notes float beside the lines and push each other down, never the lines: so
  // that they do not drift far from theirs, a block ends when they are this many rows behind.
  static constexpr std::ptrdiff_t most_drift = 24;

  void write_range(SourceId source, const LineRange& range) {
    markup_ += "<div class=\"seg\">\n";
    std::ptrdiff_t drift = 0;  // rows that the notes reach below the lines
    for (std::uint32_t line = range.first; line <= range.last; ++line) {
      const auto found = by_line_.find({source, line});
      if (found != by_line_.end() && drift > most_drift) {
        markup_ += "</div><div class=\"seg\">\n";
        drift = 0;
      }
      write_line(source, line, found != by_line_.end());
      drift = std::max<std::ptrdiff_t>(0, drift - 1);
      if (found == by_line_.end()) continue;
      markup_ += "<div class=\"notes\">\n";
      std::vector<const Finding*> findings = found->second;
      std::ranges::stable_sort(
          findings, [](const Finding* a, const Finding* b) { return a->severity > b->severity; });
      const std::size_t before = markup_.size();
      for (const Finding* finding : findings) write_finding(*finding, line);
      drift += static_cast<std::ptrdiff_t>((markup_.size() - before) / bytes_of_row);
      markup_ += "</div>\n";
    }
    markup_ += "</div>\n";
  }

  void write_line(SourceId source, std::uint32_t number, bool is_hit) {
    const SourceText& text_of = report_.sources[source];
    const std::string_view line = text_of.line(number);
    const auto begin = static_cast<std::size_t>(line.data() - text_of.text().data());
    std::vector<Mark> marks;
    if (const auto at = covers_.find({source, number}); at != covers_.end()) {
      for (const Finding* finding : at->second) {
        const std::size_t first = std::max<std::size_t>(finding->span.begin, begin) - begin;
        const std::size_t last = std::min<std::size_t>(finding->span.end, begin + line.size());
        if (last > begin + first) marks.push_back({first, last - begin, finding->severity});
      }
    }
    const std::string id = line_id(source, number);
    markup_ += fmt::format(
        "<div class=\"l{}\" id=\"{}\"><a class=\"n\" href=\"#{}\">{}</a><code{}>{}</code></div>\n",
        is_hit ? " hit" : "", id, id, number, is_comment(line) ? " class=\"rem\"" : "",
        line_of_code(line, marks));
  }

  // The first of those that say the same stands open, the others lead to it.
  void write_finding(const Finding& finding, std::uint32_t line) {
    std::string words = finding.message + '\n' + finding.label;
    for (const std::string& note : finding.notes) words += '\n' + note;
    for (const Related& related : finding.related) words += fmt::format("\n{}", related.span.begin);
    const auto [first, is_new] =
        told_.try_emplace(fmt::format("{}\n{}", finding.check->code, words), finding.span);
    markup_ += fmt::format(
        "<details class=\"f {}\"{}><summary><b>{} {}</b> <span class=\"at\">line {}</span> {}"
        "</summary>\n",
        class_of(tone_of(finding.severity)), is_new ? " open" : "", to_text(finding.severity),
        finding.check->code, line, text(finding.message));
    if (!finding.label.empty()) markup_ += paragraph(as_sentence(finding.label));
    if (!is_new) {
      markup_ += fmt::format("<p class=\"why\">As at {}, where it stands in full.</p>\n",
                             plan_.link(first->second));
    } else {
      for (const std::string& note : finding.notes) {
        markup_ += fmt::format("<p class=\"why\">{}</p>\n", text(as_sentence(note)));
      }
    }
    for (const Related& related : finding.related) {
      markup_ += fmt::format("<p>{}: {}</p>\n", plan_.link(related.span), text(related.label));
    }
    markup_ += "</details>\n";
  }

  const AuditReport& report_;
  const LinePlan& plan_;
  std::map<Line, std::vector<const Finding*>> by_line_;  // where they begin
  std::map<Line, std::vector<const Finding*>> covers_;   // what they underline
  std::map<std::string, Span> told_;
  std::string markup_;
};

}  // namespace

std::string line_of_code(std::string_view line, const std::vector<Mark>& marks) {
  std::vector<std::size_t> cuts = {0, line.size()};
  for (const Mark& mark : marks) {
    cuts.push_back(std::min(mark.begin, line.size()));
    cuts.push_back(std::min(mark.end, line.size()));
  }
  std::ranges::sort(cuts);
  std::string markup;
  int column = 0;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    if (cuts[i] == cuts[i + 1]) continue;
    const std::string_view piece = line.substr(cuts[i], cuts[i + 1] - cuts[i]);
    const Mark* worst_mark = nullptr;
    for (const Mark& mark : marks) {
      if (mark.begin > cuts[i] || mark.end < cuts[i + 1]) continue;
      if (worst_mark == nullptr || mark.severity > worst_mark->severity) worst_mark = &mark;
    }
    if (worst_mark == nullptr) {
      markup += run_of_code(piece, &column);
    } else {
      markup += fmt::format("<u class=\"{}\">{}</u>", class_of(tone_of(worst_mark->severity)),
                            run_of_code(piece, &column));
    }
  }
  return markup;
}

LinePlan plan_lines(const AuditReport& report) {
  std::vector<bool> is_listed(report.sources.size());
  std::vector<Span> marked;
  const auto list = [&](SourceId source) { is_listed[index_of(source)] = true; };
  for (const InputSummary& input : report.ruleset.inputs) {
    list(input.source);
    for (const SourceId part : input.included) list(part);
  }
  for (const Finding& finding : report.findings) {
    list(finding.span.source);
  }
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    for (const Finding& finding : report.findings) {
      if (finding.severity == severity) marked.push_back(finding.span);
    }
  }
  for (const Finding& finding : report.findings) {
    for (const Related& related : finding.related) {
      if (is_listed[index_of(related.span.source)]) marked.push_back(related.span);
    }
  }
  std::vector<SourceId> listed;
  for (std::size_t i = 0; i < is_listed.size(); ++i) {
    if (is_listed[i]) listed.push_back(static_cast<SourceId>(i));
  }
  return {report.sources, std::move(listed), marked};
}

std::string listing(const AuditReport& report, const LinePlan& plan) {
  return Listing(report, plan).write();
}

}  // namespace untrack::html
