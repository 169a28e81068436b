#include "app/pipeline/pressure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <ostream>

#include "analysis/pressure/units.hpp"
#include "app/command_options.hpp"
#include "app/files/read_entries.hpp"
#include "app/files/read_inputs.hpp"
#include "app/files/read_settings.hpp"
#include "app/outputs.hpp"
#include "app/version.hpp"
#include "parser/conntrack/identities.hpp"
#include "report/formats/metrics.hpp"
#include "report/html/pressure_html.hpp"
#include "report/pressure/pressure_json.hpp"
#include "report/pressure/pressure_text.hpp"

namespace untrack {
namespace {

struct PressureOptions {
  std::vector<std::string> rules;
  RulesOptions input;
  std::vector<std::string> sysctl;
  std::vector<std::string> profiles;
  std::string entries;
  std::vector<std::string> addresses;
  std::optional<std::string> watch;
  PressureRequest request;  // the options whose values it takes as text
  std::string fail_on = "error";
  std::vector<std::string> output;
  DisplayOptions display;
  ConfigOptions config;
};

const std::vector<std::string_view> pressure_forms = {"text", "json", "prometheus", "html"};

Severity severity_of(const std::string& word) {
  if (word == "note") return Severity::note;
  if (word == "warning") return Severity::warning;
  return Severity::error;
}

// How many of the inputs are standard input, which can be read once.
std::ptrdiff_t standard_inputs(const PressureOptions& options) {
  const auto count = [](const std::vector<std::string>& names) {
    return std::count(names.begin(), names.end(), "-");
  };
  return count(options.rules) + count(options.sysctl) + count(options.profiles) +
         count({options.entries});
}

// The table of the running kernel is looked at without being asked for; why it was not is told.
void tell_entries_not_read(const InputTexts& texts, PressureRequest& request) {
  if (request.entries) return;
  for (const NamedSnapshot& each : texts.snapshots) {
    if (!each.is_live) continue;
    request.notes.push_back(
        fmt::format("who admitted what is not known, since the entries cannot be read: {}",
                    why_no_entries(each)));
  }
}

// The listing of the second look of --watch: its entries are those that are attributed, too.
struct SecondLook {
  bool is_taken = false;
  std::shared_ptr<TextBlocks> listing;
  std::string why_not;
};

// To whoever looks for the running kernel's entries.
void hand_over(const SecondLook& look, InputTexts& texts) {
  for (NamedSnapshot& each : texts.snapshots) {
    if (!each.is_live) continue;
    each.entries = look.listing;
    each.why_no_entries = look.why_not;
  }
}

void watch_entries(SecondLook& look, PressureRequest& request) {
  if (request.entries->text != look.listing) return;
  look.listing = nullptr;
  if (const auto change = request.watched->change) {
    request.entries->also = [change](std::string_view line) {
      change->add(conntrack_identity(line));
    };
  }
}

// Where nobody else reads it.
void finish(const SecondLook& look, TableWatch& watched) {
  if (!look.listing || !watched.change) return;
  std::string why_not;
  if (add_listing(*look.listing, *watched.change, why_not)) return;
  watched.change = nullptr;
  watched.second.not_read.push_back(std::move(why_not));
}

SecondLook watch_table(const PressureOptions& options, double seconds,
                       const Surroundings& surroundings, PressureRequest& request) {
  TableWatch& watched = request.watched.emplace();
  const std::string& netns = options.input.netns;
  SecondLook look;
  look.is_taken = true;
  std::string why_not = "this program cannot list them";
  watched.first = surroundings.table(netns);
  std::shared_ptr<TextBlocks> listing;
  if (surroundings.entries) listing = surroundings.entries(netns, why_not);
  if (listing) watched.change = change_since(*listing, why_not);
  if (!watched.change) watched.first.not_read.push_back(std::move(why_not));
  surroundings.wait(seconds);
  watched.second = surroundings.table(netns);
  look.why_not = "this program cannot list them";
  if (surroundings.entries) look.listing = surroundings.entries(netns, look.why_not);
  if (!look.listing) {
    watched.change = nullptr;
    watched.second.not_read.push_back(look.why_not);
  }
  return look;
}

// False, with the reasons on standard error, if something that was named cannot be read.
bool read_all(const PressureOptions& options, const Surroundings& surroundings,
              PressureRequest& request, SecondLook& look) {
  std::vector<std::string> errors;
  bool is_another_host = !options.sysctl.empty() || request.kernel || request.ram;
  for (const std::string& path : options.sysctl) {
    std::string error = read_settings(path, surroundings.in, request);
    if (!error.empty()) errors.push_back(std::move(error));
  }
  for (const std::string& path : options.profiles) {
    request.profiles.push_back({path, read_text(path, surroundings.in, errors)});
  }
  if (!options.rules.empty() || options.input.live) {
    RulesOptions input = options.input;
    const bool has_others = !options.entries.empty() && options.entries != live_entries;
    input.facts = has_others || look.is_taken ? LiveFacts::host : LiveFacts::host_and_entries;
    InputTexts texts = read_texts(options.rules, input, surroundings);
    if (!has_others && look.is_taken) hand_over(look, texts);
    tell_not_there(texts, surroundings);
    request.rules = std::move(texts.texts);
    errors.insert(errors.end(), texts.unreadable.begin(), texts.unreadable.end());
    for (const NamedSnapshot& each : texts.snapshots) {
      // For another host the settings of this one say nothing.
      if (!each.is_live || !is_another_host) take_settings_of(each, request);
    }
    const bool is_of_look = !has_others && options.input.live && look.is_taken;
    request.entries = read_entries_text(options.entries, texts, surroundings, errors);
    if (is_of_look && request.entries) watch_entries(look, request);
    if (request.entries && request.entries->is_measured && surroundings.table) {
      request.entries->count_behind = [table = surroundings.table, netns = options.input.netns] {
        return number_of_text(table(netns).count);
      };
    }
    if (auto locals = local_addresses_of(options.addresses, texts, surroundings.err)) {
      request.locals = std::move(*locals);
    } else {
      return false;
    }
    is_another_host = is_another_host || !texts.snapshots.empty();
    tell_entries_not_read(texts, request);
  }
  if (!is_another_host) read_proc("/proc", Origin::measured, request);
  for (const std::string& error : errors) {
    surroundings.err << "untrack: cannot read " << escape_control(error) << "\n";
  }
  return errors.empty();
}

// The time between the two readings; nullopt, with the reason told, if it is none.
std::optional<double> seconds_to_watch(const PressureOptions& options,
                                       const Surroundings& surroundings) {
  constexpr double least = 1;
  constexpr double most = 3600;
  const auto refuse = [&](std::string_view why) {
    surroundings.err << "untrack pressure: --watch: " << why << "\n";
    return std::nullopt;
  };
  const Parsed<double> parsed = parse_duration(*options.watch);
  if (!parsed.value) {
    return refuse(fmt::format("{}; {}", escape_control(parsed.error.message),
                              escape_control(parsed.error.expected)));
  }
  if (*parsed.value < least || *parsed.value > most) return refuse("expected from 1s to 1h");
  if (!options.sysctl.empty() || options.request.kernel || options.request.ram) {
    return refuse("it is of the running kernel, and --sysctl, --kernel and --ram are of another");
  }
  if (!surroundings.table || !surroundings.wait) {
    return refuse("this program was built without reading the running kernel");
  }
  return parsed.value;
}

ExitStatus run_pressure(const PressureOptions& options, const Surroundings& surroundings) {
  if (standard_inputs(options) > 1) {
    surroundings.err << "untrack: standard input (-) can be named once\n";
    return ExitStatus::bad_usage;
  }
  if (!options.entries.empty() && options.rules.empty() && !options.input.live) {
    surroundings.err << "untrack pressure: --entries needs the rules that admitted them\n";
    return ExitStatus::bad_usage;
  }
  const auto outputs = read_outputs(options.output, pressure_forms, surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  PressureRequest request = options.request;
  SecondLook look;
  if (options.watch) {
    const auto seconds = seconds_to_watch(options, surroundings);
    if (!seconds) return ExitStatus::bad_usage;
    look = watch_table(options, *seconds, surroundings, request);
  }
  if (!read_all(options, surroundings, request, look)) return ExitStatus::bad_input;
  if (request.watched) finish(look, *request.watched);
  const PressureReport report = pressure(std::move(request));
  const Display display = display_for(options.display, surroundings);
  surroundings.err << write_pressure_problems(report, display);
  if (!report.usage.empty()) return ExitStatus::bad_usage;
  const auto write = [&](const std::string& form) {
    if (form == "json") return write_pressure_json(report, UNTRACK_VERSION);
    if (form == "prometheus") return write_pressure_metrics(report, UNTRACK_VERSION);
    if (form == "html") return write_pressure_html(report, UNTRACK_VERSION);
    return write_pressure_text(report, display) + config_line(options.config, display);
  };
  if (!write_outputs(*outputs, write, surroundings.out, surroundings.err)) {
    return ExitStatus::internal_error;
  }
  return exit_status(report, severity_of(options.fail_on));
}

void add_numbers(CommandOptions& command, PressureRequest& request) {
  command.text("--kernel", request.kernel, "Kernel of the target, as uname -r prints it",
               "VERSION");
  command.text("--ram", request.ram, "Memory of the target, as in 8G or 512M", "SIZE");
  command.text("--bits", request.bits, "Word size of the target's kernel (default 64)", "32|64");
  command.text("--listener", request.listener,
               "Whether a program listens to events of the target's conntrack (conntrackd, "
               "conntrack -E): since 5.19 that gives every entry an extension block",
               "yes|no");
  command.text("--max", request.max, "nf_conntrack_max instead of what is set", "N");
  command.text("--buckets", request.buckets,
               "Buckets instead of what is set, as if given by hashsize=", "N");
  command.text("--count", request.count, "Entries in the table instead of what is counted", "N");
  command.repeated(
      "--rate", request.rates,
      "New flows of a protocol and how long they live, as in tcp=500/s,60s or "
      "udp=2000/s; may be repeated. Endings of tcp: closed, reset, abandoned, unanswered",
      "LOAD");
  command.repeated("--flood", request.floods,
                   "Packets of a flood, as in 20000/s; may be repeated (default 1,000, 10,000 and "
                   "100,000/s)",
                   "RATE");
  command.text("--depth", request.depth,
               "Entries per bucket to advise (default 1, as kernels since 5.15)", "N");
  command.text("--headroom", request.headroom,
               "Max to advise, as a multiple of the entries expected (default 2)", "FACTOR");
}

}  // namespace

void add_pressure_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "pressure",
      "Size the connection tracking table: occupancy, depth, memory, floods, advice");
  auto options = std::make_shared<PressureOptions>();
  command.arguments("RULES", options->rules,
                    "Ruleset of the host: tells whether the table is used at all");
  command.live(options->input);
  command.repeated("--sysctl", options->sysctl, sysctl_help, "FILE|DIR");
  command.repeated("--profile", options->profiles, "File with one LOAD a line; # begins a comment",
                   "FILE");
  command.text("--entries", options->entries,
               "With RULES, the entries of the table, as conntrack -L or /proc/net/nf_conntrack "
               "gives them (- is standard input): which rule admitted which share; those of the "
               "running kernel are read with --live",
               "FILE");
  command.repeated("--address", options->addresses, address_help, "ADDRESS");
  command.text("--watch", options->watch,
               "Read the counters and entries of the running kernel twice, so far apart (as in "
               "10s): rates",
               "TIME");
  add_numbers(command, options->request);
  command.fail_on(options->fail_on);
  command.outputs(options->output, pressure_forms);
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "Without --sysctl, --kernel and --ram the settings of this host are read from /proc.\n"
      "Exit status: 0 nothing at or above --fail-on; 1 findings; 2 bad usage, or too little is "
      "known;\n3 an input is unreadable or not fully understood; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_pressure(*options, surroundings);
  });
}

}  // namespace untrack
