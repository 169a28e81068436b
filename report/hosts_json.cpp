#include "report/hosts_json.hpp"

#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

Json tracking_of(const HostRow& row) {
  Json tracking = Json::object();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const auto& state = row.tracking[static_cast<std::size_t>(version)];
    if (state) tracking[std::string(to_text(version))] = to_text(*state);
  }
  return tracking;
}

Json row_of(const HostRow& row) {
  Json whole = {{"host", row.name},
                {"is_readable", row.is_readable},
                {"is_fully_understood", row.is_fully_understood},
                {"tracking", tracking_of(row)},
                {"errors", row.count(Severity::error)},
                {"warnings", row.count(Severity::warning)},
                {"notes", row.count(Severity::note)},
                {"suppressed", row.suppressed},
                {"flows",
                 {{"free", row.count(Need::free)},
                  {"priced", row.count(Need::priced)},
                  {"bound", row.count(Need::bound)},
                  {"are_all", row.has_all_flows}}}};
  if (!row.packets.empty()) whole["packets"] = row.packets;
  return whole;
}

}  // namespace

std::string write_hosts_json(const HostsSummary& summary,
                             const std::vector<std::string_view>& hosts,
                             std::string_view tool_version) {
  Json rows = Json::array();
  for (const HostRow& row : summary.rows) rows.push_back(row_of(row));
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "audit"},
                      {"summary", sentence_of(summary)},
                      {"table", std::move(rows)},
                      {"skipped", summary.skipped},
                      {"since", summary.since.empty() ? Json(nullptr) : Json(summary.since)},
                      {"unchanged", summary.unchanged},
                      {"gone", summary.gone},
                      {"hosts", Json::array()}};
  // No text in JSON holds a newline, so that this is found once.
  constexpr std::string_view empty = "\n  \"hosts\": []";
  std::string text = json::printed(whole);
  text.replace(text.rfind(empty), empty.size(), "\n  \"hosts\": " + json::array_of(hosts, 1));
  return text;
}

}  // namespace untrack
