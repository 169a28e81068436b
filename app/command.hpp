// Command: one subcommand of the command line. Each lives in its own file in app/commands/ and adds
// itself to the parser through CommandOptions; cli.cpp lists them.
#pragma once

#include <functional>

#include "app/cli.hpp"

namespace CLI {
class App;
}

namespace untrack {

// What a command does once its arguments are parsed.
using Action = std::function<ExitStatus(const Surroundings&)>;

// Declares the subcommand's name, options and help on `app`; when the user chose it, `*chosen` is
// set to what to run.
using AddCommand = void (*)(CLI::App& app, Action* chosen);

void add_audit_command(CLI::App& app, Action* chosen);
void add_checks_command(CLI::App& app, Action* chosen);
void add_completions_command(CLI::App& app, Action* chosen);
void add_diff_command(CLI::App& app, Action* chosen);
void add_explain_command(CLI::App& app, Action* chosen);
void add_manual_command(CLI::App& app, Action* chosen);
void add_pressure_command(CLI::App& app, Action* chosen);
void add_recheck_command(CLI::App& app, Action* chosen);
void add_rewrite_command(CLI::App& app, Action* chosen);
void add_snapshot_command(CLI::App& app, Action* chosen);
void add_unload_command(CLI::App& app, Action* chosen);
void add_verify_command(CLI::App& app, Action* chosen);
void add_version_command(CLI::App& app, Action* chosen);

}  // namespace untrack
