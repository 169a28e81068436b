// What the JSON reports of all commands have in common: locations, families, sources, what was not
// understood. Included only by sources of report/ that write or read JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "model/snapshot.hpp"
#include "model/source_text.hpp"
#include "report/managers.hpp"

namespace untrack::json {

using Json = nlohmann::ordered_json;

[[nodiscard]] inline Json location_of(const Sources& sources, const Span& span) {
  const Location location = sources.locate(span);
  return {{"path", sources[span.source].path()},
          {"line", location.line},
          {"column", location.column},
          {"end_line", location.end_line},
          {"end_column", location.end_column}};
}

[[nodiscard]] inline Json families_of(IpVersions versions) {
  Json families = Json::array();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (versions.has(version)) families.push_back(to_text(version));
  }
  return families;
}

[[nodiscard]] inline Json sources_of(const Sources& sources, const Ruleset& ruleset) {
  Json list = Json::array();
  for (const InputSummary& input : ruleset.inputs) {
    Json included = Json::array();
    for (const SourceId file : input.included) included.push_back(sources[file].path());
    list.push_back({{"path", sources[input.source].path()},
                    {"included", std::move(included)},
                    {"format", input.format},
                    {"rules", input.rules},
                    {"families", families_of(input.ip_versions)}});
  }
  return list;
}

[[nodiscard]] inline Json users_of(const std::vector<ConntrackUser>& users) {
  Json list = Json::array();
  for (const ConntrackUser& user : users) {
    list.push_back(
        {{"what", user.what}, {"state", to_text(user.state)}, {"details", user.details}});
  }
  return list;
}

// Where a change lasts: the programs behind the rules (report/managers.hpp).
[[nodiscard]] inline Json managers_json(const Sources& sources, const Ruleset& ruleset,
                                        ManagedChange change) {
  Json list = Json::array();
  for (const Loader& each : managers_of(sources, ruleset)) {
    list.push_back(
        {{"id", each.row->id},
         {"who", each.row->who},
         {"seen", each.seen},
         {"location", each.span.empty() ? Json(nullptr) : location_of(sources, each.span)},
         {"loads", each.row->reloads},
         {"for_it_to_last", lasts_words(each, change)},
         {"publishes_ports", each.row->publishes_ports}});
  }
  return list;
}

// Notes are no problems of understanding.
inline void add_not_understood(Json& list, const Sources& sources,
                               const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    if (problem.kind == ProblemKind::note) continue;
    list.push_back({{"location", location_of(sources, problem.span)},
                    {"text", sources.text(problem.span)},
                    {"why", problem.message},
                    {"may_track", problem.may_track}});
  }
}

// The same without the newline, to stand `levels` deep in a document that is put together as text.
[[nodiscard]] inline std::string printed_inside(const Json& json, std::size_t levels) {
  const std::string text = json.dump(2, ' ', true, Json::error_handler_t::replace);
  const std::string indent(2 * levels, ' ');
  std::string inside;
  inside.reserve(text.size() + text.size() / 4);
  // In JSON no text holds a newline.
  for (const char c : text) {
    inside += c;
    if (c == '\n') inside += indent;
  }
  return inside;
}

// An array of texts that printed_inside() made for one level deeper than its own.
[[nodiscard]] inline std::string array_of(const std::vector<std::string_view>& entries,
                                          std::size_t levels) {
  if (entries.empty()) return "[]";
  const std::string indent(2 * levels, ' ');
  std::string text = "[";
  for (const std::string_view entry : entries) {
    if (text.size() > 1) text += ',';
    text += "\n  " + indent;
    text += entry;
  }
  return text + "\n" + indent + "]";
}

// ASCII only; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] inline std::string printed(const Json& json) {
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace untrack::json
