#include "app/audit_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <utility>

#include "app/read_entries.hpp"
#include "app/settings_texts.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

// Whether a pattern matched what holds no ruleset. A directory is looked at by who reads it.
bool is_no_ruleset(const HostInputs& host, const InputTexts& texts) {
  if (!host.is_matched || texts.texts.size() != 1 || !texts.snapshots.empty()) return false;
  return texts.texts.front().path == host.names.front() &&
         recognise(texts.texts.front().text) == Format::unknown;
}

}  // namespace

HostAudit audit_host(const HostInputs& host, const AuditOptions& options,
                     const Surroundings& surroundings) {
  HostAudit result;
  AuditReport& report = result.report;
  AuditPolicy policy;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  InputTexts texts = read_texts(host.names, options.input, surroundings);
  std::vector<std::string> errors = std::move(texts.unreadable);
  if (errors.empty()) {
    result.is_skipped = is_no_ruleset(host, texts);
    if (result.is_skipped) return result;
    policy.kernel = kernel_of(host.kernel.empty() ? options.kernel : host.kernel, texts);
    policy.is_live = options.input.live || !texts.snapshots.empty();
    policy.host_ports = local_ports_of(texts);
    for (const NamedSnapshot& each : texts.snapshots) {
      std::ranges::copy(each.snapshot.users, std::back_inserter(policy.users));
    }
    std::vector<std::string> sysctl = options.sysctl;
    sysctl.insert(sysctl.end(), host.sysctl.begin(), host.sysctl.end());
    policy.settings = read_settings_texts(sysctl, texts, surroundings.in, errors);
    policy.entries = read_entries_text(options.entries, texts, surroundings.in, errors);
  }
  if (errors.empty()) {
    std::ostringstream usage;
    auto locals = local_addresses_of(options.addresses, texts, usage);
    if (!locals) {
      result.bad_usage.push_back(usage.str());
      return result;
    }
    policy.locals = std::move(*locals);
    report = audit(std::move(texts.texts), policy);
  } else {
    report.is_fully_understood = false;
    report.verdict = fmt::format("Nothing was judged: cannot read {}.", fmt::join(errors, "; "));
    report.unreadable = std::move(errors);
  }
  report.host = host.name;
  report.skipped = std::move(texts.skipped);
  report.not_there = std::move(texts.not_there);
  return result;
}

ExitStatus status_of(const AuditReport& report, Severity fail_on) {
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  const std::optional<Severity> found = worst(report);
  return found && *found >= fail_on ? ExitStatus::findings : ExitStatus::clean;
}

}  // namespace untrack
