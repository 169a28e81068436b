#include "report/verify_json.hpp"

#include "report/certificate_json.hpp"

namespace untrack {

using json::Json;

std::string write_verify_json(const VerifyReport& report, std::string_view tool_version) {
  Json not_understood = Json::array();
  Json sources = Json::array();
  for (const ComparedSide* side : {&report.original, &report.rewritten}) {
    json::add_not_understood(not_understood, *side->sources, side->ruleset.problems);
    for (Json& source : json::sources_of(*side->sources, side->ruleset)) {
      source["side"] = side == &report.original ? "original" : "rewritten";
      sources.push_back(std::move(source));
    }
  }
  const CertifiedSides said{report.original, report.rewritten, *report.variables,
                            report.assumptions};
  Json certificate = Json::object();
  for (const Certificate& one : report.certificates) {
    certificate[std::string(to_text(one.version))] = json::certificate_of(said, one);
  }
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "verify"},
                      {"sources", std::move(sources)},
                      {"summary", report.summary},
                      {"proven", report.is_proven()},
                      {"certificate", std::move(certificate)},
                      {"not_understood", std::move(not_understood)}};
  return json::printed(whole);
}

}  // namespace untrack
