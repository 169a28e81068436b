#include "report/diff_json.hpp"

#include "report/packet_json.hpp"
#include "report/witness_json.hpp"
#include "report/witness_text.hpp"

namespace untrack {
namespace {

using json::Json;

Json states_of(const std::vector<CtState>& states) {
  Json list = Json::array();
  for (const CtState state : states) {
    std::string word(to_text(state));
    for (char& c : word) c = static_cast<char>(c - 'A' + 'a');
    list.push_back(word);
  }
  return list;
}

Json change_of(const DiffReport& report, IpVersion version, const Change& change) {
  Json json = {{"family", to_text(version)},
               {"path", to_text(change.path)},
               {"state", states_of(change.states)},
               {"change", to_text(change.kind)},
               {"region", change.region},
               {"region_is_whole", change.is_whole},
               {"witness", json::packet_of(change.witness.packet, change.witness.original_state)},
               {"where", json::conditions_of(*report.variables, change.witness)},
               {"before", json::decider_of(report.before, change.witness.before,
                                           change.witness.decided_before)},
               {"after", json::decider_of(report.after, change.witness.after,
                                          change.witness.decided_after)}};
  json::add_unlikely(json, change.witness);
  const std::string condition = here_text(report.before, report.after, change.witness);
  if (!condition.empty()) json["only_if"] = condition;
  return json;
}

std::string_view compared_of(const std::optional<Difference>& difference) {
  if (!difference) return "no";
  return difference->is_complete && difference->is_work_compared ? "all" : "part";
}

Json number_of(const std::optional<double>& value) {
  if (!value) return nullptr;
  const auto whole = static_cast<std::uint64_t>(*value);
  if (static_cast<double>(whole) == *value) return whole;
  return *value;
}

Json pressure_of(const DiffReport& report) {
  Json entries = Json::array();
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const EntryChange& change : family.difference->entries) {
      entries.push_back({{"family", to_text(family.version)},
                         {"path", to_text(change.path)},
                         {"change", change.is_made_now ? "made" : "not_made"},
                         {"region", change.region},
                         {"region_is_whole", change.is_whole}});
    }
  }
  Json values = Json::array();
  for (const TableChange& change : report.pressure.changes) {
    values.push_back({{"name", change.name},
                      {"unit", to_text(change.unit)},
                      {"old", number_of(change.before)},
                      {"new", number_of(change.after)},
                      {"why", change.why}});
  }
  return {{"table_used",
           {{"old", report.pressure.is_used_before}, {"new", report.pressure.is_used_after}}},
          {"settings_compared", report.pressure.has_settings},
          {"entries", std::move(entries)},
          {"values", std::move(values)},
          {"notes", report.pressure.notes}};
}

}  // namespace

std::string write_diff_json(const DiffReport& report, std::string_view tool_version) {
  Json tracking = Json::object();
  Json untracked = Json::array();
  Json decisions = Json::array();
  Json compared = Json::object();
  for (const FamilyDifference& family : report.families) {
    const std::string name(to_text(family.version));
    tracking[name] = {{"old", to_text(family.before)}, {"new", to_text(family.after)}};
    compared[name] = compared_of(family.difference);
    if (!family.difference) continue;
    for (const Change& change : family.difference->changes) {
      decisions.push_back(change_of(report, family.version, change));
    }
    for (const TrackingChange& change : family.difference->tracking) {
      untracked.push_back({{"family", name},
                           {"path", to_text(change.path)},
                           {"change", change.is_untracked_now ? "untracked" : "tracked"},
                           {"region", change.region}});
    }
  }
  Json work = Json::array();
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) continue;
    for (const WorkChange& change : family.difference->work) {
      work.push_back({{"family", to_text(family.version)},
                      {"path", to_text(change.path)},
                      {"what", change.what},
                      {"packet", json::packet_of(change.packet, change.packet.state)}});
    }
  }
  Json constructs = {{"added", Json::array()}, {"removed", Json::array()}};
  for (const ConstructChange& change : report.constructs) {
    const ComparedSide& side = change.is_added ? report.after : report.before;
    constructs[change.is_added ? "added" : "removed"].push_back(
        {{"construct", change.text},
         {"location", json::location_of(*side.sources, change.span)},
         {"families", json::families_of(change.ip_versions)}});
  }
  Json not_understood = Json::array();
  Json sources = Json::array();
  for (const ComparedSide* side : {&report.before, &report.after}) {
    json::add_not_understood(not_understood, *side->sources, side->ruleset.problems);
    for (Json& source : json::sources_of(*side->sources, side->ruleset)) {
      source["side"] = side == &report.before ? "old" : "new";
      sources.push_back(std::move(source));
    }
  }
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "diff"},
                      {"sources", std::move(sources)},
                      {"summary", report.summary},
                      {"equivalent", report.is_equivalent()},
                      {"compared", std::move(compared)},
                      {"tracking", std::move(tracking)},
                      {"decisions", std::move(decisions)},
                      {"untracked", std::move(untracked)},
                      {"work", std::move(work)},
                      {"constructs", std::move(constructs)},
                      {"pressure", pressure_of(report)},
                      {"not_understood", std::move(not_understood)}};
  return json::printed(whole);
}

}  // namespace untrack
