#include "app/verbose.hpp"

#include <fmt/format.h>

#include "report/terminal.hpp"

namespace untrack {
namespace {

std::string counted(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

}  // namespace

std::string spell_time(std::chrono::microseconds time) {
  const auto number = static_cast<double>(time.count());
  return time < std::chrono::seconds(1) ? fmt::format("{:.1f} ms", number / 1e3)
                                        : fmt::format("{:.2f} s", number / 1e6);
}

std::string verbose_start(const AuditOptions& options) {
  return fmt::format("untrack: {}\n", options.config.file.path.empty()
                                          ? std::string("no configuration file")
                                          : escape_control(fmt::format("configuration {}",
                                                                       options.config.file.path)));
}

std::string verbose_lines(const HostAudit& host) {
  const AuditReport& report = host.report;
  const std::string lead = report.host.empty() ? std::string() : escape_control(report.host) + ": ";
  std::string text;
  for (const InputSummary& input : report.ruleset.inputs) {
    const SourceText& source = report.sources[input.source];
    text += fmt::format("untrack: {}read {}: {}, {}, {}\n", lead, escape_control(source.path()),
                        input.format, counted(source.text().size(), "byte"),
                        counted(input.rules, "rule"));
    for (const SourceId part : input.included) {
      text += fmt::format("untrack: {}read {}, which it includes: {}\n", lead,
                          escape_control(report.sources[part].path()),
                          counted(report.sources[part].text().size(), "byte"));
    }
  }
  return text + fmt::format("untrack: {}reading took {}, the audit {}\n", lead,
                            spell_time(host.reading), spell_time(host.auditing));
}

}  // namespace untrack
