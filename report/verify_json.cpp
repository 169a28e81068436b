#include "report/verify_json.hpp"

#include "report/packet_json.hpp"
#include "report/witness_json.hpp"

namespace untrack {
namespace {

using json::Json;

// `json` gets what both rulesets say of the packet.
void add_witness(Json& json, const VerifyReport& report, const Witness& witness) {
  json["witness"] = json::packet_of(witness.packet, witness.original_state);
  json["rewritten_state"] = json::packet_of(witness.packet, witness.rewritten_state)["state"];
  json["where"] = json::conditions_of(*report.variables, witness);
  json["before"] = json::decider_of(report.original, witness.before, witness.decided_before);
  json["after"] = json::decider_of(report.rewritten, witness.after, witness.decided_after);
}

Json names_of(const std::vector<Assumption>& assumptions) {
  Json list = Json::array();
  for (const Assumption id : assumptions) list.push_back(row_of(id).name);
  return list;
}

Json certificate_of(const VerifyReport& report, const Certificate& certificate) {
  Json obligations = Json::array();
  for (const Obligation& obligation : certificate.obligations) {
    Json row = {{"id", obligation.id},
                {"name", obligation.name},
                {"status", to_text(obligation.proof)},
                {"assumptions", obligation.proof == Proof::proven_under_assumptions
                                    ? names_of(certificate.assumptions)
                                    : Json::array()},
                {"explanation", obligation.explanation},
                {"witness", nullptr}};
    if (obligation.witness) add_witness(row, report, *obligation.witness);
    obligations.push_back(std::move(row));
  }
  Json exposure = Json::array();
  for (const Exposure& row : certificate.exposure) {
    Json causes = Json::array();
    for (const Decider& by : row.causes) causes.push_back(json::cause_of(report.rewritten, by));
    Json json = {{"kind", to_text(row.kind)},
                 {"direction", to_text(row.path)},
                 {"region", row.region},
                 {"caused_by", std::move(causes)},
                 {"caused_by_is_whole", row.knows_all_causes}};
    add_witness(json, report, row.witness);
    exposure.push_back(std::move(json));
  }
  return {{"mode", to_text(certificate.mode)},
          {"holds", holds(certificate)},
          {"assumptions", names_of(certificate.assumptions)},
          {"obligations", std::move(obligations)},
          {"exposure", std::move(exposure)},
          {"tracked_before", certificate.tracked_before},
          {"tracked_after", certificate.tracked_after}};
}

}  // namespace

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
  Json certificate = Json::object();
  for (const Certificate& one : report.certificates) {
    certificate[std::string(to_text(one.version))] = certificate_of(report, one);
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
