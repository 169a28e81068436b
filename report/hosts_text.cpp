#include "report/hosts_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "report/text_table.hpp"

namespace untrack {
namespace {

constexpr std::array needs = {Need::free, Need::priced, Need::bound};

std::string state_of(const HostRow& row, IpVersion version) {
  if (!row.is_readable) return "not read";
  const auto& state = row.tracking[static_cast<std::size_t>(version)];
  return state ? std::string(state_word(*state)) : "-";
}

std::string remark_of(const HostRow& row) {
  if (!row.is_readable) return row.verdict;
  std::vector<std::string_view> remarks;
  if (!row.is_fully_understood) remarks.emplace_back("not fully understood");
  if (!row.has_all_flows) remarks.emplace_back("there may be more flow classes");
  return fmt::format("{}{}", fmt::join(remarks, ", "), remarks.empty() ? "" : ".");
}

}  // namespace

std::string write_host_heading(const std::string& name, const Display& display) {
  return paint(Style::strong, fmt::format("== {} ==", escape_control(name)), display) + "\n";
}

TextTable hosts_table(const HostsSummary& summary) {
  const bool is_any_suppressed =
      std::ranges::any_of(summary.rows, [](const HostRow& row) { return row.suppressed > 0; });
  std::vector<std::string> head = {"Host", "IPv4", "IPv6", "errors", "warnings", "notes"};
  if (is_any_suppressed) head.emplace_back("suppressed");
  for (const Need need : needs) head.emplace_back(to_text(need));
  if (!summary.since.empty()) head.emplace_back("packets");
  std::vector<Align> columns(head.size(), Align::right);
  if (!summary.since.empty()) columns.back() = Align::left;
  std::fill_n(columns.begin(), 3, Align::left);
  TextTable table(std::move(columns));
  table.add(std::move(head));
  for (const HostRow& row : summary.rows) {
    std::vector<std::string> cells = {row.name, state_of(row, IpVersion::ipv4),
                                      state_of(row, IpVersion::ipv6)};
    const auto add = [&](std::size_t number, bool is_known) {
      cells.push_back(is_known ? fmt::format("{}", number) : std::string("-"));
    };
    for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
      add(row.count(severity), row.is_readable);
    }
    if (is_any_suppressed) add(row.suppressed, row.is_readable);
    for (const Need need : needs) add(row.count(need), row.has_flows);
    if (!summary.since.empty()) cells.push_back(row.packets);
    table.add(std::move(cells));
  }
  return table;
}

std::vector<std::string> hosts_remarks(const HostsSummary& summary) {
  std::vector<std::string> remarks;
  for (const HostRow& row : summary.rows) {
    if (const std::string remark = remark_of(row); !remark.empty()) {
      remarks.push_back(fmt::format("{}: {}", row.name, remark));
    }
  }
  if (!summary.rows.empty()) remarks.push_back(sentence_of(summary) + ".");
  if (!summary.since.empty()) remarks.push_back(sentence_of_changes(summary));
  if (!summary.skipped.empty()) {
    remarks.push_back(fmt::format("Not read, since nothing in them looks like a ruleset ({}): {}.",
                                  summary.skipped.size(), fmt::join(summary.skipped, ", ")));
  }
  return remarks;
}

std::string write_hosts_table(const HostsSummary& summary, const Display& display) {
  std::string text;
  if (!summary.rows.empty()) text = hosts_table(summary).render("", display) + "\n";
  for (const std::string& remark : hosts_remarks(summary)) {
    text += wrap(remark, "", "  ", display);
  }
  return text;
}

}  // namespace untrack
