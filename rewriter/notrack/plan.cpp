#include "rewriter/notrack/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "rewriter/nft_chains.hpp"
#include "rewriter/nft_rule_text.hpp"
#include "rewriter/notrack/raw_rules.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/spell/rule_spelling.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_boxes = 16;

class Planner {
 public:
  Planner(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions,
          const Candidates& found)
      : world_(*family.world()),
        d_(world_.diagram()),
        ruleset_(family.program().ruleset()),
        sources_(sources),
        flows_(family.flows(FamilyWorld::as_it_is, assumptions)),
        found_(found),
        home_(home_of_raw(ruleset_, world_.version())),
        spelling_(ruleset_, home_) {}

  NotrackPlan plan(const std::vector<Candidate>& chosen) {
    for (const Path path : {Path::in, Path::forward}) {
      for (const std::uint8_t protocol : {ip_protocol::tcp, ip_protocol::udp}) {
        std::vector<Ref> of_path;
        admitted_.clear();
        for (std::size_t i = 0; i < chosen.size(); ++i) {
          const Candidate& row = chosen[i];
          const FlowClass& admits = flows_.classes()[row.flow_class];
          const Ref flows = d_.conj(row.flows, world_.protocol(protocol));
          if (admits.path != path || flows == Diagram::no) continue;
          of_path.push_back(flows);
          const std::string words = words_of(admits);
          const auto known = std::ranges::find(admitted_, words, &Admitted::words);
          if (known == admitted_.end()) {
            admitted_.push_back({words, plain(flows, protocol), i});
          } else {
            known->flows = d_.disj(known->flows, plain(flows, protocol));
          }
        }
        const Ref wanted = plain(d_.any_of(std::move(of_path)), protocol);
        if (wanted == Diagram::no) continue;
        if (path == Path::in) {
          write_local(wanted, protocol);
        } else {
          write_forwarded(wanted, protocol);
        }
      }
    }
    // What cannot be said is told of by itself, when its turn comes.
    plan_.is_empty = raw_.empty() || !plan_.why_empty.empty();
    if (plan_.is_empty) return std::move(plan_);
    write_raw();
    let_untracked_pass();
    find_places();
    return std::move(plan_);
  }

 private:
  // The rule, or the policy, that lets in what the rules in raw are for.
  std::string words_of(const FlowClass& admits) const {
    if (admits.rule.names_something()) {
      return RuleText(ruleset_, sources_, admits.rule).in_one_line();
    }
    return fmt::format("what the policy of {} lets in", ruleset_[admits.chain].name);
  }

  // What lets in some of a path and protocol, first what saves most.
  struct Admitted {
    std::string words;
    Ref flows;
    std::size_t rank = 0;  // among the chosen
  };

  static std::vector<std::string> comment_for(const std::vector<std::string>& admitted_by) {
    constexpr std::size_t most_shown = 6;  // what a person reads
    const std::size_t shown =
        admitted_by.size() <= most_shown ? admitted_by.size() : most_shown - 1;
    std::vector<std::string> comment;
    for (std::size_t i = 0; i < shown; ++i) {
      comment.push_back(fmt::format("needs no entry: {}", admitted_by[i]));
    }
    if (shown < admitted_by.size()) {
      comment.push_back(fmt::format("and for {} rules more", admitted_by.size() - shown));
    }
    return comment;
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

  void write_raw() {
    const std::string_view about =
        found_.are_low_ports ? "no client takes a port below 512 as its own" : "";
    if (spelling_.is_nft()) {
      for (Edit& edit : added_raw_rules(ruleset_, sources_, home_, about, raw_)) {
        plan_.edits.push_back(std::move(edit));
      }
      return;
    }
    std::string lines;
    if (!about.empty()) lines = fmt::format("# {}\n", about);
    std::vector<std::string> said;
    for (const RawRule& row : raw_) {
      if (row.about != said) {
        for (const std::string& words : row.about) lines += fmt::format("# {}\n", words);
      }
      said = row.about;
      lines += fmt::format("-A {} {} -j CT --notrack\n",
                           row.hook == Hook::prerouting ? "PREROUTING" : "OUTPUT", row.conditions);
    }
    plan_.edits = rules_in_raw(world_.walk(FamilyWorld::as_it_is).program(), sources_, lines);
  }

  // The pair of rules for a box of flows; `is_wider`: they match more than it.
  struct Pair {
    std::vector<std::string> there;
    std::vector<std::string> back;
    Ref flows;
    bool is_wider = false;
    std::vector<std::size_t> admitted;  // by which rows of admitted_
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
      const SpelledBox first = spelling_.boxes({&there, 1}, world_.layout(), {});
      const SpelledBox second = spelling_.boxes({&back, 1}, world_.layout(), {});
      if (first.is_too_large || second.is_too_large) {
        pairs.is_whole = false;
        continue;
      }
      const bool is_wider = first.is_wider || second.is_wider;
      pairs.is_wider = pairs.is_wider || is_wider;
      Pair& pair =
          pairs.rows.emplace_back(Pair{first.rules, second.rules, set_of(d_, box), is_wider, {}});
      for (std::size_t i = 0; i < admitted_.size(); ++i) {
        if (d_.conj(pair.flows, admitted_[i].flows) != Diagram::no) pair.admitted.push_back(i);
      }
    }
    return pairs;
  }

  void add_raw(const Pair& pair, RawRule rule) {
    std::vector<std::string> admitted_by;
    for (const std::size_t i : pair.admitted) admitted_by.push_back(admitted_[i].words);
    rule.about = comment_for(admitted_by);
    const std::size_t rank =
        pair.admitted.empty() ? ~std::size_t{0} : admitted_[pair.admitted.front()].rank;
    const auto behind = std::ranges::upper_bound(ranks_, rank) - ranks_.begin();
    ranks_.insert(ranks_.begin() + behind, rank);
    raw_.insert(raw_.begin() + behind, std::move(rule));
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

  // In nft what says most stands last.
  std::string both(const std::string& conditions, std::string_view type) const {
    return spelling_.is_nft() ? fmt::format("{} {}", type, conditions)
                              : fmt::format("{} {}", conditions, type);
  }

  Ref spare(Path path) const { return found_.spare[static_cast<std::size_t>(path)]; }

  void write_local(Ref wanted, std::uint8_t protocol) {
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
        add_raw(pair, {Hook::prerouting,
                       is_router ? both(conditions, spelling_.for_this_host()) : conditions,
                       {}});
      }
      // Nothing leaves from a group, so that a rule for it would match no packet.
      const bool is_answered = !d_.implies(world_.mirrored(pair.flows), world_.from_groups());
      for (const std::string& conditions : pair.back) {
        if (is_answered) add_raw(pair, {Hook::output, conditions, {}});
      }
      untracked_in_ = d_.disj(untracked_in_, pair.flows);
    }
  }

  // Both directions of what is forwarded come in by PREROUTING, where nobody knows yet by which
  // interface they will go out: flows that differ in that alone are untracked together.
  void write_forwarded(Ref wanted, std::uint8_t protocol) {
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
          add_raw(pair,
                  {Hook::prerouting, both(conditions, spelling_.for_others(world_.version())), {}});
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
      if (const auto map = state_map(ruleset_, rule)) {
        const Statement* verdict = (*map)[CtState::new_];
        return verdict != nullptr && lets_pass(*verdict) && (*map)[CtState::untracked] == nullptr;
      }
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
    const auto note = [&](const Edit& edit) {
      if (std::ranges::find(plan_.edits, edit) == plan_.edits.end()) plan_.edits.push_back(edit);
    };
    if (spelling_.is_nft()) {
      if (const auto edit = nft_with_untracked(ruleset_, sources_, rule)) note(*edit);
      return;
    }
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      for (const OptionUse& option : slice(ruleset_.options, construct.options)) {
        if (option.row == nullptr ||
            (option.row->name != "state" && option.row->name != "ctstate")) {
          continue;
        }
        const Span at{option.span.source, option.span.end, option.span.end};
        note({at, ",UNTRACKED"});
      }
    }
  }

  void find_places() {
    for (const Chain& chain : ruleset_.chains) {
      if (!ip_versions(ruleset_[chain.table].family).has(world_.version())) continue;
      for (const RuleId id : chain.rules) {
        if (const auto map = state_map(ruleset_, ruleset_[id])) {
          const Statement* verdict = (*map)[CtState::established];
          if (verdict == nullptr || !lets_pass(*verdict)) continue;
          plan_.places.push_back(
              {id, CtState::established,
               NftRuleText(ruleset_, sources_, id).target(nft_verdict(*verdict))});
          continue;
        }
        const StateTest* test = state_test(ruleset_, ruleset_[id]);
        // RELATED alone, too: what goes through it are the ICMP errors.
        const bool is_place =
            test != nullptr && !test->negated &&
            (test->states.has(CtState::established) || test->states.has(CtState::related));
        if (!is_place || !lets_pass(ruleset_, ruleset_[id])) {
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
  TableId home_;  // of nft's chains at priority raw
  RuleSpelling spelling_;
  std::vector<RawRule> raw_;  // first what saves most
  std::vector<std::size_t> ranks_;
  std::vector<Admitted> admitted_;
  Ref untracked_in_ = Diagram::no;  // flows that the rules in raw are for
  Ref untracked_forward_ = Diagram::no;
};

}  // namespace

NotrackPlan plan_notrack(FamilyWorld& family, const Sources& sources,
                         const Assumptions& assumptions, const Candidates& found,
                         const std::vector<Candidate>& chosen) {
  return Planner(family, sources, assumptions, found).plan(chosen);
}

}  // namespace untrack
