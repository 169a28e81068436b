#include "rewriter/notrack/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace untrack {
namespace {

struct AskedFlows {
  RuleId rule;
  ConstructId construct;
  Ref flows;
};

// A rate of what is only written down decides nothing.
bool is_rate_of_log(const Ruleset& ruleset, const Rule& rule, ConstructId asked) {
  if (ruleset[asked].extension->name != "limit") return false;
  return std::ranges::any_of(slice(ruleset.constructs, rule.constructs),
                             [](const Construct& construct) {
                               return construct.extension != nullptr &&
                                      construct.extension->role == catalog::Role::observe;
                             });
}

std::optional<ConstructId> history_in(const Ruleset& ruleset, const Rule& rule) {
  for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
    const ConstructId id(rule.constructs.first + i);
    const auto* extension = ruleset[id].extension;
    if (extension != nullptr && extension->role == catalog::Role::history &&
        !is_rate_of_log(ruleset, rule, id)) {
      return id;
    }
  }
  return std::nullopt;
}

// By the first packets of flows, whatever the rates and lists come to.
std::vector<AskedFlows> asked_flows(FamilyWorld& family, Flows& flows, Path path) {
  World& world = *family.world();
  Diagram& d = world.diagram();
  const Program& program = family.program();
  const Ruleset& ruleset = program.ruleset();
  std::vector<bool> outcomes(d.level_count());
  for (FreeId id = 0; id < world.layout().free_count(); ++id) {
    outcomes[world.layout().level_of_free(id)] = program.variables()[id].scope == FreeScope::packet;
  }
  std::vector<AskedFlows> all;
  for (const RuleReach& row : flows.reach_of_first(path).rules) {
    if (row.matches == Diagram::no) continue;
    const auto construct = history_in(ruleset, ruleset[row.rule]);
    if (!construct) continue;
    all.push_back({row.rule, *construct, d.exists(world.flow_of(row.matches), outcomes)});
  }
  return all;
}

std::vector<Candidate> in_parts(FamilyWorld& family, const Assumptions& assumptions,
                                const std::vector<Candidate>& rows) {
  constexpr std::size_t most = 64;  // as many as anybody waits for
  Flows& flows = family.flows(FamilyWorld::as_it_is, assumptions);
  Diagram& d = family.world()->diagram();
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<Candidate> parts = {rows[i]};
    const Path path = flows.classes()[rows[i].flow_class].path;
    for (const AskedFlows& asked : asked_flows(family, flows, path)) {
      for (std::size_t k = parts.size(); k-- > 0;) {
        const Ref inside = d.conj(parts[k].flows, asked.flows);
        const Ref outside = d.minus(parts[k].flows, asked.flows);
        if (inside == Diagram::no || outside == Diagram::no) continue;
        if (all.size() + parts.size() + rows.size() - i > most) continue;
        Candidate part = parts[k];
        parts[k].flows = outside;
        part.flows = inside;
        parts.push_back(std::move(part));
      }
    }
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

}  // namespace

std::vector<Candidate> split_by_history(FamilyWorld& family, const Assumptions& assumptions,
                                        const std::vector<Candidate>& rows) {
  auto parts = within_budget([&] { return in_parts(family, assumptions, rows); });
  return parts ? *parts : rows;
}

std::string history_text(FamilyWorld& family, const Sources& sources,
                         const Assumptions& assumptions, const Candidate& row) {
  Flows& flows = family.flows(FamilyWorld::as_it_is, assumptions);
  const FlowClass& whole = flows.classes()[row.flow_class];
  const Ruleset& ruleset = family.program().ruleset();
  for (const AskedFlows& asked : asked_flows(family, flows, whole.path)) {
    if (!family.world()->diagram().implies(row.flows, asked.flows)) continue;
    const Span& rule = ruleset[asked.rule].text;
    const std::vector<std::string> about = flows.summary_of(flows.narrowed(whole, row.flows));
    return fmt::format("{}{} is what \"{}\" in line {} of {} remembers or counts",
                       about.empty() ? "it" : about.front(), about.size() > 1 ? " and more" : "",
                       sources.text(ruleset[asked.construct].span), sources.locate(rule).line,
                       sources[rule.source].path());
  }
  return {};
}

}  // namespace untrack
