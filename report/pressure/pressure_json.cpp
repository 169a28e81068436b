#include "report/pressure/pressure_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "report/attribution_json.hpp"
#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;
using json::location_of;

Json whole(double value) { return static_cast<std::uint64_t>(std::llround(value)); }

// Through text, since rounding by arithmetic leaves a rest that differs between machines.
Json rounded(double value) { return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr); }

Json not_understood_of(const PressureReport& report) {
  Json places = Json::array();
  const auto add = [&](const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
      if (problem.kind == ProblemKind::note) continue;
      places.push_back({{"location", location_of(report.sources, problem.span)},
                        {"text", report.sources.text(problem.span)},
                        {"why", problem.message}});
    }
  };
  add(report.problems);
  if (report.ruleset) add(report.ruleset->problems);
  return places;
}

Json input_of(std::string_view name, Json value, const Source& source) {
  return {{"name", name},
          {"value", std::move(value)},
          {"origin", to_text(source.origin)},
          {"source", source.text}};
}

Json inputs_of(const Pressure& pressure) {
  Json inputs = Json::array();
  inputs.push_back(input_of("kernel", to_text(pressure.platform.kernel), pressure.kernel_source));
  inputs.push_back(
      input_of("pointer_bits", pressure.platform.pointer_bits,
               {pressure.platform.pointer_bits == 64 ? Origin::estimated : Origin::given,
                pressure.platform.pointer_bits == 64 ? "64 unless --bits 32" : "--bits"}));
  if (pressure.ram) {
    inputs.push_back(input_of("ram_bytes", pressure.ram->value, pressure.ram->source));
  }
  inputs.push_back(input_of("max", pressure.max.value, pressure.max.source));
  inputs.push_back(input_of("buckets", pressure.buckets.value, pressure.buckets.source));
  if (pressure.count) {
    inputs.push_back(input_of("count", pressure.count->value, pressure.count->source));
  }
  inputs.push_back(
      input_of("entry_bytes", pressure.entry_bytes_plain.value, pressure.entry_bytes_plain.source));
  inputs.push_back(input_of("entry_bytes_with_extension", pressure.entry_bytes_extended.value,
                            pressure.entry_bytes_extended.source));
  inputs.push_back(
      input_of("extension_used", pressure.extension.is_used(), pressure.extension.source));
  inputs.push_back(
      input_of("extension_of", to_text(pressure.extension.of), pressure.extension.source));
  for (std::size_t i = 0; i < timeout_count; ++i) {
    inputs.push_back(input_of(row_of(static_cast<Timeout>(i)).name, pressure.timeouts[i].value,
                              pressure.timeouts[i].source));
  }
  return inputs;
}

Json table_of(const Pressure& pressure) {
  Json entries = nullptr;
  Json occupancy = nullptr;
  Json mean = nullptr;
  Json deeper = nullptr;
  Json bytes = nullptr;
  const auto max = static_cast<double>(pressure.max.value);
  if (pressure.entries_from != EntriesFrom::nothing) {
    entries = whole(pressure.entries);
    occupancy = rounded(pressure.occupancy());
    mean = rounded(pressure.mean_now);
    deeper = rounded(share_deeper_than(pressure.mean_now, 8));
    bytes = whole(std::min(pressure.entries, max) * pressure.entry_bytes());
  }
  Json cap = nullptr;
  if (const ChainCapRow* row = chain_cap(pressure.platform.kernel)) {
    cap = {{"least", row->least},
           {"most", row->most},
           {"share_refused_when_full", rounded(share_refused(pressure.mean_full, *row))}};
  }
  return {{"max", pressure.max.value},
          {"buckets", pressure.buckets.value},
          {"entries", std::move(entries)},
          {"occupancy", std::move(occupancy)},
          {"mean_depth", std::move(mean)},
          {"share_deeper_than_8", std::move(deeper)},
          {"bytes_table", whole(pressure.table_bytes())},
          {"bytes_entries", std::move(bytes)},
          {"entries_not_assured", pressure.entries_from == EntriesFrom::loads
                                      ? whole(pressure.evictable_entries)
                                      : Json(nullptr)},
          {"entries_expired_at_most", whole(pressure.late_entries)},
          {"entries_expired_seen", pressure.expired},
          {"mean_depth_when_full", rounded(pressure.mean_full)},
          {"share_deeper_than_8_when_full", rounded(share_deeper_than(pressure.mean_full, 8))},
          {"bytes_entries_when_full", whole(max * pressure.entry_bytes())},
          {"chain_limit", std::move(cap)}};
}

std::string_view outcome_text(FloodOutcome outcome) {
  switch (outcome) {
    case FloodOutcome::fills:
      return "fills";
    case FloodOutcome::may_fill:
      return "may_fill";
    case FloodOutcome::never:
      return "never";
  }
  return {};
}

Json scenarios_of(const PressureReport& report) {
  const Pressure& pressure = *report.pressure;
  Json scenarios = Json::array();
  const auto free = std::max(0.0, static_cast<double>(pressure.max.value) - pressure.entries);
  for (const LoadEntries& load : pressure.loads) {
    scenarios.push_back({{"name", load.load.protocol},
                         {"kind", "load"},
                         {"rate", rounded(load.load.rate)},
                         {"lifetime", rounded(load.seconds)},
                         {"entries", whole(load.entries)},
                         {"seconds_to_full", nullptr},
                         {"timeout", row_of(load.ending->timeout).name},
                         {"assured", load.ending->is_assured},
                         {"location", location_of(report.sources, load.load.span)}});
  }
  if (!pressure.loads.empty()) {
    scenarios.push_back(
        {{"name", "load_again"},
         {"kind", "load"},
         {"rate", rounded(pressure.total_rate)},
         {"lifetime", nullptr},
         {"entries", whole(2 * pressure.entries)},
         {"seconds_to_full",
          free < pressure.entries ? rounded(free / pressure.total_rate) : Json(nullptr)}});
  }
  for (const FloodResult& flood : pressure.floods) {
    scenarios.push_back(
        {{"name", flood.row->name},
         {"kind", "flood"},
         {"rate", rounded(flood.rate)},
         {"lifetime", of(pressure.timeouts, flood.row->timeout).value},
         {"entries", whole(flood.entries)},
         {"seconds_to_full",
          flood.outcome == FloodOutcome::fills ? rounded(flood.seconds) : Json(nullptr)},
         {"timeout", row_of(flood.row->timeout).name},
         {"assured", flood.row->is_assured},
         {"outcome", outcome_text(flood.outcome)}});
  }
  return scenarios;
}

Json timeouts_of(const Pressure& pressure) {
  Json effects = Json::array();
  for (const TimeoutEffect& effect : pressure.timeout_effects) {
    effects.push_back({{"setting", row_of(effect.lowering->timeout).name},
                       {"seconds", effect.seconds},
                       {"bears_per_second", rounded(effect.bears)},
                       {"entries", whole(effect.entries)},
                       {"lower_seconds", effect.lowering->seconds},
                       {"saves_entries", whole(effect.saves)},
                       {"price", effect.lowering->price},
                       {"evidence", effect.lowering->evidence}});
  }
  return effects;
}

Json advice_of(const Advice& advice) {
  Json items = Json::array();
  for (const AdviceItem& item : advice.items) {
    Json write = Json::array();
    for (const WriteLine& line : item.write) {
      write.push_back({{"path", line.path}, {"line", line.line}});
    }
    items.push_back({{"setting", item.setting},
                     {"value", item.value},
                     {"why", item.why},
                     {"write", std::move(write)}});
  }
  return items;
}

Json choices_of(const Advice& advice) {
  Json choices = Json::array();
  for (const DepthChoice& choice : advice.choices) {
    choices.push_back({{"entries_per_bucket", choice.depth},
                       {"max", advice.max},
                       {"buckets", choice.buckets},
                       {"bytes_table", choice.bucket_bytes},
                       {"bytes_full", choice.full_bytes},
                       {"mean_depth_when_full", rounded(choice.mean)},
                       {"share_deeper_than_8_when_full", rounded(choice.deeper_than_8)},
                       {"chosen", choice.depth == advice.depth}});
  }
  return choices;
}

Json counters_of(const Pressure& pressure) {
  if (!pressure.statistics) return nullptr;
  Json counters = Json::array();
  for (const TableStatistics::Counter& counter : pressure.statistics->counters) {
    if (counter.value == 0) continue;
    const CounterRow* row = counter_row(counter.column, pressure.platform.kernel);
    const auto text = [&](auto field) {
      return row == nullptr ? Json(nullptr) : Json(row->*field);
    };
    counters.push_back({{"name", row == nullptr ? std::string_view(counter.column) : row->name},
                        {"column", counter.column},
                        {"value", counter.value},
                        {"loss", row != nullptr && row->is_loss},
                        {"meaning", text(&CounterRow::meaning)},
                        {"what_to_do", text(&CounterRow::advice)},
                        {"evidence", text(&CounterRow::evidence)}});
  }
  return {{"origin", to_text(pressure.statistics->source.origin)},
          {"source", pressure.statistics->source.text},
          {"counters", std::move(counters)}};
}

Json watch_of(const Pressure& pressure) {
  if (!pressure.watched) return nullptr;
  const Watched& watched = *pressure.watched;
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  const auto rate = [&](const std::optional<std::uint64_t>& value) {
    return value ? rounded(watched.per_second(*value)) : Json(nullptr);
  };
  const auto real = [](const std::optional<double>& value) {
    return value ? rounded(*value) : Json(nullptr);
  };
  Json counters = Json::array();
  for (const Watched::Growth& growth : watched.counters) {
    const CounterRow* row = counter_row(growth.column, pressure.platform.kernel);
    if (growth.more == 0 && (row == nullptr || !row->is_loss)) continue;
    counters.push_back({{"name", row == nullptr ? std::string_view(growth.column) : row->name},
                        {"column", growth.column},
                        {"more", growth.more},
                        {"per_second", rounded(watched.per_second(growth.more))},
                        {"loss", row != nullptr && row->is_loss}});
  }
  return {{"origin", to_text(Origin::measured)},
          {"seconds", rounded(watched.seconds)},
          {"count_before", number(watched.count_before)},
          {"count_after", number(watched.count_after)},
          {"growth_per_second", real(watched.growth())},
          {"seconds_to_full", real(watched.seconds_to_full(pressure.max.value))},
          {"made_at_least", number(watched.made)},
          {"made_per_second", rate(watched.made)},
          {"gone_at_least", number(watched.gone)},
          {"gone_per_second", rate(watched.gone)},
          {"counters", std::move(counters)},
          {"not_read", watched.not_read}};
}

Json tracking_of(const Pressure& pressure) {
  if (!pressure.tracking) return nullptr;
  Json tracking = Json::object();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!pressure.rules_given.has(version)) continue;
    const FamilyTracking& family = (*pressure.tracking)[version];
    tracking[std::string(to_text(version))] = {{"tracking", to_text(family.state)},
                                               {"constructs", family.forced_by.size()},
                                               {"why", family.why}};
  }
  return tracking;
}

// Of every state that any entry is in, not of those alone that have a lower example.
Json by_timeout_of(const Pressure& pressure) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < timeout_count; ++i) {
    if (pressure.by_timeout->entries[i] == 0) continue;
    rows.push_back({{"setting", row_of(static_cast<Timeout>(i)).name},
                    {"seconds", pressure.timeouts[i].value},
                    {"entries", pressure.by_timeout->entries[i]}});
  }
  return rows;
}

}  // namespace

std::string write_pressure_json(const PressureReport& report, std::string_view tool_version) {
  Json whole_report = {
      {"schema_version", 1},
      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
      {"command", "pressure"},
      {"sources",
       report.ruleset ? json::sources_of(report.sources, *report.ruleset) : Json::array()},
      {"not_understood", not_understood_of(report)},
      {"notes", report.notes},
      {"missing", report.missing}};
  if (report.pressure) {
    const Pressure& pressure = *report.pressure;
    Json findings = Json::array();
    for (const PressureFinding& finding : pressure.findings) {
      findings.push_back({{"name", finding.row->name},
                          {"severity", to_text(finding.row->severity)},
                          {"message", finding.message}});
    }
    whole_report["inputs"] = inputs_of(pressure);
    whole_report["table"] = table_of(pressure);
    whole_report["scenarios"] = scenarios_of(report);
    whole_report["timeouts"] = timeouts_of(pressure);
    whole_report["advice"] = advice_of(pressure.advice);
    whole_report["depth_choices"] = choices_of(pressure.advice);
    whole_report["findings"] = std::move(findings);
    whole_report["tracking"] = tracking_of(pressure);
    whole_report["dead"] = pressure.is_dead();
    whole_report["no_table"] = pressure.has_no_table;
    whole_report["other_users"] = pressure.users ? json::users_of(*pressure.users) : Json(nullptr);
    whole_report["statistics"] = counters_of(pressure);
    whole_report["watch"] = watch_of(pressure);
    if (report.attribution) {
      json::add_attribution(whole_report, *report.attribution, *report.ruleset, report.sources,
                            pressure.entry_bytes());
      // Of the table; else they are of what was listed, which is too little of it.
      whole_report["entries"]["shares_known"] = !pressure.listed_of_more;
      if (pressure.by_timeout) whole_report["entries"]["by_timeout"] = by_timeout_of(pressure);
    }
  }
  return whole_report.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace untrack
