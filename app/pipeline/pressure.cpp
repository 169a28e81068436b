#include "app/pipeline/pressure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/flows/family_world.hpp"
#include "analysis/flows/flow_table.hpp"
#include "analysis/pressure/listener.hpp"
#include "analysis/pressure/units.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/watch.hpp"
#include "parser/conntrack/entries.hpp"
#include "report/diagnostic.hpp"

namespace untrack {
namespace {

constexpr std::uint64_t deepest = 1024;  // entries per bucket that may be asked for

Span whole(const Sources& sources, SourceId id) {
  return {id, 0, static_cast<std::uint32_t>(sources[id].text().size())};
}

// Options become sources of their own, so that an error in one looks like an error in a file.
class Written {
 public:
  explicit Written(PressureReport& report) : report_(report) {}

  template <class Value>
  std::optional<Value> read(std::string_view option, const std::optional<std::string>& text,
                            Parsed<Value> (*parse)(std::string_view)) {
    if (!text) return std::nullopt;
    const SourceId id = report_.sources.add(std::string(option), *text);
    Parsed<Value> parsed = parse(*text);
    if (!parsed.value) {
      refuse({id, static_cast<std::uint32_t>(parsed.error.begin),
              static_cast<std::uint32_t>(parsed.error.end)},
             parsed.error.message, parsed.error.expected);
    }
    return parsed.value;
  }

  std::optional<Quantity> quantity(std::string_view option, const std::optional<std::string>& text,
                                   Parsed<std::uint64_t> (*parse)(std::string_view)) {
    const auto value = read(option, text, parse);
    if (!value) return std::nullopt;
    return Quantity{*value, {Origin::given, fmt::format("{} {}", option, *text)}};
  }

  void refuse(const Span& span, std::string message, std::string expected) {
    report_.usage.push_back(
        {ProblemKind::error, span, std::move(message), std::move(expected), {}, false});
  }

 private:
  PressureReport& report_;
};

Parsed<KernelVersion> parse_kernel(std::string_view text) {
  if (const auto version = parse_kernel_version(text)) return {version, {}};
  return {std::nullopt,
          {0, text.size(), fmt::format("not a kernel version: \"{}\"", text),
           "expected a version such as 6.1 or 2.6.18"}};
}

Parsed<std::uint64_t> parse_positive(std::string_view text) { return parse_count(text); }
Parsed<std::uint64_t> parse_from_zero(std::string_view text) { return parse_count(text, 0); }

Parsed<std::uint64_t> parse_depth(std::string_view text) {
  Parsed<std::uint64_t> depth = parse_count(text);
  if (depth.value && *depth.value <= deepest) return depth;
  return {std::nullopt,
          {0, text.size(), fmt::format("not a depth: \"{}\"", text),
           fmt::format("expected entries per bucket, from 1 to {}", deepest)}};
}

Parsed<double> parse_headroom(std::string_view text) {
  // A plain number: the reader of rates knows fractions, and "/s" makes one of it.
  Parsed<double> factor = parse_rate(std::string(text) + "/s");
  if (factor.value && *factor.value >= 1 && *factor.value <= 100) return factor;
  return {std::nullopt,
          {0, text.size(), fmt::format("not a factor: \"{}\"", text),
           "expected a number from 1 to 100, such as 2 or 1.5"}};
}

Parsed<std::uint64_t> parse_bits(std::string_view text) {
  if (text == "64") return {std::uint64_t{64}, {}};
  if (text == "32") return {std::uint64_t{32}, {}};
  return {std::nullopt,
          {0, text.size(), fmt::format("not a word size: \"{}\"", text), "expected 32 or 64"}};
}

Parsed<bool> parse_yes_or_no(std::string_view text) {
  if (text == "yes" || text == "no") return {text == "yes", {}};
  return {std::nullopt,
          {0, text.size(), fmt::format("neither yes nor no: \"{}\"", text), "expected yes or no"}};
}

PressureQuestion read_options(const PressureRequest& request, PressureReport& report) {
  Written options(report);
  PressureQuestion question;
  question.kernel = options.read("--kernel", request.kernel, parse_kernel);
  question.is_el7 = request.kernel && is_el7_release(*request.kernel);
  question.ram = options.quantity("--ram", request.ram, parse_size);
  question.max = options.quantity("--max", request.max, parse_positive);
  question.buckets = options.quantity("--buckets", request.buckets, parse_positive);
  question.count = options.quantity("--count", request.count, parse_from_zero);
  if (const auto depth = options.read("--depth", request.depth, parse_depth)) {
    question.depth = static_cast<unsigned>(*depth);
  }
  if (const auto headroom = options.read("--headroom", request.headroom, parse_headroom)) {
    question.headroom = *headroom;
  }
  if (const auto bits = options.read("--bits", request.bits, parse_bits)) {
    question.pointer_bits = static_cast<int>(*bits);
  }
  (void)options.read<bool>("--listener", request.listener, parse_yes_or_no);
  for (const std::string& rate : request.rates) {
    const SourceId id = report.sources.add("--rate", rate);
    const auto load =
        parse_load(report.sources[id].text(), whole(report.sources, id), report.usage);
    if (load) question.loads.push_back(*load);
  }
  for (const std::string& flood : request.floods) {
    if (const auto rate = options.read<double>("--flood", flood, parse_rate)) {
      question.flood_rates.push_back(*rate);
    }
  }
  std::sort(question.flood_rates.begin(), question.flood_rates.end());
  return question;
}

void read_settings(PressureRequest& request, PressureReport& report, HostSettings& host) {
  for (const PressureSetting& setting : request.single_settings) {
    if (take_setting(setting.name, setting.value, setting.source, host) != Taken::not_a_value) {
      continue;
    }
    const SourceId id = report.sources.add(setting.source.text, setting.value);
    report.problems.push_back({ProblemKind::not_understood,
                               whole(report.sources, id),
                               fmt::format("not a value of {}", setting.name),
                               "expected a whole number",
                               {},
                               false});
  }
  for (PressureInput& input : request.settings) {
    const std::size_t before = host.taken;
    const SourceId id = report.sources.add(std::move(input.path), std::move(input.text));
    take_settings(report.sources[id], id, host, report.problems);
    if (host.taken == before) {
      report.notes.push_back(
          fmt::format("{} holds no conntrack setting, kernel version or memory size",
                      report.sources[id].path()));
    }
  }
}

void read_host_files(const PressureRequest& request, PressureReport& report, HostSettings& host) {
  if (request.statistics) {
    const auto& [path, text, origin] = *request.statistics;
    host.statistics = parse_statistics(text, {origin, path});
    if (!host.statistics) {
      report.notes.push_back(
          fmt::format("{} has a form that is not known here: no counters", path));
    }
  }
  if (request.slabs) {
    const auto& [path, text, origin] = *request.slabs;
    host.entry_object = entry_bytes_of_slabs(text, origin, path);
  }
  if (request.sockets) {
    const auto& [path, text, origin] = *request.sockets;
    host.extension.has_listener = listens_to_events(text);
    host.extension.listener_source = {origin, path};
  }
  if (request.listener) {
    host.extension.has_listener = *request.listener == "yes";
    host.extension.listener_source = {Origin::given,
                                      fmt::format("--listener {}", *request.listener)};
  }
}

void read_rules(PressureRequest& request, PressureReport& report, PressureQuestion& question,
                const std::optional<KernelVersion>& kernel) {
  if (request.rules.empty()) return;
  report.ruleset =
      parse_texts(std::move(request.rules), report.sources, std::nullopt, std::nullopt);
  IpVersions given;
  for (const InputSummary& input : report.ruleset->inputs) given = given | input.ip_versions;
  question.tracking = find_tracking(*report.ruleset, kernel);
  question.extension_rules = find_extension_rules(*report.ruleset, kernel);
  question.rules_given = given;
}

// Flow classes are looked for here alone: nothing else of this report needs them.
void add_attribution(PressureRequest& request, PressureReport& report, PressureQuestion& question) {
  if (!request.entries) return;
  if (!report.ruleset) {
    if (!request.entries->also) return;
    const EntriesText& entries = *request.entries;
    (void)each_conntrack_entry(
        *entries.text, entries.path, report.sources,
        [&](const ConntrackEntry&, std::string_view line) { entries.also(line); });
    return;
  }
  const auto kernel = question.kernel ? question.kernel : question.host.kernel;
  std::vector<FlowTable> flows;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!question.rules_given.has(version) || !may_track(*report.ruleset, version, kernel))
      continue;
    FamilyWorld world(*report.ruleset, version, true);
    flows.push_back(find_flow_table(world, Assumptions()));
  }
  EntryTimeouts timeouts(timeouts_of(question));
  report.attribution = attribute(*report.ruleset, question.rules_given, kernel, *request.entries,
                                 request.locals, flows, report.sources, report.problems, &timeouts);
  question.by_timeout = timeouts.counts();
}

void count_entries(const PressureRequest& request, const PressureReport& report,
                   bool entries_are_measured, PressureQuestion& question) {
  if (!report.attribution) return;
  question.listed = Quantity{report.attribution->all.entries,
                             {entries_are_measured ? Origin::measured : Origin::given,
                              entries_are_measured ? "counted in the listing" : "--entries"}};
  // Of a listing that broke off nothing follows.
  if (report.problems.empty() && request.entries && request.entries->count_behind) {
    question.counted_behind = request.entries->count_behind();
  }
}

}  // namespace

PressureReport pressure(PressureRequest request) {
  PressureReport report;
  report.notes = std::move(request.notes);
  PressureQuestion question = read_options(request, report);
  if (!report.usage.empty()) return report;

  read_settings(request, report, question.host);
  read_host_files(request, report, question.host);
  for (PressureInput& profile : request.profiles) {
    const SourceId id = report.sources.add(std::move(profile.path), std::move(profile.text));
    const std::vector<Load> loads = parse_profile(report.sources[id], id, report.problems);
    question.loads.insert(question.loads.end(), loads.begin(), loads.end());
  }
  read_rules(request, report, question, question.kernel ? question.kernel : question.host.kernel);
  const bool entries_are_measured = request.entries && request.entries->is_measured;
  add_attribution(request, report, question);
  count_entries(request, report, entries_are_measured, question);
  question.has_no_table = request.has_no_table;
  question.users = request.users;
  // Last, since the entries of the second look are the ones that have been counted.
  if (request.watched) {
    if (request.entries && request.entries->also && !request.entries->text->why_cut().empty()) {
      request.watched->change = nullptr;  // told among the problems
    }
    question.watched = watched_between(*request.watched);
  }
  if (auto missing = what_is_missing(question)) {
    report.missing.push_back(std::move(*missing));
  } else {
    report.pressure = assess(question);
  }
  return report;
}

HostSettings host_settings(PressureRequest request, std::vector<std::string>& notes) {
  PressureReport scratch;
  HostSettings host;
  read_settings(request, scratch, host);
  read_host_files(request, scratch, host);
  for (const Problem& problem : scratch.problems) {
    notes.push_back(
        fmt::format("{}: {}", place_of(scratch.sources, problem.span), problem.message));
  }
  return host;
}

ExitStatus exit_status(const PressureReport& report, Severity fail_on) {
  if (!report.usage.empty() || (!report.pressure && report.problems.empty())) {
    return ExitStatus::bad_usage;
  }
  const auto is_doubtful = [](const Problem& problem) { return problem.kind != ProblemKind::note; };
  const auto any_doubt = [&](const std::vector<Problem>& problems) {
    return std::any_of(problems.begin(), problems.end(), is_doubtful);
  };
  if (!report.pressure || any_doubt(report.problems)) return ExitStatus::bad_input;
  if (report.pressure->listed_of_more) return ExitStatus::bad_input;
  if (report.ruleset && any_doubt(report.ruleset->problems)) return ExitStatus::bad_input;
  const auto reaches = [&](const PressureFinding& finding) {
    return finding.row->severity >= fail_on;
  };
  const std::vector<PressureFinding>& findings = report.pressure->findings;
  return std::any_of(findings.begin(), findings.end(), reaches) ? ExitStatus::findings
                                                                : ExitStatus::clean;
}

}  // namespace untrack
