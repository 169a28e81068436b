#include "report/unload_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "report/diagnostic.hpp"

namespace untrack {
namespace {

constexpr std::size_t column = 13;  // where the second column begins

// `label` in the first column, `text` wrapped in the second.
std::string entry(std::string_view label, std::string_view text, const Display& display) {
  const std::string first = fmt::format("  {:<{}}", label, column - 2);
  return wrap(text, first, std::string(column, ' '), display);
}

std::string answer(const UnloadPlan& plan) {
  switch (plan.status) {
    case UnloadStatus::ready:
      return fmt::format("{} can be unloaded: {}.", plan.core, plan.why);
    case UnloadStatus::conditional:
      return fmt::format("{} can be unloaded only if more goes than this ruleset: {}.", plan.core,
                         plan.why);
    case UnloadStatus::refused:
      return fmt::format("{} cannot be unloaded: {}.", plan.core, plan.why);
    case UnloadStatus::unknown:
      return fmt::format("Whether {} can be unloaded is not known: {}.", plan.core, plan.why);
  }
  return {};
}

// The same construct at several places is one entry: a rule is often written many times.
struct Group {
  const Holder* first = nullptr;
  std::vector<const Holder*> holders;
};

std::vector<Group> groups_of(const UnloadPlan& plan) {
  std::vector<Group> groups;
  std::map<std::pair<std::string_view, bool>, std::size_t> index;
  for (const Holder& holder : plan.holders) {
    if (holder.kind == HolderKind::module) continue;
    const auto [at, is_new] =
        index.try_emplace({holder.name, holder.forces_tracking}, groups.size());
    if (is_new) groups.push_back({&holder, {}});
    groups[at->second].holders.push_back(&holder);
  }
  return groups;
}

// "rules.v4:9:11, 12:11 and 4 more".
std::string places(const Sources& sources, const Group& group) {
  constexpr std::size_t shown = 3;
  std::string text;
  std::optional<SourceId> source;
  for (std::size_t i = 0; i < group.holders.size() && i < shown; ++i) {
    if (!group.holders[i]->span) continue;
    const Span& span = *group.holders[i]->span;
    if (!text.empty()) text += ", ";
    if (source == span.source) {
      const Location location = sources.locate(span);
      text += fmt::format("{}:{}", location.line, location.column);
    } else {
      text += place_of(sources, span);
    }
    source = span.source;
  }
  if (group.holders.size() > shown) {
    text += fmt::format(" and {} more", group.holders.size() - shown);
  }
  return text;
}

std::string rule_entries(const UnloadReport& report, const Display& display) {
  std::string text;
  std::string_view label = "held by";
  for (const Group& group : groups_of(report.plan)) {
    const Holder& holder = *group.first;
    std::string line = holder.name;
    if (const std::string where = places(report.sources, group); !where.empty()) {
      line += " at " + where;
    }
    line += ": " + holder.why;
    if (!holder.modules.empty() && holder.kind != HolderKind::built_in) {
      line += fmt::format("; loads {}", fmt::join(holder.modules, ", "));
    }
    text += entry(label, line, display);
    if (!holder.what_to_do.empty()) text += entry("", "to do: " + holder.what_to_do, display);
    label = "";
  }
  return text;
}

std::string module_entries(const UnloadPlan& plan, const Display& display) {
  std::string text;
  std::string_view label = "loaded";
  for (const Holder& holder : plan.holders) {
    if (holder.kind != HolderKind::module) continue;
    text += entry(label, fmt::format("{}: {}", holder.name, holder.why), display);
    label = "";
  }
  return text;
}

bool knows_what_is_loaded(const UnloadPlan& plan) {
  for (const std::string& unseen : plan.not_seen) {
    if (unseen.find("(--modules)") != std::string::npos) return false;
  }
  return true;
}

// What is loaded is not known: the modules that the rules bring in, and how many more could be
// there.
std::string order_of_possible(const UnloadPlan& plan) {
  std::set<std::string_view> named;
  for (const Holder& holder : plan.holders)
    named.insert(holder.modules.begin(), holder.modules.end());
  std::string line;
  for (const std::string& module : plan.order) {
    if (!named.contains(module) || module == plan.core) continue;
    line += line.empty() ? "" : " -> ";
    line += module;
  }
  line += line.empty() ? "" : " -> ";
  line += fmt::format(
      "every other of the {} modules that stand on it, users first, as far as they "
      "are loaded -> {}",
      plan.order.size(), plan.order.back());
  return line;
}

std::string order_entry(const UnloadPlan& plan, const Display& display) {
  const auto is_built_in = [](const Holder& holder) { return holder.kind == HolderKind::built_in; };
  if (plan.order.empty() || std::ranges::any_of(plan.holders, is_built_in)) return {};
  std::string line = knows_what_is_loaded(plan) ? fmt::format("{}", fmt::join(plan.order, " -> "))
                                                : order_of_possible(plan);
  if (!plan.may_stay.empty()) {
    line += fmt::format(" ({} may stay)", fmt::join(plan.may_stay, ", "));
  }
  return entry("order", line, display);
}

std::string loader_entries(const UnloadReport& report, const Display& display) {
  std::string text;
  std::string_view label = "back by";
  for (const Loader& loader : report.plan.loaders) {
    if (!loader.row->needs_tracking) continue;
    text += entry(label,
                  fmt::format("{} (\"{}\" at {}): {}", loader.row->who, loader.seen,
                              place_of(report.sources, loader.span), loader.row->reloads),
                  display);
    text += entry("", fmt::format("to do: {}", loader.row->what_to_do), display);
    label = "";
  }
  for (const Loader& loader : report.plan.loaders) {
    if (loader.row->needs_tracking) continue;
    text += entry("harmless",
                  fmt::format("{} (\"{}\" at {}): it loads {}", loader.row->who, loader.seen,
                              place_of(report.sources, loader.span), loader.row->reloads),
                  display);
  }
  return text;
}

// What was not understood and holds nothing: shown, since it is why the exit status is 3.
std::string problem_entries(const UnloadReport& report, const Display& display) {
  constexpr std::size_t shown = 10;
  std::vector<const Problem*> problems;
  for (const Problem& problem : report.ruleset.problems) {
    if (problem.kind != ProblemKind::note && !problem.may_track) problems.push_back(&problem);
  }
  for (const Problem& problem : report.module_problems) problems.push_back(&problem);
  std::string text;
  for (std::size_t i = 0; i < problems.size() && i < shown; ++i) {
    text += render_problem(report.sources, *problems[i], display);
  }
  if (problems.size() > shown) {
    text += fmt::format("... and {} more places that were not understood (--output json)\n",
                        problems.size() - shown);
  }
  return text.empty() ? text : "\n" + text;
}

std::string script_lines(const UnloadReport& report, const Display& display) {
  if (!report.plan.has_script()) {
    return wrap("No script is written while this is so.", "", "", display);
  }
  if (report.script_path.empty()) {
    return wrap(
        "--script FILE writes the plan as a shell script, --print-script prints it: dry run "
        "by default.",
        "", "", display);
  }
  return wrap(
      fmt::format("{} written: dry run by default; --run --confirm-within 120 puts everything "
                  "back unless you confirm.",
                  report.script_path),
      "", "", display);
}

}  // namespace

std::string unload_text(const UnloadReport& report, const Display& display) {
  const UnloadPlan& plan = report.plan;
  std::string text = wrap(answer(plan), "", "", display) + "\n";
  text += rule_entries(report, display);
  text += module_entries(plan, display);
  text += order_entry(plan, display);
  text += loader_entries(report, display);
  if (!plan.not_seen.empty()) {
    text += entry("not seen", fmt::format("{}", fmt::join(plan.not_seen, "; ")), display);
  }
  text += problem_entries(report, display);
  return text + "\n" + script_lines(report, display);
}

}  // namespace untrack
