#include "app/pipeline/verify.hpp"

#include <memory>
#include <ostream>
#include <stdexcept>

#include "analysis/certificate/claims_of.hpp"
#include "app/assumption_options.hpp"
#include "app/certificate_option.hpp"
#include "app/command_options.hpp"
#include "app/load_test.hpp"
#include "app/outputs.hpp"
#include "app/pipeline/certificate.hpp"
#include "app/version.hpp"
#include "report/html/verify_html.hpp"
#include "report/terminal.hpp"
#include "report/verify_json.hpp"
#include "report/verify_text.hpp"

namespace untrack {
namespace {

struct VerifyOptions {
  std::vector<std::string> rulesets;
  std::string mode;
  AssumptionWords assumptions;
  RulesOptions input;
  std::string kernel;
  std::vector<std::string> output;
  DisplayOptions display;
  ConfigOptions config;
  std::string certificate;
  bool load_test = false;
  bool stateless_nat = false;
};

const std::vector<std::string_view> verify_forms = {"text", "json", "html"};

// Nothing, with the reason told, if the options are wrong.
std::optional<VerifyPolicy> policy_of(const VerifyOptions& options, std::ostream& err) {
  if (!are_two_hosts(options.rulesets, options.input)) {
    err << "untrack verify: two rulesets are needed, ORIGINAL and REWRITTEN; "
        << options.rulesets.size()
        << " given (join several files of one host with commas; --live is the first)\n";
    return std::nullopt;
  }
  if (options.mode.empty()) {
    err << "untrack verify: --mode is needed: stateless or notrack\n";
    return std::nullopt;
  }
  VerifyPolicy policy;
  policy.mode = options.mode == "notrack" ? RewriteMode::notrack : RewriteMode::stateless;
  policy.stateless_nat = options.stateless_nat;
  if (policy.stateless_nat && policy.mode != RewriteMode::stateless) {
    err << "untrack verify: --stateless-nat goes with --mode stateless\n";
    return std::nullopt;
  }
  const auto assumptions = read_assumptions(options.assumptions, "verify", err);
  if (!assumptions) return std::nullopt;
  policy.assumptions = *assumptions;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  if (options.load_test) policy.load_tester = load_tester_here();
  return policy;
}

// False, with the reason told, if it could not be written.
bool write_certificate(const VerifyOptions& options, const VerifyPolicy& policy,
                       const VerifyReport& report, const std::vector<InputText>& original,
                       const std::vector<InputText>& rewritten, std::ostream& err) {
  std::vector<FamilyClaims> families;
  for (const Certificate& each : report.certificates) {
    families.push_back(claims_of(each, *report.variables));
  }
  const CertifiedPolicy how{policy.mode,   report.assumptions, policy.stateless_nat,
                            policy.format, policy.ip_version,  policy.kernel};
  return write_certificate_to(
      options.certificate,
      certificate_file(how, original, rewritten, std::move(families), UNTRACK_VERSION), err);
}

ExitStatus run_verify(const VerifyOptions& options, const Surroundings& surroundings) {
  auto policy = policy_of(options, surroundings.err);
  if (!policy) return ExitStatus::bad_usage;
  const auto outputs = read_outputs(options.output, verify_forms, surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  if (!has_form(*outputs, "json")) policy->causes = Causes::left_out;
  if (!read_outbound(options.assumptions, surroundings, display_for(options.display, surroundings),
                     policy->assumptions)) {
    return ExitStatus::bad_input;
  }
  RulesOptions input = options.input;
  input.facts = LiveFacts::host;
  auto hosts = read_two_hosts(options.rulesets, input, surroundings);
  if (!hosts) return ExitStatus::bad_input;
  policy->kernel = kernel_of(options.kernel, hosts->first);
  take_local_ports(options.assumptions, hosts->first, policy->assumptions, surroundings.err);
  std::vector<InputText> original;
  std::vector<InputText> rewritten;
  if (!options.certificate.empty()) {
    original = hosts->first.texts;
    rewritten = hosts->second.texts;
  }
  try {
    const VerifyReport report =
        verify(std::move(hosts->first.texts), std::move(hosts->second.texts), *policy);
    const auto write = [&](const std::string& form) {
      if (form == "json") return write_verify_json(report, UNTRACK_VERSION);
      if (form == "html") return write_verify_html(report, UNTRACK_VERSION);
      const Display display = display_for(options.display, surroundings);
      return write_verify_text(report, display) + config_line(options.config, display);
    };
    if (!write_outputs(*outputs, write, surroundings.out, surroundings.err)) {
      return ExitStatus::internal_error;
    }
    if (!options.certificate.empty() &&
        !write_certificate(options, *policy, report, original, rewritten, surroundings.err)) {
      return ExitStatus::internal_error;
    }
    if (report.has_failed()) return ExitStatus::findings;
    return report.is_proven() ? ExitStatus::clean : ExitStatus::bad_input;
  } catch (const std::logic_error& fault) {
    // Nothing has been printed, and nothing of it could be trusted.
    surroundings.err << "untrack: internal error: " << fault.what()
                     << "\nNothing is proven. Please report this with both rulesets.\n";
    return ExitStatus::internal_error;
  }
}

}  // namespace

void add_verify_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "verify",
      "Prove that a ruleset rewritten without tracking keeps the policy of the original");
  auto options = std::make_shared<VerifyOptions>();
  command.arguments("ORIGINAL REWRITTEN", options->rulesets,
                    "The two rulesets: each a file, a directory, -, or files joined by commas");
  command.choice("--mode", options->mode, "What was wanted: no tracking at all, or NOTRACK rules",
                 "stateless|notrack");
  command.flag("--stateless-nat", options->stateless_nat,
               "With stateless, addresses translated one to one by NAT before are translated by "
               "payload statements now");
  add_assumption_options(command, options->assumptions);
  command.rules(options->input);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.flag("--load-test", options->load_test, load_test_help);
  command.text("--certificate", options->certificate, certificate_help, "FILE");
  command.outputs(options->output, verify_forms);
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "Exit status: 0 every obligation holds; 1 one failed; 2 bad usage; 3 an input is unreadable "
      "or\nnot fully understood, or not all could be checked; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_verify(*options, surroundings);
  });
}

}  // namespace untrack
