#include "report/unload_json.hpp"

#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

Json holder_of(const Sources& sources, const Holder& holder) {
  Json location = nullptr;
  if (holder.span) location = json::location_of(sources, *holder.span);
  const bool is_module = holder.kind == HolderKind::module;
  Json use_count = nullptr;
  if (is_module && holder.use_count) use_count = *holder.use_count;
  return {{"kind", to_text(holder.kind)},
          {"name", holder.name},
          {"location", std::move(location)},
          {"families", json::families_of(holder.ip_versions)},
          {"forces_tracking", holder.forces_tracking},
          {"modules", holder.modules},
          {"use_count", std::move(use_count)},
          {"used_by", holder.used_by},
          {"not_explained", holder.not_explained},
          {"why", holder.why},
          {"what_to_do", holder.what_to_do}};
}

Json loader_of(const Sources& sources, const Loader& loader) {
  return {{"id", loader.row->id},
          {"who", loader.row->who},
          {"needs_tracking", loader.row->needs_tracking},
          {"seen", loader.seen},
          {"location", json::location_of(sources, loader.span)},
          {"reloads", loader.row->reloads},
          {"what_to_do", loader.row->what_to_do}};
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json step_of(const UnloadStep& step) {
  return {{"id", step.id},
          {"action", step.action},
          {"command", text_or_null(step.command)},
          {"check", text_or_null(step.check)},
          {"undo", text_or_null(step.undo)}};
}

}  // namespace

std::string unload_json(const UnloadReport& report, std::string_view version) {
  const UnloadPlan& plan = report.plan;
  Json not_understood = Json::array();
  json::add_not_understood(not_understood, report.sources, report.ruleset.problems);
  json::add_not_understood(not_understood, report.sources, report.module_problems);
  Json holders = Json::array();
  for (const Holder& holder : plan.holders) holders.push_back(holder_of(report.sources, holder));
  Json loaders = Json::array();
  for (const Loader& loader : plan.loaders) loaders.push_back(loader_of(report.sources, loader));
  Json steps = Json::array();
  for (const UnloadStep& step : plan.steps) steps.push_back(step_of(step));
  Json kernel = nullptr;
  if (plan.kernel) kernel = to_text(*plan.kernel);
  Json rollback = nullptr;
  if (plan.has_script()) rollback = "sh unload.sh --rollback";
  return json::printed({{"schema_version", 1},
                        {"tool", {{"name", "untrack"}, {"version", version}}},
                        {"command", "unload"},
                        {"kernel", std::move(kernel)},
                        {"sources", json::sources_of(report.sources, report.ruleset)},
                        {"unloadable", plan.status == UnloadStatus::ready},
                        {"status", to_text(plan.status)},
                        {"why", plan.why},
                        {"holders", std::move(holders)},
                        {"comes_back_by", std::move(loaders)},
                        {"order", plan.order},
                        {"may_stay", plan.may_stay},
                        {"blocked", plan.blocked},
                        {"steps", std::move(steps)},
                        {"script", text_or_null(report.script)},
                        {"rollback", std::move(rollback)},
                        {"not_understood", std::move(not_understood)},
                        {"not_seen", plan.not_seen}});
}

}  // namespace untrack
