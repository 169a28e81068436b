#include "report/flow_table_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "analysis/program/service_ports.hpp"
#include "report/diagnostic.hpp"
#include "report/text_table.hpp"

namespace untrack {
namespace {

constexpr std::array all_needs = {Need::free, Need::priced, Need::bound};
constexpr std::size_t longest_table = 12;
constexpr std::size_t rows_of_each_need = 3;

struct Row {
  const FlowTable* table;
  const FlowRow* row;
};

std::vector<Row> all_rows(const AuditReport& report) {
  std::vector<Row> rows;
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) rows.push_back({&table, &row});
  }
  return rows;
}

std::size_t count_of(const std::vector<Row>& rows, Need need) {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](const Row& row) { return row.row->need == need; }));
}

// At a blank, so that no port or address is cut in two.
std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t blank = text.rfind(' ', most - 4);
  return text.substr(0, blank == std::string::npos ? most - 4 : blank) + " ...";
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "rules.v4:12": the folder only where two files have one name.
std::string line_place(const AuditReport& report, const Span& span) {
  const std::string_view path = report.sources[span.source].path();
  const auto named_alike =
      std::ranges::count_if(report.ruleset.inputs, [&](const InputSummary& input) {
        return file_name(report.sources[input.source].path()) == file_name(path);
      });
  return fmt::format("{}:{}", named_alike > 1 ? path : file_name(path),
                     report.sources.locate(span).line);
}

std::string admitted_by(const AuditReport& report, const FlowRow& row) {
  if (row.rule.names_something()) {
    return line_place(report, report.ruleset[row.rule].text);
  }
  if (!row.chain.names_something()) return "no chain";
  return fmt::format("policy {}", report.ruleset[row.chain].name);
}

std::string bound_text(const AuditReport& report, const FlowRow& row) {
  if (!row.bound_by.names_something()) return "not possible";
  const Construct& construct = report.ruleset[row.bound_by];
  return fmt::format("{} ({})", display_name(construct), line_place(report, construct.span));
}

std::vector<std::string_view> costs(const FlowRow& row) {
  std::vector<std::string_view> names;
  for (const ExposureKind kind : row.exposure) {
    if (!is_harmless(kind)) names.push_back(to_text(kind));
  }
  return names;
}

std::string cost_of(const AuditReport& report, const FlowRow& row) {
  switch (row.need) {
    case Need::free:
      return "nothing";
    case Need::priced:
      return fmt::format("{}", fmt::join(costs(row), ", "));
    case Need::bound:
      return bound_text(report, row);
  }
  return {};
}

std::string flow_text(const Row& row, bool names_family, bool each) {
  constexpr std::size_t most = 46;
  std::string text = names_family ? fmt::format("{}  ", display_name(row.table->version)) : "";
  text += fmt::format("{:<8}", to_text(row.row->path));
  if (each) return text + fmt::format("{}", fmt::join(row.row->flows, "; "));
  if (row.row->flows.empty()) return text;
  const std::string& first = row.row->flows.front();
  if (row.row->flows.size() == 1) return text + shortened(first, most);
  return text + shortened(first, most - 4) + (first.size() > most - 4 ? "" : " ...");
}

std::string legend(const std::vector<Row>& rows, const Display& display) {
  std::vector<ExposureKind> kinds;
  for (const Row& row : rows) {
    if (row.row->need != Need::priced) continue;
    for (const ExposureKind kind : row.row->exposure) {
      if (!is_harmless(kind)) kinds.push_back(kind);
    }
  }
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  std::string text;
  for (const ExposureKind kind : kinds) {
    text += wrap(std::string(description(kind)), fmt::format("  {:<15} ", to_text(kind)),
                 std::string(18, ' '), display);
  }
  return text;
}

std::string assumed_line(const AuditReport& report, const Display& display) {
  std::vector<std::string_view> names;
  const bool names_services = std::ranges::any_of(report.flows, [&](const FlowTable& table) {
    return !service_ports(report.ruleset, table.version, report.assumed.host_ports).all.empty();
  });
  for (const Assumption id : report.assumed.list()) {
    if (id != Assumption::service_ports || names_services) names.push_back(row_of(id).name);
  }
  if (names.empty()) return {};
  return wrap(fmt::format("{} (docs/flows.md)", fmt::join(names, ", ")),
              "  assumed: ", std::string(11, ' '), display);
}

// "free" is said of each class by itself: what a rewrite makes of it is another matter.
std::string left_lines(const AuditReport& report, const Display& display) {
  std::vector<std::pair<std::string, std::size_t>> reasons;
  std::size_t free = 0;
  std::size_t left = 0;
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) {
      if (row.need != Need::free || !table.knows_what_is_left) continue;
      ++free;
      const std::string& why = table.incomplete.empty() ? row.left : table.incomplete;
      if (why.empty()) continue;
      ++left;
      const auto at = std::ranges::find(reasons, why, &std::pair<std::string, std::size_t>::first);
      if (at == reasons.end()) {
        reasons.emplace_back(why, 1);
      } else {
        ++at->second;
      }
    }
  }
  if (left == 0) return {};
  constexpr std::size_t most = 3;
  std::string text =
      fmt::format("of the {} that {} free, untrack rewrite --mode notrack leaves {} tracked", free,
                  free == 1 ? "is" : "are", left);
  if (reasons.size() == 1) {
    text += fmt::format(": {}", reasons.front().first);
  } else {
    for (std::size_t i = 0; i < reasons.size() && i < most; ++i) {
      text += fmt::format("; {}: {}", reasons[i].second, reasons[i].first);
    }
  }
  if (reasons.size() > most) text += fmt::format("; {} more reasons", reasons.size() - most);
  return wrap(text, "  flows  ", "         ", display);
}

}  // namespace

std::string write_flow_counts(const AuditReport& report, const Display& display) {
  std::string text;
  const std::vector<Row> rows = all_rows(report);
  if (!rows.empty()) {
    text += wrap(fmt::format("{} flow class{}: {} free to untrack, {} at a price, {} bound to "
                             "tracking",
                             rows.size(), rows.size() == 1 ? "" : "es", count_of(rows, Need::free),
                             count_of(rows, Need::priced), count_of(rows, Need::bound)),
                 "  flows  ", "         ", display);
  }
  text += left_lines(report, display);
  for (const FlowTable& table : report.flows) {
    if (table.is_whole()) continue;
    const bool has_none = !table.not_known.empty();
    text += wrap(fmt::format("{} flow classes {}: {}", display_name(table.version),
                             has_none ? "are not known" : "may be more than these",
                             has_none ? table.not_known : table.incomplete),
                 "  flows  ", "         ", display);
  }
  return text;
}

std::string write_flow_table(const AuditReport& report, const Display& display, bool each) {
  const std::vector<Row> rows = all_rows(report);
  if (rows.empty()) return {};
  const bool is_folded = !each && rows.size() > longest_table;
  const bool names_family = report.families.size() > 1;
  TextTable table({Align::left, Align::left, Align::left, Align::left});
  table.add({"Flows", "admitted by", "state", "untracking costs"});
  std::array<std::size_t, all_needs.size()> shown{};
  for (const Row& row : rows) {
    std::size_t& of_need = shown[static_cast<std::size_t>(row.row->need)];
    if (is_folded && of_need >= rows_of_each_need) continue;
    ++of_need;
    table.add({"  " + flow_text(row, names_family, each), admitted_by(report, *row.row),
               std::string(to_text(row.row->need)), cost_of(report, *row.row)});
  }
  std::string text = table.render("", display);
  if (is_folded) {
    std::vector<std::string> rest;
    for (const Need need : all_needs) {
      const std::size_t hidden = count_of(rows, need) - shown[static_cast<std::size_t>(need)];
      if (hidden > 0) rest.push_back(fmt::format("{} {}", hidden, to_text(need)));
    }
    text += wrap(fmt::format("and {} more; --each prints all", fmt::join(rest, ", ")), "  ", "  ",
                 display);
  }
  return text + legend(rows, display) + assumed_line(report, display) + "\n";
}

Span admitting_span(const Ruleset& ruleset, const FlowRow& row) {
  if (row.rule.names_something()) return ruleset[row.rule].text;
  if (row.chain.names_something()) return ruleset[row.chain].span;
  return ruleset.tables.empty() ? Span{} : ruleset.tables.front().span;
}

std::string reason_of(const AuditReport& report, const FlowRow& row) {
  switch (row.need) {
    case Need::free:
      return row.exposure.empty() ? "both directions are accepted whatever the state"
                                  : "without state no more is reached than what is open anyway";
    case Need::priced: {
      std::vector<std::string_view> texts;
      for (const ExposureKind kind : row.exposure) {
        if (!is_harmless(kind)) texts.push_back(description(kind));
      }
      return fmt::format("{}", fmt::join(texts, "; "));
    }
    case Need::bound:
      return bound_text(report, row) + " keeps what it does in the entry";
  }
  return {};
}

}  // namespace untrack
