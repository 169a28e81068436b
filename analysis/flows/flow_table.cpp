#include "analysis/flows/flow_table.hpp"

#include <algorithm>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/program/translated_status.hpp"

namespace untrack {
namespace {

bool is_of(const Ruleset& ruleset, ChainId chain, IpVersion version) {
  return ip_versions(ruleset[ruleset[chain].table].family).has(version);
}

// A verdict that another program or something unknown gives: what it admits is in no class.
bool has_open_verdict(const Program& program, IpVersion version) {
  const Ruleset& ruleset = program.ruleset();
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    if (!is_of(ruleset, ChainId(i), version)) continue;
    for (const RuleId rule : ruleset.chains[i].rules) {
      for (std::uint32_t part = 0; part < ruleset[rule].parts.count; ++part) {
        const PartKind kind = program.kind(ruleset[rule].parts.first + part);
        if (kind == PartKind::free_end || kind == PartKind::free_accept) return true;
      }
    }
  }
  return false;
}

std::string why_incomplete(const Program& program, const Flows& flows, IpVersion version) {
  if (std::ranges::any_of(program.ruleset().problems, [](const Problem& problem) {
        return problem.kind != ProblemKind::note;
      })) {
    return "a part of the ruleset is wrong or not understood";
  }
  if (has_open_verdict(program, version)) return "some verdicts are not in the ruleset";
  if (asks_of_unseen_translation(program.ruleset(), version)) {
    return "a rule asks for translated flows, and no chain of nat is given";
  }
  for (const Path path : all_paths) {
    if (!flows.deciding_run(path) && !flows.is_open(path)) {
      return path == Path::in        ? "no chain decides about incoming packets"
             : path == Path::forward ? "no chain decides about forwarded packets"
                                     : "no chain decides about outgoing packets";
    }
  }
  return {};
}

// The state match that a rule accepts by.
const StateTest* accepting_test(const Ruleset& ruleset, const Rule& rule) {
  if (!accepts(ruleset, rule)) return nullptr;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<StateTest>(part);
    if (test != nullptr && !test->negated) return test;
  }
  return nullptr;
}

void serve(FlowTable& table, RuleId rule, Need need) {
  std::optional<Need>& known = table.need_of_rule[rule.index()];
  if (!known || need > *known) known = need;
}

// Which rules let the later packets of the classes pass. Not where addresses are translated on the
// way: a class is then said in other addresses than its packets have at the rule.
void find_served(World& world, Flows& flows, const std::vector<FlowClass>& classes,
                 FlowTable& table) {
  Diagram& d = world.diagram();
  const Ruleset& ruleset = flows.program().ruleset();
  if (!flows.bound_rules().empty()) return;
  const auto established = Layout::atom_of(CtState::established);
  const Ref state = d.interval(world.layout().level_of(Field::ct_state), established, established);
  const RuleSet tests = rules_where(ruleset, [&](const Rule& rule) {
    const StateTest* test = accepting_test(ruleset, rule);
    return test != nullptr && test->states.has(CtState::established);
  });
  for (const Path path : all_paths) {
    const auto run = flows.deciding_run(path);
    if (!run) continue;
    // One direction after the other: together they would be a relation and its transposition in one
    // diagram.
    for (const bool is_back : {false, true}) {
      const Ref later = is_back ? flows.answering(path) : flows.continuing(path);
      const Ref here = d.conj(d.conj(later, state), world.on_way(path));
      for (const RuleReach& row : reach(world.walk(0), path, here, {.wanted = tests}).rules) {
        if (row.run != *run || !tests[row.rule.index()] || row.matches == Diagram::no) continue;
        const Ref served = is_back ? world.asking_for(row.matches) : world.flow_of(row.matches);
        for (const FlowClass& flow_class : classes) {
          if (flow_class.path != (is_back ? opposite(path) : path)) continue;
          if (d.intersects(flow_class.flows, served)) serve(table, row.rule, flow_class.need);
        }
      }
    }
  }
}

}  // namespace

FlowTable find_flow_table(FamilyWorld& family, const Assumptions& assumptions, FlowWords words) {
  constexpr std::string_view too_large = "the ruleset is too large for this analysis";
  FlowTable table;
  table.version = family.version();
  if (family.is_partial()) {
    table.not_known = "the inputs are a part of a larger ruleset";
    return table;
  }
  const std::vector<FlowClass>* classes = nullptr;
  Flows* flows = nullptr;
  std::vector<std::vector<std::string>> lines;  // of each class
  if (!family.run(Analysis::flow_classes, [&](World&) {
        flows = &family.flows(FamilyWorld::as_it_is, assumptions);
        classes = &flows->classes();
        lines.resize(classes->size());
        for (std::size_t i = 0; i < lines.size() && words == FlowWords::lines; ++i) {
          lines[i] = flows->summary_of((*classes)[i]);
        }
      })) {
    table.not_known = too_large;
    return table;
  }
  const Program& program = family.program();
  const Ruleset& ruleset = program.ruleset();
  table.incomplete = why_incomplete(program, *flows, family.version());
  table.need_of_rule.resize(ruleset.rules.size());
  for (std::size_t i = 0; i < classes->size(); ++i) {
    const FlowClass& flow_class = (*classes)[i];
    ConstructId bound_by;
    if (flow_class.bound_by) bound_by = flow_class.bound_by->construct;
    table.rows.push_back({flow_class.path,
                          flow_class.rule,
                          flow_class.chain,
                          std::move(lines[i]),
                          flow_class.need,
                          flow_class.exposure,
                          bound_by,
                          {}});
    if (flow_class.rule.names_something() &&
        accepting_test(ruleset, ruleset[flow_class.rule]) != nullptr) {
      serve(table, flow_class.rule, flow_class.need);
    }
  }
  const bool served = family.run(
      Analysis::flow_classes, [&](World& world) { find_served(world, *flows, *classes, table); });
  // A part of the classes could look cheaper than all of them.
  if (!served || !table.is_whole()) {
    std::ranges::fill(table.need_of_rule, std::optional<Need>());
  }
  return table;
}

}  // namespace untrack
