#include "report/recheck_json.hpp"

#include <utility>

#include "analysis/packet/packet_text.hpp"
#include "report/json_parts.hpp"

namespace untrack {

using json::Json;

std::string write_recheck_json(const RecheckReport& report, std::string_view tool_version) {
  Json families = Json::object();
  for (const RecheckedFamily& family : report.families) {
    Json claims = Json::array();
    for (const RecheckedClaim& row : family.claims) {
      Json json = {{"id", row.id},
                   {"claimed", to_text(row.claimed)},
                   {"result", to_text(row.result)},
                   {"why", row.why},
                   {"packet", nullptr}};
      if (row.packet) json["packet"] = to_text(*row.packet);
      claims.push_back(std::move(json));
    }
    families[std::string(to_text(family.version))] = {
        {"claims", std::move(claims)}, {"steps", family.steps}, {"packets_tried", family.tried}};
  }
  Json assumptions = Json::array();
  for (const Assumption id : report.assumptions) assumptions.push_back(row_of(id).name);
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "recheck"},
                      {"certificate", report.path},
                      {"made_by", report.made_by},
                      {"mode", to_text(report.mode)},
                      {"assumptions", std::move(assumptions)},
                      {"original", report.original},
                      {"rewritten", report.rewritten},
                      {"summary", report.summary},
                      {"rechecked", report.is_rechecked()},
                      {"refused", report.refused},
                      {"why_not", report.why_not},
                      {"families", std::move(families)}};
  return json::printed(whole);
}

}  // namespace untrack
