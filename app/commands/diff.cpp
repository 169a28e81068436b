#include "app/pipeline/diff.hpp"

#include <memory>
#include <ostream>

#include "app/command_options.hpp"
#include "app/read_inputs.hpp"
#include "app/version.hpp"
#include "report/diff_json.hpp"
#include "report/diff_text.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct Options {
  std::vector<std::string> rulesets;
  std::string family;
  std::string format;
  std::string kernel;
  std::string output = "text";
  DisplayOptions display;
};

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

ExitStatus run_diff(const Options& options, const Surroundings& surroundings) {
  if (options.rulesets.size() != 2) {
    surroundings.err << "untrack diff: two rulesets are needed, OLD and NEW; "
                     << options.rulesets.size()
                     << " given (join several files of one host with commas)\n";
    return ExitStatus::bad_usage;
  }
  DiffPolicy policy;
  policy.format = format_of(options.format);
  if (options.family == "ipv4") policy.ip_version = IpVersion::ipv4;
  if (options.family == "ipv6") policy.ip_version = IpVersion::ipv6;
  if (!options.kernel.empty()) policy.kernel = parse_kernel_version(options.kernel);
  auto before = read_side(options.rulesets[0], surroundings);
  auto after = read_side(options.rulesets[1], surroundings);
  if (!before || !after) return ExitStatus::bad_input;
  const DiffReport report = diff(std::move(*before), std::move(*after), policy);
  if (options.output == "json") {
    surroundings.out << write_diff_json(report, UNTRACK_VERSION);
  } else {
    surroundings.out << write_diff_text(report, display_for(options.display, surroundings));
  }
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  return report.is_equivalent() ? ExitStatus::clean : ExitStatus::findings;
}

}  // namespace

void add_diff_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "diff",
                         "Say which packets two rulesets decide differently, and by which rules");
  auto options = std::make_shared<Options>();
  command.arguments("OLD NEW", options->rulesets,
                    "The two rulesets: each a file, a directory, -, or files joined by commas");
  command.family_and_format(options->family, options->format);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.output(options->output);
  command.display(options->display);
  command.footer(
      "Exit status: 0 every packet is decided alike; 1 there are differences; 2 bad usage; 3 an "
      "input is\nunreadable or not fully understood, or not all could be compared; 4 internal "
      "error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_diff(*options, surroundings);
  });
}

}  // namespace untrack
