#include "report/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/check.hpp"
#include "analysis/ignores.hpp"
#include "report/formats/finding_place.hpp"
#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::Json;

constexpr std::string_view keys[] = {"host", "code", "path", "message", "fingerprint"};

}  // namespace

void Baseline::add(BaselineEntry entry) {
  by_print_.try_emplace({entry.host, entry.fingerprint}, entries_.size());
  entries_.push_back(std::move(entry));
}

std::vector<BaselineEntry> baseline_entries(const AuditReport& report) {
  const std::vector<std::string> prints = formats::fingerprints(report);
  std::vector<BaselineEntry> entries;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    if (!may_be_ignored(*finding.check)) continue;
    const Suppression* suppression = report.suppression_of(i);
    if (suppression != nullptr && suppression->kind != Suppression::Kind::baseline) continue;
    entries.push_back({report.host, std::string(finding.check->code),
                       formats::path_of(report.sources[finding.span.source].path()),
                       formats::valid_utf8(finding.message), prints[i]});
  }
  return entries;
}

void apply_baseline(const Baseline& baseline, AuditReport& report) {
  report.has_baseline = true;
  const std::vector<std::string> prints = formats::fingerprints(report);
  std::set<std::string_view> present;
  std::vector<Suppression> more;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    present.insert(prints[i]);
    if (may_be_ignored(*report.findings[i].check) && report.suppression_of(i) == nullptr &&
        baseline.has(report.host, prints[i])) {
      more.push_back({i, Suppression::Kind::baseline, {}, std::nullopt});
    }
  }
  report.suppressions.insert(report.suppressions.end(), more.begin(), more.end());
  std::ranges::sort(report.suppressions, {}, &Suppression::finding);
  std::set<std::string> paths;
  for (std::size_t i = 0; i < report.sources.size(); ++i) {
    paths.insert(formats::path_of(report.sources[SourceId(static_cast<std::uint32_t>(i))].path()));
  }
  for (const BaselineEntry& entry : baseline.entries()) {
    if (entry.host == report.host && paths.contains(entry.path) &&
        !present.contains(entry.fingerprint)) {
      report.gone.push_back(entry);
    }
  }
}

std::string write_baseline_json(const std::vector<BaselineEntry>& entries) {
  Json findings = Json::array();
  for (const BaselineEntry& entry : entries) {
    findings.push_back({{"host", entry.host},
                        {"code", entry.code},
                        {"path", entry.path},
                        {"message", entry.message},
                        {"fingerprint", entry.fingerprint}});
  }
  return json::printed(
      {{"schema_version", 1}, {"tool", {{"name", "untrack"}}}, {"baseline", std::move(findings)}});
}

std::optional<Baseline> read_baseline_json(std::string_view text, std::string& why) {
  const Json whole = Json::parse(text, nullptr, false);
  if (whole.is_discarded() || !whole.is_object()) {
    why = "no JSON object; --write-baseline writes one";
    return std::nullopt;
  }
  if (!whole.contains("baseline") || !whole["baseline"].is_array()) {
    why = "no baseline; --write-baseline writes one";
    return std::nullopt;
  }
  if (!whole.contains("schema_version") || whole["schema_version"] != 1) {
    why = "a baseline of another version than 1; --write-baseline writes it again";
    return std::nullopt;
  }
  Baseline baseline;
  for (const Json& entry : whole["baseline"]) {
    std::map<std::string_view, std::string> texts;
    for (const std::string_view key : keys) {
      const std::string name(key);
      if (!entry.is_object() || !entry.contains(name) || !entry[name].is_string()) {
        why = fmt::format("entry {} of the baseline has no text \"{}\"",
                          baseline.entries().size() + 1, key);
        return std::nullopt;
      }
      texts[key] = entry[name].get<std::string>();
    }
    baseline.add(
        {texts["host"], texts["code"], texts["path"], texts["message"], texts["fingerprint"]});
  }
  return baseline;
}

}  // namespace untrack
