#include "rewriter/notrack/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "analysis/facts.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/spell/iptables_matches.hpp"
#include "rewriter/table_text.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_boxes = 16;

void add(EditSet& edits, Edit edit) {
  if (edits.add(std::move(edit))) throw std::logic_error("edits of a rewrite conflict");
}

const StateTest* state_test(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (const auto* test = match_as<StateTest>(part)) return test;
  }
  return nullptr;
}

bool lets_pass(const Ruleset& ruleset, const Rule& rule) {
  return accepts(ruleset, rule) || find_statement<JumpStatement>(ruleset, rule) != nullptr;
}

class Planner {
 public:
  Planner(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions)
      : world_(*family.world()),
        d_(world_.diagram()),
        ruleset_(family.program().ruleset()),
        sources_(sources),
        flows_(family.flows(FamilyWorld::as_it_is, assumptions)) {}

  NotrackPlan plan(const std::vector<Candidate>& candidates) {
    std::string lines;
    for (const std::uint8_t protocol : {ip_protocol::tcp, ip_protocol::udp}) {
      std::vector<Ref> chosen;
      for (const Candidate& row : candidates) {
        chosen.push_back(d_.conj(row.flows, world_.protocol(protocol)));
      }
      write(d_.any_of(std::move(chosen)), protocol, lines);
    }
    plan_.is_empty = lines.empty();
    if (plan_.is_empty) return std::move(plan_);
    plan_.edits.push_back(added_to_table(ruleset_, sources_, world_.version(), "raw", lines));
    let_untracked_pass(candidates);
    find_places();
    return std::move(plan_);
  }

 private:
  // Whatever port the client uses, and wherever routing says that the addresses lead.
  Ref plain(Ref flows) {
    std::vector<bool> gone(d_.level_count());
    for (const Field field : {Field::source_port, Field::source_type, Field::destination_type}) {
      gone[world_.layout().level_of(field)] = true;
    }
    for (FreeId id = 0; id < world_.layout().free_count(); ++id) {
      gone[world_.layout().level_of_free(id)] = true;
    }
    return d_.conj(d_.exists(flows, gone), world_.walk(0).encoder().has(Field::source_port));
  }

  void write(Ref flows, std::uint8_t protocol, std::string& lines) {
    if (flows == Diagram::no) return;
    const Ref wanted = d_.conj(plain(flows), world_.protocol(protocol));
    const Ref room = d_.conj(wanted, Diagram::yes);
    const Cover boxes = cover_within(d_, world_.layout(), wanted, room, most_boxes);
    if (!boxes.is_whole) return;
    // Where this host forwards, what it forwards to such a port is none of its services.
    const bool is_router = flows_.flows(Path::forward) != Diagram::no;
    for (const Box& box : boxes.boxes) {
      const SpelledBox there = spell_iptables(box, world_.layout());
      const SpelledBox back = spell_iptables(mirrored(box), world_.layout());
      if (there.is_too_large || back.is_too_large) continue;
      for (const std::string& conditions : there.rules) {
        lines += fmt::format("-A PREROUTING {}{} -j CT --notrack\n", conditions,
                             is_router ? " -m addrtype --dst-type LOCAL" : "");
      }
      for (const std::string& conditions : back.rules) {
        lines += fmt::format("-A OUTPUT {} -j CT --notrack\n", conditions);
      }
    }
  }

  Box mirrored(const Box& box) const {
    using enum Field;
    static constexpr std::array<std::pair<Field, Field>, 3> pairs = {
        {{source_address, destination_address},
         {source_port, destination_port},
         {in_interface, out_interface}}};
    Box back = box;
    for (BoxSide& side : back) {
      for (const auto& [one, other] : pairs) {
        const Diagram::Level first = world_.layout().level_of(one);
        const Diagram::Level second = world_.layout().level_of(other);
        if (side.level == first) {
          side.level = second;
        } else if (side.level == second) {
          side.level = first;
        }
      }
    }
    return back;
  }

  // On every rule that lets the first packets pass, or leads to one that does.
  void let_untracked_pass(const std::vector<Candidate>& candidates) {
    const RuleSet wanted = rules_where(ruleset_, [&](const Rule& rule) {
      const StateTest* test = state_test(ruleset_, rule);
      return test != nullptr && !test->negated && test->states.has(CtState::new_) &&
             !test->states.has(CtState::untracked) && lets_pass(ruleset_, rule);
    });
    std::vector<Ref> first;
    first.reserve(candidates.size());
    for (const Candidate& row : candidates) first.push_back(row.flows);
    const auto atom = Layout::atom_of(CtState::new_);
    const Ref is_new = d_.interval(world_.layout().level_of(Field::ct_state), atom, atom);
    const Ref entering =
        d_.conj(d_.conj(d_.any_of(std::move(first)), flows_.permitted(Path::in)), is_new);
    for (const RuleReach& row :
         reach(world_.walk(FamilyWorld::as_it_is), Path::in, entering, {.wanted = wanted}).rules) {
      if (wanted[row.rule.index()] && row.matches != Diagram::no) with_untracked(row.rule);
    }
  }

  void with_untracked(RuleId id) {
    const Rule& rule = ruleset_[id];
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
        if (option.row == nullptr ||
            (option.row->name != "state" && option.row->name != "ctstate")) {
          continue;
        }
        const Span at{option.span.source, option.span.end, option.span.end};
        const Edit edit{at, ",UNTRACKED"};
        if (std::ranges::find(plan_.edits, edit) == plan_.edits.end()) plan_.edits.push_back(edit);
      }
    }
  }

  void find_places() {
    for (const Chain& chain : ruleset_.chains) {
      if (!ip_versions(ruleset_[chain.table].family).has(world_.version())) continue;
      for (const RuleId id : chain.rules) {
        const StateTest* test = state_test(ruleset_, ruleset_[id]);
        if (test == nullptr || test->negated || !test->states.has(CtState::established) ||
            !lets_pass(ruleset_, ruleset_[id])) {
          continue;
        }
        plan_.places.push_back({id, test->states, RuleText(ruleset_, sources_, id).target()});
      }
    }
  }

  World& world_;
  Diagram& d_;
  const Ruleset& ruleset_;
  const Sources& sources_;
  Flows& flows_;
  NotrackPlan plan_;
};

// In front of the first rule of the chain that INVALID packets would not pass, if that is ahead of
// the place; else behind the place.
Span place_of(const Ruleset& ruleset, RuleId place) {
  for (const RuleId id : ruleset[ruleset[place].chain].rules) {
    if (id == place) break;
    const StateTest* test = state_test(ruleset, ruleset[id]);
    if (test == nullptr || test->states.has(CtState::invalid) == test->negated) continue;
    if (drops(ruleset, ruleset[id]) || lets_pass(ruleset, ruleset[id])) {
      const Span& line = ruleset[id].line;
      return {line.source, line.begin, line.begin};
    }
  }
  const Span& line = ruleset[place].line;
  return {line.source, line.end, line.end};
}

}  // namespace

NotrackPlan plan_notrack(FamilyWorld& family, const Sources& sources,
                         const Assumptions& assumptions, const std::vector<Candidate>& candidates) {
  return Planner(family, sources, assumptions).plan(candidates);
}

EditSet drafted(const NotrackPlan& plan) {
  EditSet edits;
  for (const Edit& edit : plan.edits) add(edits, edit);
  return edits;
}

EditSet finished(const Ruleset& ruleset, const Sources& sources, const NotrackPlan& plan,
                 const Replies& replies) {
  EditSet edits = drafted(plan);
  const InsertionGroup group = edits.new_group();
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    if (replies.places[i].rules.empty()) continue;
    const Place& place = plan.places[i];
    const RuleText rule(ruleset, sources, place.rule);
    std::string text = "# untracked flows and the ICMP errors about them\n";
    for (const ReplyRule& row : replies.places[i].rules) {
      text += fmt::format("{} {} {}\n", rule.append(), row.conditions, place.target);
    }
    if (edits.add({place_of(ruleset, place.rule), std::move(text)}, group)) {
      throw std::logic_error("edits of a rewrite conflict");
    }
  }
  return edits;
}

}  // namespace untrack
