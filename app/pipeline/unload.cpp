#include "app/pipeline/unload.hpp"

#include <algorithm>
#include <utility>

#include "analysis/conntrack/tracking.hpp"
#include "parser/modules.hpp"

namespace untrack {

UnloadReport unload(UnloadTexts texts, const UnloadPolicy& policy, std::string_view version) {
  UnloadReport report;
  report.ruleset =
      parse_texts(std::move(texts.rules), report.sources, policy.format, policy.ip_version);

  // Reads one of the texts about modules, if it was given, with its reader.
  const auto read = [&](std::optional<UnloadText>& text, auto reader, auto& into) {
    if (!text) return;
    const SourceId source = report.sources.add(std::move(text->path), std::move(text->text));
    into = reader(report.sources, source, report.module_problems);
  };
  std::optional<std::vector<LoadedModule>> loaded;
  std::optional<std::vector<ModuleDependencies>> dependencies;
  std::optional<std::vector<std::string>> built_in;
  read(texts.modules, read_proc_modules, loaded);
  read(texts.modules_dep, read_modules_dep, dependencies);
  read(texts.modules_builtin, read_modules_builtin, built_in);

  const Tracking tracking = find_tracking(report.ruleset, policy.kernel);
  report.plan = plan_unload({report.sources, report.ruleset, tracking, policy.kernel,
                             std::move(loaded), std::move(dependencies), std::move(built_in),
                             std::move(texts.users), report.module_problems.empty()});
  const auto is_problem = [](const Problem& problem) { return problem.kind != ProblemKind::note; };
  report.is_fully_understood =
      std::ranges::none_of(report.ruleset.problems, is_problem) && report.module_problems.empty();
  report.script = unload_script(report.plan, version);
  return report;
}

}  // namespace untrack
