#include "app/pipeline/verify.hpp"

#include <charconv>
#include <memory>
#include <ostream>
#include <stdexcept>

#include "app/command_options.hpp"
#include "app/read_inputs.hpp"
#include "app/version.hpp"
#include "model/spelling.hpp"
#include "report/terminal.hpp"
#include "report/verify_json.hpp"
#include "report/verify_text.hpp"

namespace untrack {
namespace {

struct Options {
  std::vector<std::string> rulesets;
  std::string mode;
  std::vector<std::string> assume;
  std::string client_ports;
  std::string family;
  std::string format;
  std::string kernel;
  std::string output = "text";
  DisplayOptions display;
};

// One NAME, no-NAME or none. False, with the reason told, if it is none of these.
bool assume(std::string_view word, Assumptions& assumptions, std::ostream& err) {
  if (word == "none") {
    for (const AssumptionRow& row : all_assumptions()) assumptions.set(row.id, false);
    return true;
  }
  const bool is_on = !word.starts_with("no-");
  const std::string_view name = is_on ? word : word.substr(3);
  if (const auto id = assumption_of(name)) {
    assumptions.set(*id, is_on);
    return true;
  }
  err << "untrack verify: no assumption is called \"" << escape_control(name) << '"';
  Nearest meant(name);
  for (const AssumptionRow& row : all_assumptions()) meant.offer(row.name);
  if (!meant.best().empty()) err << "; did you mean " << meant.best() << "?";
  err << "\nThey are:";
  for (const AssumptionRow& row : all_assumptions()) err << ' ' << row.name;
  err << ", each also with no- in front, and none.\n";
  return false;
}

// "32768:60999".
std::optional<Interval> ports_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = [](std::string_view word) -> std::optional<std::uint16_t> {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return value;
  };
  const auto first = port(text.substr(0, colon));
  const auto last = port(text.substr(colon + 1));
  if (!first || !last || *first > *last || *first == 0) return std::nullopt;
  return Interval{*first, *last};
}

// Nothing, with the reason told, if the options are wrong.
std::optional<VerifyPolicy> policy_of(const Options& options, std::ostream& err) {
  if (options.rulesets.size() != 2) {
    err << "untrack verify: two rulesets are needed, ORIGINAL and REWRITTEN; "
        << options.rulesets.size() << " given (join several files of one host with commas)\n";
    return std::nullopt;
  }
  if (options.mode.empty()) {
    err << "untrack verify: --mode is needed: stateless or notrack\n";
    return std::nullopt;
  }
  VerifyPolicy policy;
  policy.mode = options.mode == "notrack" ? RewriteMode::notrack : RewriteMode::stateless;
  for (const std::string& list : options.assume) {
    std::string_view rest = list;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (!assume(rest.substr(0, comma), policy.assumptions, err)) return std::nullopt;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  if (!options.client_ports.empty()) {
    const auto ports = ports_of(options.client_ports);
    if (!ports) {
      err << "untrack verify: --client-ports: not a range of ports like 32768:60999: \""
          << escape_control(options.client_ports) << "\"\n";
      return std::nullopt;
    }
    policy.assumptions.host_ports = *ports;
  }
  policy.format = format_of(options.format);
  if (options.family == "ipv4") policy.ip_version = IpVersion::ipv4;
  if (options.family == "ipv6") policy.ip_version = IpVersion::ipv6;
  if (!options.kernel.empty()) policy.kernel = parse_kernel_version(options.kernel);
  return policy;
}

// Nothing, with the reasons told, if one of the names gave no text.
std::optional<std::vector<AuditInput>> read_side(const std::string& word,
                                                 const Surroundings& surroundings) {
  InputTexts texts = read_host(word, surroundings.in);
  for (const std::string& reason : texts.unreadable) {
    surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
  }
  if (!texts.unreadable.empty()) return std::nullopt;
  std::vector<AuditInput> inputs;
  for (NamedText& text : texts.texts) inputs.push_back({text.path, std::move(text.text)});
  return inputs;
}

ExitStatus run_verify(const Options& options, const Surroundings& surroundings) {
  const auto policy = policy_of(options, surroundings.err);
  if (!policy) return ExitStatus::bad_usage;
  auto original = read_side(options.rulesets[0], surroundings);
  auto rewritten = read_side(options.rulesets[1], surroundings);
  if (!original || !rewritten) return ExitStatus::bad_input;
  try {
    const VerifyReport report = verify(std::move(*original), std::move(*rewritten), *policy);
    if (options.output == "json") {
      surroundings.out << write_verify_json(report, UNTRACK_VERSION);
    } else {
      surroundings.out << write_verify_text(report, display_for(options.display, surroundings));
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
  auto options = std::make_shared<Options>();
  command.arguments("ORIGINAL REWRITTEN", options->rulesets,
                    "The two rulesets: each a file, a directory, -, or files joined by commas");
  command.choice("--mode", options->mode, "What was wanted: no tracking at all, or NOTRACK rules",
                 "stateless|notrack");
  command.repeated("--assume", options->assume,
                   "Assumptions to switch on, or off with no- in front; none switches all off",
                   "NAME[,NAME]");
  command.text("--client-ports", options->client_ports,
               "Source ports of what this host starts (default 32768:60999)", "A:B");
  command.family_and_format(options->family, options->format);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.output(options->output);
  command.display(options->display);
  command.footer(
      "Exit status: 0 every obligation holds; 1 one failed; 2 bad usage; 3 an input is unreadable "
      "or\nnot fully understood, or not all could be checked; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_verify(*options, surroundings);
  });
}

}  // namespace untrack
