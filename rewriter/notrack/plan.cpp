#include "rewriter/notrack/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "analysis/facts.hpp"
#include "rewriter/notrack/raw_rules.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/spell/iptables_matches.hpp"

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
  Planner(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions,
          const Candidates& found)
      : world_(*family.world()),
        d_(world_.diagram()),
        ruleset_(family.program().ruleset()),
        sources_(sources),
        flows_(family.flows(FamilyWorld::as_it_is, assumptions)),
        found_(found) {}

  NotrackPlan plan(const std::vector<Candidate>& chosen) {
    std::string lines;
    for (const Path path : {Path::in, Path::forward}) {
      for (const std::uint8_t protocol : {ip_protocol::tcp, ip_protocol::udp}) {
        std::vector<Ref> of_path;
        std::vector<std::string> headings;
        for (const Candidate& row : chosen) {
          const FlowClass& admits = flows_.classes()[row.flow_class];
          const Ref flows = d_.conj(row.flows, world_.protocol(protocol));
          if (admits.path != path || flows == Diagram::no) continue;
          of_path.push_back(flows);
          const std::string heading = heading_of(admits);
          if (std::ranges::find(headings, heading) == headings.end()) headings.push_back(heading);
        }
        const Ref wanted = plain(d_.any_of(std::move(of_path)), protocol);
        if (wanted == Diagram::no) continue;
        add_headings(headings, lines);
        if (path == Path::in) {
          write_local(wanted, protocol, lines);
        } else {
          write_forwarded(wanted, protocol, lines);
        }
      }
    }
    // What cannot be said is told of by itself, when its turn comes.
    plan_.is_empty = lines.empty() || !plan_.why_empty.empty();
    if (plan_.is_empty) return std::move(plan_);
    if (found_.are_low_ports) lines.insert(0, "# no client takes a port below 512 as its own\n");
    plan_.edits = rules_in_raw(world_.walk(FamilyWorld::as_it_is).program(), sources_, lines);
    let_untracked_pass();
    find_places();
    return std::move(plan_);
  }

 private:
  // The rule, or the policy, that lets in what the rules in raw are for.
  std::string heading_of(const FlowClass& admits) const {
    if (admits.rule.names_something()) {
      return RuleText(ruleset_, sources_, admits.rule).in_one_line();
    }
    return fmt::format("what the policy of {} lets in", ruleset_[admits.chain].name);
  }

  static void add_headings(const std::vector<std::string>& headings, std::string& lines) {
    constexpr std::size_t most_headings = 6;  // what a person reads
    const std::size_t shown =
        headings.size() <= most_headings ? headings.size() : most_headings - 1;
    for (std::size_t i = 0; i < shown; ++i) {
      lines += fmt::format("# needs no entry: {}\n", headings[i]);
    }
    if (shown < headings.size()) {
      lines += fmt::format("# and for {} rules more\n", headings.size() - shown);
    }
  }

  // Whatever port the client uses, and wherever routing says that the addresses lead.
  Ref plain(Ref flows, std::uint8_t protocol) {
    std::vector<bool> gone(d_.level_count());
    for (const Field field : {Field::source_port, Field::source_type, Field::destination_type}) {
      gone[world_.layout().level_of(field)] = true;
    }
    for (FreeId id = 0; id < world_.layout().free_count(); ++id) {
      gone[world_.layout().level_of_free(id)] = true;
    }
    const Ref with_ports = world_.walk(0).encoder().has(Field::source_port);
    return d_.conj(d_.conj(d_.exists(flows, gone), with_ports), world_.protocol(protocol));
  }

  Ref without(Ref flows, Field field) {
    std::vector<bool> gone(d_.level_count());
    gone[world_.layout().level_of(field)] = true;
    return d_.exists(flows, gone);
  }

  // The pair of rules for a box of flows; `is_wider`: they match more than it.
  struct Pair {
    std::vector<std::string> there;
    std::vector<std::string> back;
    Ref flows;
    bool is_wider = false;
  };
  struct Pairs {
    std::vector<Pair> rows;
    bool is_whole = true;
    bool is_wider = false;
  };

  Pairs pairs_for(Ref wanted, Ref room, Path path) {
    Pairs pairs;
    const Cover boxes = cover_within(d_, world_.layout(), wanted, room, most_boxes);
    pairs.is_whole = boxes.is_whole;
    for (const Box& box : boxes.boxes) {
      Box there = box;
      Box back = mirrored(box);
      if (path == Path::forward) {
        for (Box* each : {&there, &back}) {
          // PREROUTING comes before the route.
          std::erase_if(*each, [&](const BoxSide& side) {
            return side.level == world_.layout().level_of(Field::out_interface);
          });
        }
      }
      const SpelledBox first = spell_iptables(there, world_.layout());
      const SpelledBox second = spell_iptables(back, world_.layout());
      if (first.is_too_large || second.is_too_large) {
        pairs.is_whole = false;
        continue;
      }
      const bool is_wider = first.is_wider || second.is_wider;
      pairs.is_wider = pairs.is_wider || is_wider;
      pairs.rows.push_back({first.rules, second.rules, set_of(box), is_wider});
    }
    return pairs;
  }

  Ref set_of(const Box& box) {
    Ref all = Diagram::yes;
    for (const BoxSide& side : box) {
      Ref any = Diagram::no;
      for (const auto& [first, last] : side.runs) {
        any = d_.disj(any, d_.interval(side.level, first, last));
      }
      all = d_.conj(all, any);
    }
    return all;
  }

  // What goes to the ports of `wanted` and need not stay tracked: it is refused, or could be
  // untracked, too.
  Ref idle(Ref wanted, std::uint8_t protocol) {
    std::vector<bool> others(d_.level_count(), true);
    others[world_.layout().level_of(Field::protocol)] = false;
    others[world_.layout().level_of(Field::destination_port)] = false;
    const Ref needed = d_.disj(d_.minus(flows_.flows(Path::in), spare(Path::in)),
                               flows_.answer_direction(Path::in));
    const Ref busy = d_.disj(plain(needed, protocol), world_.loopback(Path::in));
    return d_.minus(d_.exists(wanted, others), busy);
  }

  Ref spare(Path path) const { return found_.spare[static_cast<std::size_t>(path)]; }

  void write_local(Ref wanted, std::uint8_t protocol, std::string& lines) {
    Pairs pairs = pairs_for(wanted, wanted, Path::in);
    if (!pairs.is_whole || pairs.is_wider) {
      // Few rules that take in more where nothing minds, before rules that nobody could read.
      Pairs plainer = pairs_for(wanted, d_.disj(wanted, idle(wanted, protocol)), Path::in);
      if (plainer.is_whole && (!plainer.is_wider || !pairs.is_whole)) pairs = std::move(plainer);
    }
    if (pairs.rows.empty() || !pairs.is_whole) {
      plan_.why_empty = "the packets would take more rules in raw than anybody could read";
      return;
    }
    // Where this host forwards, what it forwards to such a port is none of its services.
    const bool is_router = flows_.flows(Path::forward) != Diagram::no;
    for (const Pair& pair : pairs.rows) {
      for (const std::string& conditions : pair.there) {
        lines += fmt::format("-A PREROUTING {}{} -j CT --notrack\n", conditions,
                             is_router ? " -m addrtype --dst-type LOCAL" : "");
      }
      for (const std::string& conditions : pair.back) {
        lines += fmt::format("-A OUTPUT {} -j CT --notrack\n", conditions);
      }
      untracked_in_ = d_.disj(untracked_in_, pair.flows);
    }
  }

  // Both directions of what is forwarded come in by PREROUTING, where nobody knows yet by which
  // interface they will go out: flows that differ in that alone are untracked together.
  void write_forwarded(Ref wanted, std::uint8_t protocol, std::string& lines) {
    const Ref permitted = plain(flows_.flows(Path::forward), protocol);
    Ref all = wanted;
    for (Ref before = Diagram::no; before != all;) {
      before = all;
      const Ref alike =
          d_.disj(without(all, Field::out_interface), without(all, Field::in_interface));
      all = d_.disj(all, d_.conj(permitted, alike));
    }
    if (!d_.implies(d_.minus(all, wanted), plain(spare(Path::forward), protocol))) {
      plan_.why_empty =
          "in front of the route they cannot be told from other flows, which stay tracked";
      return;
    }
    const Ref nowhere = world_.flow_of(d_.negate(world_.on_way(Path::forward)));
    const Pairs pairs = pairs_for(all, d_.disj(all, nowhere), Path::forward);
    if (pairs.rows.empty() || !pairs.is_whole) {
      plan_.why_empty = "the packets would take more rules in raw than anybody could read";
      return;
    }
    for (const Pair& pair : pairs.rows) {
      // What is for this host itself is none of it, nor are groups.
      for (const auto* rules : {&pair.there, &pair.back}) {
        for (const std::string& conditions : *rules) {
          lines += fmt::format("-A PREROUTING {} -m addrtype --dst-type UNICAST -j CT --notrack\n",
                               conditions);
        }
      }
      untracked_forward_ = d_.disj(untracked_forward_, pair.flows);
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
  void let_untracked_pass() {
    const RuleSet wanted = rules_where(ruleset_, [&](const Rule& rule) {
      const StateTest* test = state_test(ruleset_, rule);
      return test != nullptr && !test->negated && test->states.has(CtState::new_) &&
             !test->states.has(CtState::untracked) && lets_pass(ruleset_, rule);
    });
    const auto atom = Layout::atom_of(CtState::new_);
    const Ref is_new = d_.interval(world_.layout().level_of(Field::ct_state), atom, atom);
    for (const auto& [path, untracked] :
         {std::pair(Path::in, untracked_in_), std::pair(Path::forward, untracked_forward_)}) {
      const Ref entering = d_.conj(d_.conj(untracked, flows_.permitted(path)), is_new);
      if (entering == Diagram::no) continue;
      for (const RuleReach& row :
           reach(world_.walk(FamilyWorld::as_it_is), path, entering, {.wanted = wanted}).rules) {
        if (wanted[row.rule.index()] && row.matches != Diagram::no) with_untracked(row.rule);
      }
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
  const Candidates& found_;
  NotrackPlan plan_;
  Ref untracked_in_ = Diagram::no;  // flows that the rules in raw are for
  Ref untracked_forward_ = Diagram::no;
};

// In front of the first rule of the chain that INVALID packets would not pass, if that is ahead of
// the place; else behind the place.
Span place_of(const Ruleset& ruleset, const Sources& sources, RuleId place) {
  for (const RuleId id : ruleset[ruleset[place].chain].rules) {
    if (id == place) break;
    const StateTest* test = state_test(ruleset, ruleset[id]);
    if (test == nullptr || test->states.has(CtState::invalid) == test->negated) continue;
    if (drops(ruleset, ruleset[id]) || lets_pass(ruleset, ruleset[id])) {
      return RuleText(ruleset, sources, id).ahead();
    }
  }
  return RuleText(ruleset, sources, place).behind();
}

// All in one group: what is for raw, and what is for the first rule of filter, may come together.
EditSet drafted(const NotrackPlan& plan, InsertionGroup& group) {
  EditSet edits;
  group = edits.new_group();
  for (const Edit& edit : plan.edits) {
    if (!edit.span.empty()) {
      add(edits, edit);
    } else if (edits.add(edit, group)) {
      throw std::logic_error("edits of a rewrite conflict");
    }
  }
  return edits;
}

}  // namespace

NotrackPlan plan_notrack(FamilyWorld& family, const Sources& sources,
                         const Assumptions& assumptions, const Candidates& found,
                         const std::vector<Candidate>& chosen) {
  return Planner(family, sources, assumptions, found).plan(chosen);
}

EditSet drafted(const NotrackPlan& plan) {
  InsertionGroup group{};
  return drafted(plan, group);
}

EditSet finished(const Ruleset& ruleset, const Sources& sources, const NotrackPlan& plan,
                 const Replies& replies) {
  InsertionGroup group{};
  EditSet edits = drafted(plan, group);
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    if (replies.places[i].rules.empty()) continue;
    const Place& place = plan.places[i];
    const RuleText rule(ruleset, sources, place.rule);
    const std::string append = rule.append();
    std::vector<std::string> lines = {"# untracked flows and the ICMP errors about them"};
    for (const ReplyRule& row : replies.places[i].rules) {
      lines.push_back(fmt::format("{} {} {}", append, row.conditions, place.target));
    }
    const Span at = place_of(ruleset, sources, place.rule);
    std::string text = rule.in_order(lines);
    const std::string_view before = sources[at.source].text().substr(0, at.begin);
    if (!before.empty() && !before.ends_with('\n')) text.insert(0, "\n");
    if (edits.add({at, std::move(text)}, group)) {
      throw std::logic_error("edits of a rewrite conflict");
    }
  }
  return edits;
}

}  // namespace untrack
