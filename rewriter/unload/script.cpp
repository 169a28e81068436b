#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>

#include "model/catalog/xtables_extensions.hpp"
#include "rewriter/unload/module_graph.hpp"
#include "rewriter/unload/plan.hpp"
#include "rewriter/unload/script_library.hpp"
#include "rewriter/unload/shell_quote.hpp"
#include "rewriter/unload/steps.hpp"

namespace untrack {
namespace {

// `name="a b c"`, broken into lines that a person can read. Only for words that need no quoting.
std::string list_assignment(std::string_view name, const std::vector<std::string>& words) {
  constexpr std::size_t width = 98;
  std::string text = fmt::format("{}=\"", name);
  std::size_t column = text.size();
  for (const std::string& word : words) {
    if (column + word.size() + 1 > width) {
      text += "\\\n";
      column = 0;
    }
    const std::string_view blank = &word == &words.back() ? "" : " ";
    text += word;
    text += blank;
    column += word.size() + blank.size();
  }
  return text + "\"\n";
}

// What `-m` and `-j` words of loaded rules hold conntrack's module: every row of the catalog that
// takes a reference, and every row with a module that stands on it. All families and versions: a
// name too many is a refusal, a name too few would be a rule overlooked.
std::vector<std::string> holding_names(catalog::ExtensionKind kind, const UnloadPlan& plan) {
  std::vector<std::string> names;
  std::set<std::string> standing;
  for (const std::optional<KernelVersion>& kernel : {std::optional<KernelVersion>(), plan.kernel}) {
    standing.merge(known_modules(kernel).standing_on(conntrack_cores()));
  }
  for (const catalog::Extension& row : catalog::extensions()) {
    if (row.kind != kind) continue;
    bool holds = row.tracking != catalog::Tracking::never;
    for (const catalog::ModuleName& module : row.modules) {
      holds = holds || standing.contains(std::string(module.name));
    }
    if (holds && (names.empty() || names.back() != row.name)) names.emplace_back(row.name);
  }
  return names;
}

// What stands in one branch of a `case`, indented; here-documents do not occur in steps.
std::string branch(std::string_view id, std::string_view body) {
  std::string text = fmt::format("    {})\n", id);
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    text += fmt::format("      {}\n", body.substr(0, end));
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  return text + "      ;;\n";
}

// The steps of the script: those of the plan, with one in the place of all removals.
std::vector<UnloadStep> branches(const UnloadPlan& plan) {
  std::vector<UnloadStep> steps;
  for (const UnloadStep& step : plan.steps) {
    if (!step.id.starts_with(removal_prefix)) steps.push_back(step);
  }
  UnloadStep removal = removal_step(R"("${1#remove-}")");
  removal.id = "remove-*";
  steps.push_back(std::move(removal));
  return steps;
}

std::string step_function(std::string_view name, const UnloadPlan& plan,
                          std::string UnloadStep::*part) {
  std::string text = fmt::format("{}() {{\n  case $1 in\n", name);
  for (const UnloadStep& step : branches(plan)) {
    if (!(step.*part).empty()) text += branch(step.id, step.*part);
  }
  return text + "  esac\n}\n";
}

std::string describe_function(const UnloadPlan& plan) {
  std::string text = "describe_step() {\n  case $1 in\n";
  for (const UnloadStep& step : branches(plan)) {
    const bool is_removal = step.id.starts_with(removal_prefix);
    text += fmt::format("    {}) echo {} ;;\n", step.id,
                        is_removal ? step.action : shell_quote(step.action));
  }
  return text + "  esac\n}\n";
}

// Notes, never refusals: with the modules blocked these programs fail instead of loading them.
std::string loader_function() {
  std::string text =
      "name_loaders() {\n  for process in $(cat /proc/[0-9]*/comm 2>/dev/null | sort -u | "
      "tr -c 'A-Za-z0-9_\\n-' '?'); do\n    case $process in\n";
  for (const LoaderRow& row : loader_rows()) {
    if (row.processes.empty() || !row.needs_tracking) continue;
    std::string pattern(row.processes);
    for (std::size_t at = 0; (at = pattern.find(' ', at)) != std::string::npos; at += 3) {
      pattern.replace(at, 1, " | ");
    }
    text += fmt::format("      {}) say {} ;;\n", pattern,
                        shell_quote(fmt::format("note: {} is running. It loads: {}. To do: {}",
                                                row.who, row.reloads, row.what_to_do)));
  }
  return text +
         "      conntrackd | ovs-vswitchd | keepalived) say \"note: $process is running; it may "
         "load connection tracking again\" ;;\n    esac\n  done\n}\n";
}

}  // namespace

std::string unload_script(const UnloadPlan& plan, std::string_view version) {
  if (!plan.has_script()) return {};
  std::string text = "#!/bin/sh\n";
  text += fmt::format("# Unloads connection tracking. Written by untrack {}.\n", version);
  text +=
      "# Without --run it only says what it would do. It refuses while anything that it can see "
      "needs\n"
      "# tracking, keeps a backup, and puts everything back unless confirmed in time. --help says "
      "more.\n"
      "set -u\n"
      "umask 077\n"
      "LC_ALL=C\n"
      "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin\n"
      "export LC_ALL PATH\n\n"
      "refusals=0\n"
      "ignore_namespaces=0\n"
      "ignore_boot_rules=0\n"
      "confirm_within=120\n"
      "base_dir=/var/lib/untrack-unload\n"
      "transient_block=/run/modprobe.d/untrack-unload.conf\n"
      "persistent_block=/etc/modprobe.d/untrack-unload.conf\n\n"
      "# --- what the plan says\n\n";
  text += "cores='nf_conntrack ip_conntrack'\n";
  text += list_assignment("modules", plan.order);
  text += list_assignment("blocked", plan.blocked);
  text += list_assignment("holding_matches", holding_names(catalog::ExtensionKind::match, plan));
  text += list_assignment("holding_targets", holding_names(catalog::ExtensionKind::target, plan));
  text += "steps=\"";
  bool is_first_removal = true;
  for (const UnloadStep& step : plan.steps) {
    if (!step.id.starts_with(removal_prefix)) {
      text += step.id + (&step == &plan.steps.back() ? "" : " ");
    } else if (is_first_removal) {
      is_first_removal = false;
      text +=
          "\"\nfor name in $modules; do\n  steps=\"${steps}remove-$name \"\ndone\nsteps=\"${steps}";
    }
  }
  text += "\"\n";
  text += "\n" + describe_function(plan);
  text += "\n# Succeeds, returns 3 for nothing to do, or refuses.\n";
  text += step_function("check_step", plan, &UnloadStep::check);
  text += "\n" + step_function("do_step", plan, &UnloadStep::command);
  text += "\n" + step_function("undo_step", plan, &UnloadStep::undo);
  text += "\n" + loader_function();
  text += script_library();
  return text;
}

}  // namespace untrack
