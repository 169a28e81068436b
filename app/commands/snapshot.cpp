#include "parser/anonymize/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <ostream>
#include <random>
#include <utility>

#include "app/command_options.hpp"
#include "app/files/write_file.hpp"
#include "app/version.hpp"
#include "report/snapshot_json.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct SnapshotOptions {
  std::string to;
  std::string netns;
  bool entries = false;
  bool anonymize = false;
  ConfigOptions config;
};

constexpr unsigned int for_the_owner = 0600;

// Another one each time: nobody can try names and addresses against it.
anonymize::Key new_key() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32U | random(); };
  const std::uint64_t first = word();
  return {first, word()};
}

ExitStatus run_snapshot(const SnapshotOptions& options, const Surroundings& surroundings) {
  if (!surroundings.snapshot) {
    surroundings.err << "untrack: cannot read the running kernel: this program was built without "
                        "that\n";
    return ExitStatus::bad_input;
  }
  Snapshot snapshot = surroundings.snapshot(options.netns, options.entries);
  if (options.anonymize) {
    Anonymized other = anonymized(snapshot, new_key());
    if (!other.snapshot) {
      surroundings.err << "untrack: cannot anonymize " << escape_control(other.why_not) << "\n";
      return ExitStatus::bad_input;
    }
    snapshot = std::move(*other.snapshot);
  }
  if (options.anonymize && options.config.gave_options) {
    surroundings.err << "untrack: as " << escape_control(options.config.file.path)
                     << " says, the snapshot is anonymized\n";
  }
  const std::string text = write_snapshot_json(snapshot, UNTRACK_VERSION);
  if (options.to.empty()) {
    surroundings.out << text;
  } else {
    const std::string error = write_file(options.to, text, for_the_owner);
    if (!error.empty()) {
      surroundings.err << "untrack: cannot write " << escape_control(options.to) << ": " << error
                       << "\n";
      return ExitStatus::internal_error;
    }
  }
  for (const std::string& each : snapshot.rules.unreadable) {
    surroundings.err << "untrack: cannot read " << escape_control(each) << "\n";
  }
  for (const std::string& each : snapshot.rules.not_there) {
    surroundings.err << "untrack: not there: " << escape_control(each) << "\n";
  }
  for (const std::string& each : snapshot.not_read) {
    surroundings.err << "untrack: not in the snapshot: " << escape_control(each) << "\n";
  }
  return snapshot.rules.unreadable.empty() ? ExitStatus::clean : ExitStatus::bad_input;
}

}  // namespace

void add_snapshot_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "snapshot",
      "Write the rules and settings of this host into one file, which the other commands read");
  auto options = std::make_shared<SnapshotOptions>();
  command.text("-o,--to", options->to, "Write the snapshot there (default: standard output)",
               "FILE");
  command.text("--netns", options->netns,
               "Of another network namespace: a name of ip netns, the id of a process in it, or a "
               "path",
               "NAME|PID");
  command.flag("--entries", options->entries,
               "With the entries of the connection tracking table: who talks to whom");
  command.flag("--anonymize", options->anonymize,
               "Put other addresses, names and comments in place of the host's, the same one "
               "wherever the same stands");
  command.configuration(options->config);
  command.footer(
      "It changes nothing and makes the kernel load nothing; it needs root to read the rules.\n"
      "Exit status: 0 written; 2 bad usage; 3 rules that are there cannot be read (the file says "
      "which);\n4 internal error, or the file cannot be written.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_snapshot(*options, surroundings);
  });
}

}  // namespace untrack
