#include "app/pipeline/rewrite.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "analysis/certificate/claims_of.hpp"
#include "app/assumption_options.hpp"
#include "app/certificate_option.hpp"
#include "app/command_options.hpp"
#include "app/files/output_files.hpp"
#include "app/files/read_entries.hpp"
#include "app/files/rewrite_files.hpp"
#include "app/load_test.hpp"
#include "app/outputs.hpp"
#include "app/pipeline/certificate.hpp"
#include "app/service_rates.hpp"
#include "app/version.hpp"
#include "parser/conntrack/entries.hpp"
#include "report/diagnostic.hpp"
#include "report/html/rewrite_html.hpp"
#include "report/rewrite/rewrite_json.hpp"
#include "report/rewrite/rewrite_text.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct RewriteOptions {
  std::vector<std::string> rules;
  std::string mode;
  std::vector<std::string> allow, only, except;
  AssumptionWords assumptions;
  RulesOptions input;
  std::string kernel;
  std::vector<std::string> output;
  std::string to;
  std::string certificate;
  std::string entries;  // a path
  std::vector<std::string> rates;
  DisplayOptions display;
  ConfigOptions config;
  bool in_place = false;
  bool load_test = false;
  bool stateless_nat = false;
};

const std::vector<std::string_view> rewrite_forms = {"text", "json", "diff", "rules", "html"};

// False, with the reason told, if a word is none.
bool read_selectors(std::string_view option, const std::vector<std::string>& words,
                    std::vector<Selector>& into, std::ostream& err) {
  for (const std::string& word : words) {
    auto selector = read_selector(word);
    if (!selector) {
      err << "untrack rewrite: " << option << ": \"" << escape_control(word)
          << "\" selects nothing; it takes PORT, tcp/PORT, udp/PORT, if:INTERFACE, line:NUMBER, "
             "FILE:NUMBER or comment:TEXT\n";
      return false;
    }
    into.push_back(std::move(*selector));
  }
  return true;
}

// Nothing, with the reason told, if the options are wrong.
std::optional<RewritePolicy> policy_of(const RewriteOptions& options,
                                       const std::vector<Output>& outputs,
                                       const Surroundings& surroundings) {
  std::ostream& err = surroundings.err;
  if (options.mode.empty()) {
    err << "untrack rewrite: --mode is needed: stateless or notrack\n";
    return std::nullopt;
  }
  RewritePolicy policy;
  policy.mode = options.mode == "notrack" ? RewriteMode::notrack : RewriteMode::stateless;
  policy.stateless_nat = options.stateless_nat;
  if (policy.stateless_nat && policy.mode != RewriteMode::stateless) {
    err << "untrack rewrite: --stateless-nat goes with --mode stateless\n";
    return std::nullopt;
  }
  const auto assumptions = read_assumptions(options.assumptions, "rewrite", err);
  if (!assumptions) return std::nullopt;
  policy.assumptions = *assumptions;
  for (const std::string& word : options.allow) {
    const auto kind = exposure_kind_of(word);
    if (!kind) {
      err << "untrack rewrite: --allow: no kind of exposure is called \"" << escape_control(word)
          << "\"; they are:";
      for (const ExposureKind each : listed_exposure()) err << ' ' << to_text(each);
      err << "\n";
      return std::nullopt;
    }
    policy.allowed.push_back(*kind);
  }
  if (policy.mode == RewriteMode::stateless &&
      !(options.entries.empty() && options.rates.empty())) {
    err << "untrack rewrite: --entries and --rate put what --mode notrack untracks in order; "
           "stateless leaves no entry\n";
    return std::nullopt;
  }
  if (policy.mode == RewriteMode::stateless && !(options.only.empty() && options.except.empty())) {
    err << "untrack rewrite: --only and --except select what --mode notrack untracks; stateless is "
           "of all flows\n";
    return std::nullopt;
  }
  if (!read_selectors("--only", options.only, policy.selection.only, err) ||
      !read_selectors("--except", options.except, policy.selection.except, err)) {
    return std::nullopt;
  }
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  if (!options.kernel.empty()) policy.kernel = parse_kernel_version(options.kernel);
  if (!options.rates.empty()) {
    policy.rates = read_service_rates(options.rates, policy.kernel, err,
                                      display_for(options.display, surroundings));
    if (!policy.rates) return std::nullopt;
  }
  if (options.load_test) policy.load_tester = load_tester_here();
  if (!has_form(outputs, "json")) policy.causes = Causes::left_out;
  return policy;
}

// Reads the conntrack table that was named, or that of a snapshot. False, with the reasons told, if
// it cannot be read or something in it is no entry.
bool read_entries(const RewriteOptions& options, const InputTexts& texts,
                  const Surroundings& surroundings, RewritePolicy& policy) {
  if (policy.mode == RewriteMode::stateless || policy.rates) return true;
  std::vector<std::string> errors;
  auto text = read_entries_text(options.entries, texts, surroundings, errors);
  for (const std::string& reason : errors) {
    surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
  }
  if (!errors.empty()) return false;
  if (!text) return true;
  Sources sources;
  std::vector<ConntrackEntry>& entries = policy.entries.emplace();
  const std::vector<Problem> problems = each_conntrack_entry(
      *text->text, text->path, sources,
      [&](const ConntrackEntry& entry, std::string_view) { entries.push_back(entry); });
  for (const Problem& problem : problems) {
    surroundings.err << render_problem(sources, problem,
                                       display_for(options.display, surroundings));
  }
  return problems.empty();
}

// False, with the reasons told, if a file could not be written; then none was.
bool write_all(const std::vector<OutputFile>& files, const RewriteOptions& options,
               const Surroundings& surroundings) {
  const OutputResult result =
      write_output_files(files, options.in_place ? Backup::orig : Backup::none);
  for (const OutputError& error : result.errors) {
    surroundings.err << "untrack: cannot write " << escape_control(error.path) << ": " << error.why
                     << "\n";
  }
  if (!result.is_written()) return false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    surroundings.err << "untrack: wrote " << escape_control(files[i].path);
    if (i < result.backups.size() && !result.backups[i].empty()) {
      surroundings.err << "; the old text is in " << escape_control(result.backups[i]);
    }
    surroundings.err << "\n";
  }
  return true;
}

ExitStatus status_of(const RewriteReport& report) {
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  if (report.families.empty()) return ExitStatus::bad_input;
  return report.is_refused() ? ExitStatus::findings : ExitStatus::clean;
}

// False, with the reasons told, if a file could not be written.
bool write_report(const RewriteReport& report, bool is_given, std::vector<Output> outputs,
                  const RewriteOptions& options, const Surroundings& surroundings) {
  const Display display = display_for(options.display, surroundings);
  // Where rules are expected, nothing goes that is none.
  const auto are_rules = [](const Output& output) {
    return output.form == "diff" || output.form == "rules";
  };
  if (!is_given && std::erase_if(outputs, are_rules) > 0 && !has_form(outputs, "text")) {
    surroundings.err << rewrite_text(report, display);
  }
  const auto write = [&](const std::string& form) {
    if (form == "json") return rewrite_json(report, UNTRACK_VERSION);
    if (form == "html") return write_rewrite_html(report, UNTRACK_VERSION);
    if (form == "diff") return rewrite_diff(report);
    if (form == "rules") return rules_of(report);
    return rewrite_text(report, display) + config_line(options.config, display);
  };
  return write_outputs(outputs, write, surroundings.out, surroundings.err);
}

// Of the families that were rewritten; of none, there is no certificate. False, with the reason
// told, if it could not be written.
bool write_certificate(const RewriteOptions& options, const RewritePolicy& policy,
                       const RewriteReport& report, const std::vector<InputText>& original,
                       std::ostream& err) {
  std::vector<FamilyClaims> families;
  for (const FamilyRewrite& each : report.families) {
    if (each.outcome != RewriteOutcome::rewritten || !each.certificate) continue;
    families.push_back(claims_of(*each.certificate, *report.variables));
  }
  if (families.empty()) {
    err << "untrack rewrite: nothing was rewritten, and no certificate written\n";
    return true;
  }
  std::vector<std::string> texts;
  for (const RewrittenFile& file : report.files) texts.push_back(file.text);
  const CertifiedPolicy how{policy.mode,   report.assumptions, policy.stateless_nat,
                            policy.format, policy.ip_version,  policy.kernel};
  return write_certificate_to(options.certificate,
                              certificate_file(how, original, with_texts(original, texts),
                                               std::move(families), UNTRACK_VERSION),
                              err);
}

// What is read from a namespace is to be loaded into it, by whoever follows the report.
std::string netns_of(const RulesOptions& input, const InputTexts& texts) {
  if (!input.netns.empty()) return input.netns;
  return texts.snapshots.empty() ? std::string() : texts.snapshots.front().snapshot.netns;
}

ExitStatus run_rewrite(const RewriteOptions& options, const Surroundings& surroundings) {
  const auto outputs = read_outputs(options.output, rewrite_forms, surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  auto policy = policy_of(options, *outputs, surroundings);
  if (!policy) return ExitStatus::bad_usage;
  if (!read_outbound(options.assumptions, surroundings, display_for(options.display, surroundings),
                     policy->assumptions)) {
    return ExitStatus::bad_input;
  }
  RulesOptions input = options.input;
  input.facts = options.entries == live_entries ? LiveFacts::host_and_entries : LiveFacts::host;
  std::optional<InputTexts> texts = read_rules(options.rules, input, surroundings);
  if (!texts) return ExitStatus::bad_input;
  tell_not_there(*texts, surroundings);
  const bool is_of_kernel = options.input.live || !texts->snapshots.empty();
  if (is_of_kernel && options.in_place) {
    surroundings.err << "untrack rewrite: a snapshot cannot be rewritten in place; use --to FILE\n";
    return ExitStatus::bad_usage;
  }
  if (!policy->kernel) policy->kernel = kernel_of(options.kernel, *texts);
  take_local_ports(options.assumptions, *texts, policy->assumptions, surroundings.err);
  if (!read_entries(options, *texts, surroundings, *policy)) return ExitStatus::bad_input;
  std::vector<InputText> original;
  if (!options.certificate.empty()) original = texts->texts;
  try {
    RewriteReport report = rewrite(std::move(texts->texts), *policy);
    if (!options.certificate.empty() &&
        !write_certificate(options, *policy, report, original, surroundings.err)) {
      return ExitStatus::internal_error;
    }
    report.netns = netns_of(options.input, *texts);
    leave_out_unchanged_tables(report, texts->snapshots, options.input.live);
    const RewriteTargets targets{options.to, options.in_place, has_form(*outputs, "rules")};
    const auto files = files_of_rewrite(targets, report, surroundings.err);
    if (!files) return ExitStatus::bad_usage;
    for (RewrittenFile& file : report.files) {
      if (!options.to.empty() && !file.is_included) file.target = options.to;
      if (options.in_place) file.target = file.path;
    }
    const bool is_given = report.has_changed() || !report.is_refused();
    if (!write_report(report, is_given, *outputs, options, surroundings)) {
      return ExitStatus::internal_error;
    }
    if (is_given && !files->empty() && !write_all(*files, options, surroundings)) {
      return ExitStatus::internal_error;
    }
    return status_of(report);
  } catch (const std::logic_error& fault) {
    surroundings.err << "untrack: internal error: " << fault.what()
                     << "\nNothing is rewritten. Please report this with the ruleset.\n";
    return ExitStatus::internal_error;
  }
}

}  // namespace

void add_rewrite_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "rewrite",
                         "Rewrite a ruleset so that it does without connection tracking, with a "
                         "proof of what changes");
  auto options = std::make_shared<RewriteOptions>();
  command.arguments("RULES", options->rules,
                    "Rulesets of one host, rewritten together; - is standard input", true);
  command.choice("--mode", options->mode,
                 "No tracking at all, or NOTRACK for what does not need it", "stateless|notrack");
  command.flag("--stateless-nat", options->stateless_nat,
               "With stateless and nft, translate addresses one to one without state, too; see "
               "docs/rewrite.md for what is lost");
  command.repeated("--allow", options->allow,
                   "With notrack, also untrack services at this price; see docs/exposure.md",
                   "KIND");
  command.repeated("--only", options->only,
                   "With notrack, untrack this alone: tcp/443, udp/53, 443, if:eth0, line:14 or "
                   "FILE:14 of a rule, comment:TEXT; may be repeated",
                   "SELECTOR");
  command.repeated("--except", options->except, "With notrack, leave this tracked; as with --only",
                   "SELECTOR");
  command.text("--entries", options->entries,
               "With notrack, what conntrack -L prints on the host: the services that save the "
               "most entries come first, and the report counts them",
               "FILE");
  command.repeated("--rate", options->rates,
                   "With notrack, new flows of a service and how long they live, in place of "
                   "--entries: tcp/443=500/s,60s or udp/53=2000/s; may be repeated",
                   "SERVICE=LOAD");
  command.exclude("--rate", "--entries");
  add_assumption_options(command, options->assumptions);
  command.rules(options->input);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.text("--certificate", options->certificate, certificate_help, "FILE");
  command.outputs(options->output, rewrite_forms);
  command.flag("--load-test", options->load_test, load_test_help);
  command.text("--to", options->to, "Write the new ruleset there", "FILE");
  command.flag("--in-place", options->in_place,
               "Write the new rulesets over the old ones, which are kept as FILE.orig");
  command.exclude("--in-place", "--to");
  command.exclude("--live", "--in-place");
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "--output diff is the difference alone, as patch takes it; rules is the new ruleset alone.\n"
      "Nothing is written without --to or --in-place, and nothing that is not proven.\n"
      "Exit status: 0 rewritten, or nothing to do; 1 refused, at least one family; 2 bad usage; "
      "3 an\ninput is unreadable or not fully understood; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_rewrite(*options, surroundings);
  });
}

}  // namespace untrack
