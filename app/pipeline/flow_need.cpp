#include "app/pipeline/flow_need.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/check.hpp"
#include "rewriter/notrack/candidates.hpp"

namespace untrack {
namespace {

constexpr std::string_view forcing_code = "UT301";

// The worst of all families that the finding is about; none if one of them does not know.
std::optional<Need> need_of(const AuditReport& report, const Finding& finding) {
  const RuleId rule = report.ruleset[finding.construct].rule;
  std::optional<Need> worst;
  IpVersions known;
  for (const FlowTable& table : report.flows) {
    if (!finding.ip_versions.has(table.version)) continue;
    if (rule.index() >= table.need_of_rule.size()) return std::nullopt;
    const std::optional<Need>& need = table.need_of_rule[rule.index()];
    if (!need) return std::nullopt;
    known = known | table.version;
    if (!worst || *need > *worst) worst = need;
  }
  if (known != finding.ip_versions) return std::nullopt;
  return worst;
}

bool is_state_match(const Ruleset& ruleset, ConstructId id) {
  const Rule& rule = ruleset[ruleset[id].rule];
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [&](const RulePart& part) {
    const auto* match = std::get_if<Match>(&part.what);
    return part.construct == id && match != nullptr && std::holds_alternative<StateTest>(*match);
  });
}

struct Counts {
  std::size_t priced = 0;
  std::size_t all = 0;
};

Counts count_rows(const AuditReport& report) {
  Counts counts;
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) {
      ++counts.all;
      counts.priced += row.need == Need::priced ? 1U : 0U;
    }
  }
  return counts;
}

std::string place_of(const AuditReport& report, const Span& span) {
  return fmt::format("{}:{}", report.sources[span.source].path(), report.sources.locate(span).line);
}

// "-j MASQUERADE (rules.v4:12)": what cannot work without entries, each kind once.
std::vector<std::string> list_bound(const AuditReport& report) {
  std::vector<std::string> names;
  std::vector<std::string> texts;
  for (const FamilyVerdict& family : report.families) {
    for (const std::string& name : family.bound) {
      if (std::ranges::find(names, name) != names.end()) continue;
      names.push_back(name);
      for (const std::size_t index : family.forced_by) {
        const Finding& finding = report.findings[index];
        if (finding.need != Need::bound || !finding.construct_name.starts_with(name)) continue;
        texts.push_back(fmt::format("{} ({})", name, place_of(report, finding.span)));
        break;
      }
    }
  }
  if (!texts.empty()) return texts;
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) {
      if (!row.bound_by.names_something()) continue;
      const Construct& construct = report.ruleset[row.bound_by];
      return {fmt::format("{} ({})", display_name(construct), place_of(report, construct.span))};
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& texts) {
  constexpr std::size_t shown = 3;
  std::string text;
  for (std::size_t i = 0; i < texts.size() && i < shown; ++i) {
    if (i > 0) text += ", ";
    text += texts[i];
  }
  if (texts.size() > shown) text += fmt::format(" and {} more", texts.size() - shown);
  return text;
}

}  // namespace

void add_needs(AuditReport& report) {
  for (Finding& finding : report.findings) {
    if (finding.check->code != forcing_code || finding.need) continue;
    if (!finding.construct.names_something()) continue;
    if (is_state_match(report.ruleset, finding.construct)) finding.need = need_of(report, finding);
  }
}

void add_left(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions,
              FlowTable& table) {
  const bool has_free =
      std::ranges::find(table.rows, Need::free, &FlowRow::need) != table.rows.end();
  if (!has_free || family.world() == nullptr) return;
  family.world()->diagram().allow(FamilyWorld::usual_limits);
  auto left = within_budget([&] { return why_left(family, sources, assumptions); });
  if (!left || left->size() != table.rows.size()) return;
  for (std::size_t i = 0; i < left->size(); ++i) table.rows[i].left = std::move((*left)[i]);
  table.knows_what_is_left = true;
}

std::string need_sentence(const AuditReport& report) {
  if (std::ranges::none_of(report.families, [](const FamilyVerdict& family) {
        return family.state == TrackingState::forced;
      })) {
    return {};
  }
  const std::vector<std::string> bound = list_bound(report);
  if (!bound.empty()) return fmt::format(" This host needs it for {}.", joined(bound));
  for (const FlowTable& table : report.flows) {
    if (!table.not_known.empty()) {
      return fmt::format(" Whether this host needs it is not known: {}.", table.not_known);
    }
    if (!table.incomplete.empty()) {
      return fmt::format(" Whether this host needs it is not known: {}.", table.incomplete);
    }
  }
  const Counts counts = count_rows(report);
  if (counts.all == 0) return " It permits no flow that would need it.";
  if (counts.priced > 0) {
    return fmt::format(
        " This host can do without it at a price: {} of {} flow class{} would be less protected.",
        counts.priced, counts.all, counts.all == 1 ? "" : "es");
  }
  if (counts.all == 1) return " This host does not need it: its flow class is free to untrack.";
  if (counts.all == 2) return " This host does not need it: both flow classes are free to untrack.";
  return fmt::format(" This host does not need it: all {} flow classes are free to untrack.",
                     counts.all);
}

}  // namespace untrack
