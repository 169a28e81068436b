#include "app/pipeline/recheck.hpp"

#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "app/command_options.hpp"
#include "app/version.hpp"
#include "report/certificate_file_json.hpp"
#include "report/recheck_json.hpp"
#include "report/recheck_text.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct RecheckOptions {
  std::vector<std::string> certificate;
  std::vector<std::string> original;
  std::vector<std::string> rewritten;
  std::string output = "text";
  DisplayOptions display;
};

ExitStatus run_recheck(const RecheckOptions& options, const Surroundings& surroundings) {
  if (options.certificate.size() != 1) {
    surroundings.err << "untrack recheck: one certificate is needed; " << options.certificate.size()
                     << " given\n";
    return ExitStatus::bad_usage;
  }
  std::error_code error;
  if (std::filesystem::is_directory(options.certificate.front(), error)) {
    surroundings.err << "untrack recheck: " << escape_control(options.certificate.front())
                     << " is a directory; a certificate is one file\n";
    return ExitStatus::bad_input;
  }
  auto texts = read_rules(options.certificate, {}, surroundings);
  if (!texts) return ExitStatus::bad_input;
  if (texts->texts.size() != 1) {
    surroundings.err << "untrack recheck: a certificate is one file\n";
    return ExitStatus::bad_usage;
  }
  const InputText& text = texts->texts.front();
  GivenTexts given;
  for (const auto& [names, into] : {std::pair(&options.original, &given.original),
                                    std::pair(&options.rewritten, &given.rewritten)}) {
    if (names->empty()) continue;
    auto files = read_rules(*names, {}, surroundings);
    if (!files) return ExitStatus::bad_input;
    *into = std::move(files->texts);
  }
  const ReadCertificate read = read_certificate_file(text.text);
  if (!read.certificate) {
    surroundings.err << "untrack recheck: " << escape_control(text.path)
                     << " is not understood: " << escape_control(read.why_not) << "\n";
    return ExitStatus::bad_input;
  }
  try {
    const RecheckReport report = recheck_certificate(text.path, *read.certificate, given);
    if (options.output == "json") {
      surroundings.out << write_recheck_json(report, UNTRACK_VERSION);
    } else {
      surroundings.out << write_recheck_text(report, display_for(options.display, surroundings));
    }
    if (report.is_refused()) return ExitStatus::findings;
    return report.is_rechecked() ? ExitStatus::clean : ExitStatus::bad_input;
  } catch (const std::logic_error& fault) {
    surroundings.err << "untrack: internal error: " << fault.what()
                     << "\nNothing is rechecked. Please report this with the certificate.\n";
    return ExitStatus::internal_error;
  }
}

}  // namespace

void add_recheck_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "recheck",
                         "Check a certificate again, by other means than those that made it");
  auto options = std::make_shared<RecheckOptions>();
  command.arguments("CERTIFICATE", options->certificate,
                    "What verify or rewrite wrote with --certificate; - is standard input", true);
  command.repeated("--original", options->original,
                   "A file that the original is to be; may be repeated, in the order of the "
                   "certificate",
                   "FILE");
  command.repeated("--rewritten", options->rewritten,
                   "A file that the rewritten ruleset is to be; likewise", "FILE");
  command.output(options->output);
  command.display(options->display);
  command.footer(
      "Exit status: 0 every claim is rechecked (but O5, which tools have said); 1 one is refused; "
      "2 bad\nusage; 3 the certificate is not understood, or not all of it could be rechecked; "
      "4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_recheck(*options, surroundings);
  });
}

}  // namespace untrack
