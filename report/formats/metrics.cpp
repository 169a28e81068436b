#include "report/formats/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

#include "analysis/check.hpp"
#include "report/formats/finding_place.hpp"

namespace untrack {
namespace formats {
namespace {

// Control characters may stand in a label, but not pass a terminal on their way.
std::string shown(std::string_view text) {
  std::string out = shown_utf8(text);
  for (char& letter : out) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char letter : shown(value)) {
    if (letter == '\\' || letter == '"') out += '\\';
    out += letter;
  }
  return out;
}

constexpr std::array severities{Severity::error, Severity::warning, Severity::note};

void add_info(MetricText& text, std::string_view command, std::string_view version) {
  text.gauge("untrack_info", "What wrote these metrics.");
  text.sample({{"command", command}, {"version", version}}, 1);
}

void add_not_understood(MetricText& text, std::string_view command, std::size_t count) {
  text.gauge(
      "untrack_not_understood",
      "Places of the input that were not understood, so that more than is told may be true.");
  text.sample({{"command", command}}, static_cast<double>(count));
}

std::size_t count_doubts(const std::vector<Problem>& problems) {
  return static_cast<std::size_t>(std::ranges::count_if(
      problems, [](const Problem& problem) { return problem.kind != ProblemKind::note; }));
}

void add_tracking(MetricText& text, const AuditReport& report) {
  text.gauge(
      "untrack_tracking_forced",
      "Whether the rules of a family force connection tracking: 1 if so, 0 if not, no sample "
      "if it is not known.");
  for (const FamilyVerdict& family : report.families) {
    if (family.state == TrackingState::unknown) continue;
    text.sample({{"family", to_text(family.version)}},
                family.state == TrackingState::forced ? 1 : 0);
  }
  text.gauge("untrack_rules", "Rules of a family.");
  for (const FamilyVerdict& family : report.families) {
    text.sample({{"family", to_text(family.version)}}, static_cast<double>(family.rules));
  }
  text.gauge("untrack_forcing_rules", "Rules of a family that force connection tracking.");
  for (const FamilyVerdict& family : report.families) {
    if (family.state == TrackingState::unknown) continue;
    text.sample({{"family", to_text(family.version)}}, static_cast<double>(family.forcing_rules));
  }
}

void add_flows(MetricText& text, const AuditReport& report) {
  text.gauge("untrack_flow_classes",
             "Classes of flows that the rules permit, by what untracking them takes; no sample if "
             "they are not all known.");
  for (const FlowTable& table : report.flows) {
    if (!table.is_whole()) continue;
    for (const Need need : {Need::free, Need::priced, Need::bound}) {
      text.sample({{"family", to_text(table.version)}, {"need", to_text(need)}},
                  static_cast<double>(std::ranges::count(table.rows, need, &FlowRow::need)));
    }
  }
}

void add_findings(MetricText& text, const AuditReport& report) {
  const std::vector<const Finding*> findings = report.counting();
  text.gauge("untrack_findings", "Findings of the audit, without those that are suppressed.");
  for (const Severity severity : severities) {
    text.sample({{"severity", to_text(severity)}},
                static_cast<double>(std::ranges::count(findings, severity, &Finding::severity)));
  }
  // By what is shown, so that two names that look alike do not become one sample twice.
  std::map<std::pair<std::string, std::string_view>, std::size_t> by_file;
  for (const Finding* finding : findings) {
    const std::string& path = report.sources[finding->span.source].path();
    ++by_file[std::pair(shown(path_of(path)), finding->check->code)];
  }
  text.gauge("untrack_file_findings", "Findings of the audit, by file and check.");
  for (const auto& [key, count] : by_file) {
    text.sample({{"file", path_of(key.first)}, {"check", key.second}}, static_cast<double>(count));
  }
}

}  // namespace

void MetricText::gauge(std::string_view name, std::string_view help) {
  name_ = name;
  head_ = fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
}

void MetricText::counter(std::string_view name, std::string_view help) {
  name_ = name;
  head_ = fmt::format("# HELP {} {}\n# TYPE {} counter\n", name, help, name);
}

void MetricText::sample(const std::vector<MetricLabel>& labels, double value) {
  text_ += head_ + name_;
  head_.clear();
  char before = '{';
  if (!host_.empty()) {
    text_ += fmt::format("{{host=\"{}\"", escaped(host_));
    before = ',';
  }
  for (const auto& [name, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, name, escaped(text));
    before = ',';
  }
  if (before == ',') text_ += '}';
  text_ += fmt::format(" {}\n", value);
}

Pieces metrics_pieces(const AuditReport& report, const FormatOptions& options) {
  MetricText text(report.host);
  add_info(text, "audit", options.tool_version);
  add_tracking(text, report);
  add_findings(text, report);
  add_flows(text, report);
  add_not_understood(text, "audit",
                     count_doubts(report.ruleset.problems) + count_doubts(report.entry_problems));
  return {{Severity::note, text.text()}};
}

// All samples of a metric stand together, behind what it is.
std::string metrics_document(const HostsSummary&, const Pieces& pieces, const FormatOptions&) {
  std::vector<std::string> heads;
  std::map<std::string, std::string, std::less<>> samples;
  for (const FormatPiece& piece : pieces) {
    std::string head;
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n') + 1);
      rest.remove_prefix(line.size());
      if (line.starts_with("# HELP")) head.clear();
      if (line.starts_with('#')) {
        head += line;
        continue;
      }
      const auto [at, is_new] = samples.try_emplace(head);
      if (is_new) heads.push_back(head);
      at->second += line;
    }
  }
  std::string document;
  for (const std::string& head : heads) document += head + samples.at(head);
  return document;
}

}  // namespace formats

namespace {

using formats::MetricText;

// A number of the host itself, and none that was reckoned in its place.
bool is_of_the_host(const Quantity& quantity) {
  return quantity.source.origin == Origin::measured || quantity.source.origin == Origin::given;
}

void add_table(MetricText& text, const Pressure& pressure) {
  const auto number = [&](std::string_view name, std::string_view help, const Quantity& quantity) {
    text.gauge(name, help);
    if (is_of_the_host(quantity)) text.sample({}, static_cast<double>(quantity.value));
  };
  if (pressure.count) {
    number("untrack_conntrack_entries", "Entries in the connection tracking table.",
           *pressure.count);
  }
  number("untrack_conntrack_max", "Entries that the table may hold: nf_conntrack_max.",
         pressure.max);
  number("untrack_conntrack_buckets", "Buckets of the table: nf_conntrack_buckets.",
         pressure.buckets);
  if (pressure.count && is_of_the_host(*pressure.count) && is_of_the_host(pressure.max) &&
      pressure.max.value > 0) {
    text.gauge("untrack_conntrack_occupancy_ratio", "Entries of the table by its maximum.");
    text.sample(
        {}, static_cast<double>(pressure.count->value) / static_cast<double>(pressure.max.value));
  }
}

// The kernel's own counters, of what no reading now and then would see.
void add_losses(MetricText& text, const Pressure& pressure) {
  if (!pressure.statistics) return;
  text.counter("untrack_conntrack_lost_total",
               "Packets or entries lost to the table since the network namespace began, by the "
               "kernel's counter.");
  for (const TableStatistics::Counter& counter : pressure.statistics->counters) {
    const CounterRow* row = counter_row(counter.column, pressure.platform.kernel);
    if (row == nullptr || !row->is_loss) continue;
    text.sample({{"counter", row->name}}, static_cast<double>(counter.value));
  }
}

}  // namespace

std::string write_pressure_metrics(const PressureReport& report, std::string_view tool_version) {
  MetricText text;
  formats::add_info(text, "pressure", tool_version);
  if (report.pressure) {
    add_table(text, *report.pressure);
    add_losses(text, *report.pressure);
    text.gauge("untrack_pressure_findings", "Findings about the connection tracking table.");
    for (const Severity severity : formats::severities) {
      const auto count = std::ranges::count_if(
          report.pressure->findings,
          [&](const PressureFinding& finding) { return finding.row->severity == severity; });
      text.sample({{"severity", to_text(severity)}}, static_cast<double>(count));
    }
  }
  formats::add_not_understood(
      text, "pressure",
      formats::count_doubts(report.problems) +
          (report.ruleset ? formats::count_doubts(report.ruleset->problems) : 0));
  return text.text();
}

}  // namespace untrack
