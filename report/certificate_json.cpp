#include "report/certificate_json.hpp"

#include <algorithm>

#include "report/packet_json.hpp"
#include "report/witness_json.hpp"

namespace untrack::json {
namespace {

// `json` gets what both rulesets say of the packet; of the rewritten one the decision alone.
void add_packet(Json& json, const CertifiedSides& said, const Witness& witness) {
  json["witness"] = packet_of(witness.packet, witness.original_state);
  json["rewritten_state"] = packet_of(witness.packet, witness.rewritten_state)["state"];
  json["where"] = conditions_of(said.variables, witness);
  add_unlikely(json, witness);
  json["before"] = decider_of(said.original, witness.before, witness.decided_before);
  json["after"] = {{"decision", to_text(witness.after)}};
}

// And the rule of the rewritten one.
void add_witness(Json& json, const CertifiedSides& said, const Witness& witness) {
  add_packet(json, said, witness);
  json["after"] = decider_of(said.rewritten, witness.after, witness.decided_after);
}

Json names_of(const std::vector<Assumption>& assumptions) {
  Json list = Json::array();
  for (const Assumption id : assumptions) list.push_back(row_of(id).name);
  return list;
}

// What the tools of this machine say; null: none was asked.
Json load_test_of(const std::optional<LoadTest>& test) {
  if (!test) return nullptr;
  Json answers = Json::array();
  for (const ToolAnswer& row : test->answers) {
    answers.push_back({{"tool", row.tool},
                       {"version", row.version},
                       {"answer", to_text(row.answer)},
                       {"message", row.message}});
  }
  return {{"answers", std::move(answers)}, {"why_not", test->why_not}};
}

// The list of outbound_profile; null without it.
Json outbound_of(const CertifiedSides& said, const Certificate& certificate) {
  if (!said.assumptions.outbound) return nullptr;
  const OutboundProfile& profile = *said.assumptions.outbound;
  Json flows = Json::array();
  for (std::size_t i = 0; i < profile.flows.size(); ++i) {
    const Span& span = profile.flows[i].span;
    const bool is_refused =
        std::ranges::find(certificate.refused_outbound, i) != certificate.refused_outbound.end();
    flows.push_back({{"line", profile.sources.locate(span).line},
                     {"text", profile.sources.text(span)},
                     {"counts", profile.flows[i].counts_for(certificate.version)},
                     {"refused", is_refused}});
  }
  return {{"path", profile.sources[SourceId{}].path()}, {"flows", std::move(flows)}};
}

}  // namespace

Json certificate_of(const CertifiedSides& said, const Certificate& certificate) {
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
    if (obligation.witness) add_witness(row, said, *obligation.witness);
    obligations.push_back(std::move(row));
  }
  Json exposure = Json::array();
  for (const Exposure& row : certificate.exposure) {
    Json causes = Json::array();
    for (const Decider& by : row.causes) causes.push_back(cause_of(said.rewritten, by));
    Json json = {{"kind", to_text(row.kind)},
                 {"direction", to_text(row.path)},
                 {"region", row.region},
                 {"caused_by", std::move(causes)},
                 {"caused_by_is_whole", row.knows_all_causes}};
    add_witness(json, said, row.witness);
    exposure.push_back(std::move(json));
  }
  return {{"mode", to_text(certificate.mode)},
          {"holds", holds(certificate)},
          {"assumptions", names_of(certificate.assumptions)},
          {"obligations", std::move(obligations)},
          {"exposure", std::move(exposure)},
          {"outbound", outbound_of(said, certificate)},
          {"lost_reject_answers", certificate.lost_reject_answers},
          {"changed_packets", certificate.changed_packets},
          {"tracked_before", certificate.tracked_before},
          {"tracked_after", certificate.tracked_after},
          {"load_test", load_test_of(certificate.load_test)}};
}

Json unmet_of(const CertifiedSides& said, const Certificate& certificate) {
  Json list = Json::array();
  for (const Obligation& obligation : certificate.obligations) {
    const bool is_unmet = obligation.proof == Proof::failed ||
                          (obligation.proof == Proof::not_checked && obligation.id != "O5");
    if (!is_unmet) continue;
    Json row = {{"id", obligation.id},
                {"name", obligation.name},
                {"status", to_text(obligation.proof)},
                {"explanation", obligation.explanation},
                {"witness", nullptr}};
    if (obligation.witness) add_packet(row, said, *obligation.witness);
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace untrack::json
