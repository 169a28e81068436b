#include "app/pipeline/next_commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/managers.hpp"
#include "report/shell_word.hpp"
#include "rewriter/unload/loaders.hpp"

namespace untrack {
namespace {

// What NOTRACK is written for: services of TCP and UDP that others ask for, by their port. Where no
// rule names one, those of this host, unless a program may translate any of them later.
bool is_free_service(const FlowRow& row, bool has_publisher) {
  const bool is_any_port = row.path == Path::in && !has_publisher;
  return row.need == Need::free && row.path != Path::out &&
         std::ranges::any_of(row.flows, [&](const std::string& line) {
           return (line.starts_with("tcp") || line.starts_with("udp")) &&
                  (is_any_port || line.find(" port ") != std::string::npos);
         });
}

bool publishes_ports(const AuditReport& report) {
  return std::ranges::any_of(find_loaders(report.sources, report.ruleset),
                             [](const Loader& loader) { return loader.row->publishes_ports; });
}

bool has_state(const AuditReport& report, TrackingState state) {
  return std::ranges::find(report.families, state, &FamilyVerdict::state) != report.families.end();
}

}  // namespace

std::vector<std::string> next_commands(const AuditReport& report, const RulesWords& rules) {
  constexpr std::size_t most_words = 10;
  if (rules.words.empty() || rules.words.size() > most_words || !report.is_fully_understood ||
      std::ranges::find(rules.words, "-") != rules.words.end()) {
    return {};
  }
  std::vector<std::string> same;
  for (const std::string& word : rules.words) same.push_back(shell_word(word));
  std::vector<std::string> read = same;
  for (const std::string& word : rules.options) read.push_back(shell_word(word));
  std::vector<std::string> commands;
  if (has_state(report, TrackingState::forced)) {
    if (rules.options.empty()) {
      commands.push_back(fmt::format("untrack pressure {}", fmt::join(same, " ")));
    }
    const bool has_publisher = publishes_ports(report);
    const bool has_service = std::ranges::any_of(report.flows, [&](const FlowTable& table) {
      return std::ranges::any_of(
          table.rows, [&](const FlowRow& row) { return is_free_service(row, has_publisher); });
    });
    if (has_service) {
      commands.push_back(fmt::format("untrack rewrite --mode notrack {}", fmt::join(read, " ")));
    }
  } else if (!has_state(report, TrackingState::unknown) && report.families.size() == 2) {
    commands.push_back(fmt::format("untrack unload {}", fmt::join(read, " ")));
  }
  return commands;
}

std::vector<std::string> keepers_of(const AuditReport& report) {
  std::vector<std::string> all;
  for (const Loader& each : managers_of(report.sources, report.ruleset)) {
    all.push_back(manager_words(each, ManagedChange::any));
  }
  return all;
}

}  // namespace untrack
