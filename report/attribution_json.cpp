#include "report/attribution_json.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "model/address_text.hpp"
#include "report/attribution_text.hpp"

namespace untrack::json {
namespace {

Json count_of(const EntryCount& count) {
  return {{"entries", count.entries},
          {"assured", count.assured},
          {"unreplied", count.unreplied},
          {"half_open", count.half_open}};
}

Json admitting_of(const Admitting& by, const Ruleset& ruleset, const Sources& sources) {
  Json location = nullptr;
  Json policy = nullptr;
  if (by.rule.names_something()) {
    location = location_of(sources, span_of(by, ruleset));
  } else if (by.chain.names_something()) {
    policy = ruleset[by.chain].name;
  }
  return {{"path", to_text(by.path)}, {"location", location}, {"policy", policy}};
}

}  // namespace

void add_attribution(Json& report, const Attribution& attribution, const Ruleset& ruleset,
                     const Sources& sources, unsigned entry_bytes) {
  Json& shares = report["shares"] = Json::array();
  for (const Share& share : attribution.shares) {
    Json by = Json::array();
    for (const Admitting& each : share.by) by.push_back(admitting_of(each, ruleset, sources));
    Json row = {{"family", to_text(share.version)}, {"admitted_by", std::move(by)}};
    row.update(count_of(share.count));
    const double part =
        static_cast<double>(share.count.entries) / static_cast<double>(attribution.all.entries);
    row["share"] = std::strtod(fmt::format("{:.6g}", part).c_str(), nullptr);
    row["unless_refused"] = share.unless_refused;
    row["need"] = share.need ? Json(to_text(*share.need)) : Json(nullptr);
    row["bytes"] = share.count.entries * entry_bytes;
    shares.push_back(std::move(row));
  }
  Json top_sources = Json::array();
  for (const TopSource& each : attribution.sources) {
    top_sources.push_back(
        {{"address", address_text(each.address, each.version)}, {"entries", each.entries}});
  }
  Json services = Json::array();
  for (const TopService& each : attribution.services) {
    services.push_back(
        {{"protocol", each.protocol}, {"port", each.port}, {"entries", each.entries}});
  }
  report["entries"] = {
      {"all", count_of(attribution.all)},           {"refused", count_of(attribution.refused)},
      {"not_known", count_of(attribution.unknown)}, {"not_judged", count_of(attribution.unjudged)},
      {"free", free_entries(attribution)},          {"top_sources", std::move(top_sources)},
      {"top_services", std::move(services)}};
}

}  // namespace untrack::json
