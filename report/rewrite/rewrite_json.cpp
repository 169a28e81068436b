#include "report/rewrite/rewrite_json.hpp"

#include "report/certificate_json.hpp"
#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

Json refusals_of(const RewriteReport& report, const FamilyRewrite& family) {
  Json list = Json::array();
  for (const Refusal& refusal : family.refusals) {
    Json row = {
        {"location", nullptr}, {"text", nullptr}, {"reason", refusal.reason}, {"instead", nullptr}};
    if (!refusal.span.empty()) {
      row["location"] = json::location_of(*report.original.sources, refusal.span);
      row["text"] = report.original.sources->text(refusal.span);
    }
    if (!refusal.instead.empty()) row["instead"] = refusal.instead;
    list.push_back(std::move(row));
  }
  return list;
}

Json saved_of(const RewriteReport& report, const SavedEntries& saved) {
  Json services = Json::array();
  for (const SavedEntries::Service& service : saved.services) {
    Json row = {{"location", nullptr},
                {"text", nullptr},
                {"selected_by", nullptr},
                {"entries", service.entries}};
    if (!service.rule.empty()) {
      row["location"] = json::location_of(*report.original.sources, service.rule);
      row["text"] = report.original.sources->text(service.rule);
    }
    if (!service.selected_by.empty()) row["selected_by"] = service.selected_by;
    services.push_back(std::move(row));
  }
  return {{"by", saved.is_by_rates ? "rates" : "table"},
          {"all", saved.all},
          {"services", std::move(services)}};
}

}  // namespace

std::string rewrite_json(const RewriteReport& report, std::string_view tool_version) {
  const CertifiedSides said{report.original, report.rewritten, *report.variables,
                            report.assumptions};
  Json families = Json::object();
  for (const FamilyRewrite& family : report.families) {
    Json row = {{"outcome", to_text(family.outcome)},
                {"why", family.why},
                {"rules_before", family.rules_before},
                {"rules_after", family.rules_after},
                {"taken_as_whole", family.is_taken_as_whole},
                {"refusals", refusals_of(report, family)},
                {"certificate", nullptr},
                {"unmet", Json::array()}};
    if (family.certificate && family.outcome == RewriteOutcome::rewritten) {
      row["certificate"] = json::certificate_of(said, *family.certificate);
    } else if (family.certificate) {
      row["unmet"] = json::unmet_of(said, *family.certificate);
    }
    row["saved_entries"] = nullptr;
    if (family.saved && family.outcome == RewriteOutcome::rewritten) {
      row["saved_entries"] = saved_of(report, *family.saved);
    }
    families[std::string(to_text(family.version))] = std::move(row);
  }
  Json files = Json::array();
  for (const RewrittenFile& file : report.files) {
    files.push_back({{"path", file.path},
                     {"changed", !file.diff.empty()},
                     {"text", file.text},
                     {"diff", raw_text(file.diff)}});
  }
  Json not_understood = Json::array();
  json::add_not_understood(not_understood, *report.original.sources,
                           report.original.ruleset.problems);
  const Json whole = {
      {"schema_version", 1},
      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
      {"command", "rewrite"},
      {"mode", to_text(report.mode)},
      {"sources", json::sources_of(*report.original.sources, report.original.ruleset)},
      {"summary", report.summary},
      {"families", std::move(families)},
      {"files", std::move(files)},
      {"managers",
       json::managers_json(*report.original.sources, report.original.ruleset,
                           report.mode == RewriteMode::stateless ? ManagedChange::stateless
                                                                 : ManagedChange::notrack)},
      {"not_understood", std::move(not_understood)}};
  return json::printed(whole);
}

}  // namespace untrack
