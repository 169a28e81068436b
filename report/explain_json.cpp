#include "report/explain_json.hpp"

#include "analysis/packet/packet_text.hpp"
#include "report/packet_json.hpp"

namespace untrack {
namespace {

using json::Json;

Json step_of(const ExplainReport& report, const ExplainStep& step) {
  return {{"hook", to_text(step.hook)},
          {"table", step.table},
          {"chain", step.chain},
          {"location", json::location_of(*report.sources, step.span)},
          {"is_policy", !step.rule.names_something()},
          {"matched", step.matched},
          {"failed", step.failed},
          {"action", step.action},
          {"asked", step.asked}};
}

Json case_of(const ExplainReport& report, const ExplainCase& found) {
  Json conditions = Json::array();
  for (const ExplainCondition& condition : found.conditions) {
    conditions.push_back({{"condition", condition.text},
                          {"location", json::location_of(*report.sources, condition.first_use)},
                          {"holds", condition.holds}});
  }
  return {{"verdict", to_text(found.decision)}, {"conditions", std::move(conditions)}};
}

Json route_of(const ExplainReport& report, const ExplainedRoute& route) {
  Json cases = Json::array();
  for (const ExplainCase& found : route.cases) cases.push_back(case_of(report, found));
  return {{"leaves_by", route.leaves_by},
          {"verdict", to_text(route.decision)},
          {"decided_by", route.decided_by},
          {"cases", std::move(cases)}};
}

Json packet_of(const ExplainReport& report, const Explained& explained) {
  Json steps = Json::array();
  for (const ExplainStep& step : explained.steps) steps.push_back(step_of(report, step));
  Json cases = Json::array();
  for (const ExplainCase& found : explained.cases) cases.push_back(case_of(report, found));
  Json routes = Json::array();
  for (const ExplainedRoute& route : explained.routes) routes.push_back(route_of(report, route));
  Json translation = nullptr;
  if (explained.translation) {
    translation = {{"to", explained.translation->to},
                   {"rule", explained.translation->rule},
                   {"way", to_text(explained.translation->way)}};
  }
  Json state = nullptr;
  if (!explained.state.empty()) {
    std::string word = explained.state;
    for (char& c : word) c = static_cast<char>(c - 'A' + 'a');
    state = word;
  }
  return {{"packet", json::packet_of(explained.packet, explained.packet.state)},
          {"text", to_text(explained.packet)},
          {"assumed", explained.assumed},
          {"verdict", to_text(explained.decision)},
          {"decided_by", explained.decided_by},
          {"state", std::move(state)},
          {"state_why", explained.state_why},
          {"translated", explained.is_translated},
          {"translation", std::move(translation)},
          {"routes", std::move(routes)},
          {"guessed", explained.guessed},
          {"for_any_mark", explained.is_for_any_mark},
          {"steps", std::move(steps)},
          {"cases", std::move(cases)},
          {"has_all_cases", explained.has_all_cases},
          {"of_other_family", explained.is_of_other_family}};
}

}  // namespace

std::string write_explain_json(const ExplainReport& report, std::string_view tool_version) {
  Json packets = Json::array();
  for (const Explained& explained : report.packets) packets.push_back(packet_of(report, explained));
  Json not_understood = Json::array();
  json::add_not_understood(not_understood, *report.sources, report.ruleset.problems);
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "explain"},
                      {"sources", json::sources_of(*report.sources, report.ruleset)},
                      {"packets", std::move(packets)},
                      {"not_understood", std::move(not_understood)}};
  return json::printed(whole);
}

}  // namespace untrack
