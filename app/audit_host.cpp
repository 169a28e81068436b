#include "app/audit_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <set>
#include <sstream>
#include <utility>

#include "analysis/pressure/listener.hpp"
#include "analysis/pressure/statistics.hpp"
#include "app/files/expand_names.hpp"
#include "app/files/output_files.hpp"
#include "app/files/read_entries.hpp"
#include "app/files/read_settings.hpp"
#include "app/files/settings_texts.hpp"
#include "app/pipeline/diff.hpp"
#include "app/pipeline/next_commands.hpp"
#include "app/pipeline/suppress.hpp"
#include "app/verbose.hpp"
#include "parser/parse.hpp"
#include "report/baseline.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

// Takes out what a pattern matched and holds no ruleset, and names it as not read.
void skip_no_rulesets(const std::vector<ExpandedName>& names, InputTexts& texts) {
  std::set<std::string> matched;
  for (const ExpandedName& each : names) {
    if (each.is_matched) matched.insert(each.name);
  }
  const auto is_none = [&](const InputText& input) {
    if (!matched.contains(input.path) || recognise(input.text) != Format::unknown) return false;
    texts.skipped.push_back(input.path);
    return true;
  };
  std::erase_if(texts.texts, is_none);
}

// That there is no such file is no news of a pattern.
void name_empty_patterns(const std::vector<ExpandedName>& names, std::vector<std::string>& errors) {
  for (const ExpandedName& each : names) {
    std::error_code ignored;
    if (each.is_matched || each.name.find_first_of("*?[") == std::string::npos ||
        std::filesystem::exists(each.name, ignored)) {
      continue;
    }
    const auto told = std::ranges::find_if(
        errors, [&](const std::string& error) { return error.starts_with(each.name + ": "); });
    if (told != errors.end()) *told = each.name + ": the pattern matches no file";
  }
}

// What the same names stand for in the older tree, as far as it is there.
InputTexts read_older(const HostInputs& host, const AuditOptions& options,
                      const Surroundings& surroundings) {
  std::vector<ExpandedName> there;
  std::vector<std::string> names;
  for (const std::string& name : host.names) {
    if (name == "-") continue;
    for (ExpandedName& each : expand_names({options.older->older_of(name)})) {
      std::error_code ignored;
      if (!std::filesystem::exists(each.name, ignored)) continue;
      each.is_matched = each.is_matched || host.is_matched;
      names.push_back(each.name);
      there.push_back(std::move(each));
    }
  }
  if (names.empty()) return {};
  InputTexts texts = read_texts(names, options.input, surroundings);
  skip_no_rulesets(there, texts);
  return texts;
}

// The settings that files of the host, and snapshots, tell: of today, or of the older tree, as far
// as they are there.
PressureRequest read_settings_of(const std::vector<std::string>& paths, const InputTexts& texts,
                                 const OlderTree* older, const Surroundings& surroundings) {
  PressureRequest request;
  for (const NamedSnapshot& each : texts.snapshots) take_settings_of(each, request);
  for (const std::string& path : paths) {
    if (path == "-") continue;
    // What lies outside of the tree has no older version, and counts as it is.
    const std::string old_path = older == nullptr ? std::string() : older->older_of(path);
    const std::string& there = old_path.empty() ? path : old_path;
    std::error_code ignored;
    if (!std::filesystem::exists(there, ignored)) continue;
    // Of today, what cannot be read has been told; an older file that cannot is a change.
    std::string error = read_settings(there, surroundings.in, request);
    if (!error.empty()) request.notes.push_back(std::move(error));
  }
  return request;
}

// Compares with the older tree; false: nothing changed.
bool find_change(const InputTexts& texts, const AuditPolicy& policy, const HostInputs& host,
                 const AuditOptions& options, const Surroundings& surroundings, HostAudit& result) {
  InputTexts before = read_older(host, options, surroundings);
  result.is_new = before.texts.empty();
  if (result.is_new || !before.unreadable.empty()) return true;
  std::vector<std::string> sysctl = options.sysctl;
  sysctl.insert(sysctl.end(), host.sysctl.begin(), host.sysctl.end());
  DiffPolicy compared{policy.format, policy.ip_version, policy.kernel,
                      read_settings_of(sysctl, before, options.older.get(), surroundings),
                      read_settings_of(sysctl, texts, nullptr, surroundings)};
  // Of a snapshot more than its rules may have changed.
  const bool has_snapshot = !before.snapshots.empty() || !texts.snapshots.empty();
  result.is_unchanged =
      !has_snapshot && are_same(*options.older, before.texts, texts.texts) &&
      are_same_settings(*options.older, compared.settings_before, compared.settings_after);
  if (result.is_unchanged) return false;
  options.older->name(before.texts);
  options.older->name(compared.settings_before);
  result.change = diff(std::move(before.texts), texts.texts, compared);
  return true;
}

}  // namespace

namespace {

RulesWords words_of_rules(const std::vector<std::string>& names, const RulesOptions& input) {
  RulesWords rules;
  if (input.live) rules.words.emplace_back("--live");
  if (!input.netns.empty()) rules.words.insert(rules.words.end(), {"--netns", input.netns});
  rules.words.insert(rules.words.end(), names.begin(), names.end());
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) rules.options.insert(rules.options.end(), {option, value});
  };
  add("--family", input.family);
  add("--format", input.format);
  for (const std::string& directory : input.include.directories) add("--include-path", directory);
  add("--include-root", input.include.root);
  return rules;
}

void take_size_of_entry(const NamedSnapshot& named, AuditPolicy& policy) {
  const Origin origin = named.is_live ? Origin::measured : Origin::given;
  if (const Snapshot::File* file = named.snapshot.file(snapshot_file::slabs)) {
    policy.entry_object = entry_bytes_of_slabs(file->text, origin, named.path);
  }
  if (const Snapshot::File* file = named.snapshot.file(snapshot_file::netlink_sockets)) {
    policy.has_listener = listens_to_events(file->text);
  }
}

}  // namespace

HostAudit audit_host(const HostInputs& host, const AuditOptions& options,
                     const Surroundings& surroundings, std::size_t threads, FlowWords words) {
  HostAudit result;
  Stopwatch watch;
  AuditReport& report = result.report;
  AuditPolicy policy;
  policy.format = format_of(options.input.format);
  policy.threads = threads;
  policy.flow_words = words;
  policy.ip_version = options.input.ip_version();
  std::vector<ExpandedName> expanded = expand_names(host.names);
  std::vector<std::string> names;
  for (ExpandedName& each : expanded) {
    each.is_matched = each.is_matched || host.is_matched;
    names.push_back(each.name);
  }
  RulesOptions input = options.input;
  input.facts = options.entries == live_entries ? LiveFacts::host_and_entries : LiveFacts::host;
  InputTexts texts = read_texts(names, input, surroundings);
  std::vector<std::string> errors = std::move(texts.unreadable);
  name_empty_patterns(expanded, errors);
  if (errors.empty()) {
    skip_no_rulesets(expanded, texts);
    const bool is_nothing = texts.texts.empty() && texts.snapshots.empty() && !options.input.live;
    result.is_skipped = is_nothing && host.is_matched;
    if (result.is_skipped) return result;
    if (is_nothing) {
      errors.push_back(fmt::format("{}: no file that it matches looks like a ruleset",
                                   fmt::join(host.names, ", ")));
    }
  }
  if (errors.empty()) {
    policy.kernel = kernel_of(host.kernel.empty() ? options.kernel : host.kernel, texts);
    policy.is_live = options.input.live || !texts.snapshots.empty();
    policy.host_ports = local_ports_of(texts);
    for (const NamedSnapshot& each : texts.snapshots) {
      std::ranges::copy(each.snapshot.users, std::back_inserter(policy.users));
      take_size_of_entry(each, policy);
    }
    std::vector<std::string> sysctl = options.sysctl;
    sysctl.insert(sysctl.end(), host.sysctl.begin(), host.sysctl.end());
    policy.settings = read_settings_texts(sysctl, texts, surroundings.in, errors);
    policy.entries = read_entries_text(options.entries, texts, surroundings, errors);
  }
  if (errors.empty()) {
    std::ostringstream usage;
    auto locals = local_addresses_of(options.addresses, texts, usage);
    if (!locals) {
      result.bad_usage.push_back(usage.str());
      return result;
    }
    policy.locals = std::move(*locals);
    result.reading = watch.lap();
    if (options.older && !find_change(texts, policy, host, options, surroundings, result)) {
      return result;
    }
    report = audit(std::move(texts.texts), policy);
    if (options.no_ignores) drop_ignores(report);
    apply_check_settings(options.config.checks, report);
  } else {
    report.is_fully_understood = false;
    report.verdict = fmt::format("Nothing was judged: cannot read {}.", fmt::join(errors, "; "));
    report.unreadable = std::move(errors);
  }
  report.host = host.name;
  if (host.name.empty()) {
    report.next = next_commands(report, words_of_rules(names, options.input));
    report.keepers = keepers_of(report);
  }
  if (options.known && report.unreadable.empty()) apply_baseline(*options.known, report);
  report.skipped = std::move(texts.skipped);
  report.not_there = std::move(texts.not_there);
  result.auditing = watch.lap();
  return result;
}

ExitStatus status_of(const AuditReport& report, Severity fail_on) {
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  const std::optional<Severity> found = worst(report);
  return found && *found >= fail_on ? ExitStatus::findings : ExitStatus::clean;
}

ExitStatus write_baseline(const std::string& path, const std::vector<BaselineEntry>& entries,
                          ExitStatus status, const Surroundings& surroundings) {
  const OutputResult result =
      write_output_files({{path, write_baseline_json(entries)}}, Backup::none);
  for (const OutputError& error : result.errors) {
    surroundings.err << "untrack: cannot write " << escape_control(error.path) << ": " << error.why
                     << "\n";
  }
  if (!result.is_written()) return ExitStatus::internal_error;
  surroundings.err << fmt::format("untrack: {} finding{} in {}\n", entries.size(),
                                  entries.size() == 1 ? "" : "s", escape_control(path));
  return status == ExitStatus::findings ? ExitStatus::clean : status;
}

}  // namespace untrack
