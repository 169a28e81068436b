#include "analysis/walk/reach.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/program/destinations.hpp"
#include "analysis/walk/chain_leads.hpp"
#include "analysis/walk/leaving.hpp"
#include "analysis/walk/merged_reach.hpp"
#include "analysis/walk/run_reaches.hpp"

namespace untrack {
class ReachWalk {
 public:
  ReachWalk(SymbolicWalk& walk, Path path, const ReachQuestion& question)
      : walk_(walk),
        d_(walk.diagram()),
        program_(walk.program()),
        path_(path),
        question_(question),
        leaving_(walk, question.is_exact),
        leads_(walk, question) {}

  PathReach follow(Ref start) {
    Ref entering = d_.conj(start, walk_.possible(path_));
    if (const FreeId id = program_.template_variable(); id != no_free_variable) {
      entering =
          d_.conj(without_template(entering), d_.interval(walk_.layout().level_of_free(id), 0, 0));
    }
    const auto runs = program_.runs(path_);
    const bool has_early = !runs.empty() && runs.front().is_before_conntrack;
    if (path_ == Path::in && has_early && program_.tracks()) {
      // Conntrack saw loopback packets when they went out, so that NOTRACK comes too late for them.
      const Ref lo = walk_.is_on_loopback(path_);
      pass(d_.minus(entering, lo), false);
      const Ref seen = walk_.seen_untracked();
      const auto state = Layout::atom_of(CtState::untracked);
      const Ref untracked =
          leaving_.image(d_.conj(d_.conj(entering, lo), seen),
                         {{walk_.layout().level_of(Field::ct_state), state, state}});
      pass(d_.disj(d_.minus(d_.conj(entering, lo), seen), untracked), true);
      is_split_ = true;
    } else {
      pass(entering, false);
    }
    if (is_split_) found_ = merged(d_, found_);
    return std::move(found_);
  }

 private:
  void pass(Ref region, bool is_seen) {
    const auto runs = program_.runs(path_);
    bool is_past_conntrack = false;
    bool is_routed = path_ == Path::out;
    // By a nat chain of the hook: those behind it are not asked about them (SymbolicWalk).
    Ref translated = Diagram::no;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Run& run = runs[i];
      if (!run.is_before_conntrack && !is_past_conntrack) {
        is_past_conntrack = true;
        region = meet_conntrack(without_template(region), is_seen);
      }
      if (run.hook != Hook::prerouting && !is_routed) {
        is_routed = true;
        region = d_.conj(region, walk_.fits_route(path_));
      }
      if (region == Diagram::no && translated == Diagram::no) return;
      View view = walk_.view_of(path_, run);
      view.is_seen = is_seen;
      if (run.is_nat) {
        if (!program_.tracks()) continue;
        const Ref begins = d_.conj(region, walk_.meets_nat(path_));
        region = d_.disj(d_.minus(region, begins), through_run(i, begins, view, &translated));
      } else {
        region = through_run(i, region, view);
        if (translated != Diagram::no) {  // a chain between two of nat
          translated = through_run(i, translated, view);
          is_split_ = true;
        }
      }
      if (i + 1 == runs.size() || runs[i + 1].hook != run.hook) {
        region = d_.disj(region, std::exchange(translated, Diagram::no));
      }
    }
  }

  // Whether it has a template is forgotten: behind conntrack nobody asks for it.
  Ref without_template(Ref region) {
    const FreeId id = program_.template_variable();
    if (id == no_free_variable) return region;
    const Layout::Level level = walk_.layout().level_of_free(id);
    std::vector<bool> gone(level + std::size_t{1});
    gone[level] = true;
    return d_.exists(region, gone);
  }

  Ref meet_conntrack(Ref region, bool is_seen) {
    if (!program_.tracks() || is_seen) return region;
    const Ref late = walk_.never_tracked();
    const auto state = Layout::atom_of(CtState::untracked);
    const Ref untracked = leaving_.image(
        d_.conj(region, late), {{walk_.layout().level_of(Field::ct_state), state, state}});
    return d_.disj(d_.minus(region, late), untracked);
  }

  template <class Wanted>
  Ref leaving(Ref region, Ref summary, Wanted&& wanted) {
    return leaving_.by_end(region, summary, wanted);
  }

  bool is_led_elsewhere(const Outcome& outcome) const {
    return std::ranges::any_of(outcome.effects, [&](const Assignment& set) {
      return set.level == walk_.layout().level_of(Field::destination_address) ||
             set.level == walk_.layout().level_of(Field::destination_port);
    });
  }

  // `translated`: gets what a rule of NAT has taken, which is no part of the result then.
  Ref through_run(std::size_t run, Ref region, const View& view, Ref* translated = nullptr) {
    const Ruleset& ruleset = program_.ruleset();
    const ChainId base = program_.runs(path_)[run].chain;
    const std::size_t first_row = found_.rules.size();
    if (const PathReach* all = of_more_packets(run, region, view)) {
      take_of(*all, run, region, view);
    } else {
      through_chains(run, region, view);
    }
    const Ref summary = walk_.summary(base, view);
    const auto by_policy = [](End end) {
      return end == End::next || end == End::back || end == End::unknown;
    };
    const Ref policy = leaving(region, summary, by_policy);
    found_.policies.push_back({run, base, policy});
    const bool is_last = run + 1 == program_.runs(path_).size();
    if (is_last && translated == nullptr) return Diagram::no;  // nothing comes behind it
    // What is not known may go on.
    Ref on = leaving_.by_outcome(region, summary, [&](const Outcome& outcome) {
      return (outcome.end == End::accept || outcome.end == End::unknown) &&
             (translated == nullptr || !is_led_elsewhere(outcome));
    });
    if (translated != nullptr) {
      Ref taken = leaving_.by_outcome(region, summary, [&](const Outcome& outcome) {
        return outcome.end == End::accept && is_led_elsewhere(outcome);
      });
      // What changes the source, as far as such rules are asked about.
      for (const RuleReach& row : std::span(found_.rules).subspan(first_row)) {
        const auto* nat = find_statement<NatStatement>(ruleset, ruleset[row.rule]);
        if (nat == nullptr || sets_destination(*nat)) continue;
        const Ref own = d_.conj(on, row.matches);
        on = d_.minus(on, own);
        taken = d_.disj(taken, own);
      }
      *translated = d_.disj(*translated, taken);
    }
    if (ruleset[base].base->policy == Policy::accept) on = d_.disj(on, policy);
    return on;
  }

  void through_chains(std::size_t run, Ref region, const View& view) {
    const ChainId base = program_.runs(path_)[run].chain;
    std::vector<ChainId> ordered = walk_.called_first(base);
    // What is called first, so that nothing recurs as deep as chains call each other.
    for (const ChainId chain : ordered) (void)leads_.of(chain);
    std::ranges::reverse(ordered);
    entering_.clear();
    entering_[base.value] = region;
    for (const ChainId chain : ordered) {
      const auto at = entering_.find(chain.value);
      if (at != entering_.end()) through_chain(run, chain, at->second, view);
    }
  }

  // What is known of the run, or worth to be known since all of its rules are asked about; nullptr:
  // it is to be walked through.
  const PathReach* of_more_packets(std::size_t run, Ref region, const View& view) {
    RunReaches* reaches = walk_.run_reaches_.get();
    if (reaches == nullptr) return nullptr;
    const ChainId base = program_.runs(path_)[run].chain;
    if (const PathReach* found = reaches->find(walk_, base, view, region)) return found;
    if (question_.wanted || !reaches->lets_packets_be(walk_, base, view)) return nullptr;
    // In every state: that is no more work, and the next question is often about another one.
    std::vector<bool> gone(d_.level_count());
    gone[walk_.layout().level_of(Field::ct_state)] = true;
    RunReach more{base, view, &program_, d_.exists(region, gone), {}};
    ReachQuestion all;
    all.is_exact = question_.is_exact;
    ReachWalk walk(walk_, path_, all);
    walk.through_chains(run, more.start, view);
    more.found = std::move(walk.found_);
    reaches->add(std::move(more));
    return reaches->find(walk_, base, view, region);
  }

  // The rows of a run of which more packets were asked about.
  void take_of(const PathReach& all, std::size_t run, Ref region, const View& view) {
    const ChainId base = program_.runs(path_)[run].chain;
    for (const ChainReach& chain : all.chains) {
      const Ref entering = d_.conj(region, chain.entering);
      if (entering == Diagram::no && chain.chain != base) continue;
      ChainReach row{run, chain.chain, entering, found_.rules.size(), chain.rule_count};
      found_.chains.push_back(row);
      const bool is_whole = entering == chain.entering;  // and so are its rules
      for (const RuleReach& rule : all.rules_of(chain)) {
        const Ref matches = !leads_.is_asked(rule.rule) ? Diagram::no
                            : is_whole                  ? rule.matches
                                                        : d_.conj(region, rule.matches);
        found_.rules.push_back({run, chain.chain, rule.rule, matches, {}});
      }
      add_whole(row, view);
    }
  }

  void add_whole(const ChainReach& row, const View& view) {
    if (!question_.whole) return;
    const std::span<const RuleId> rules = walk_.rules_of(row.chain);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!(*question_.whole)[rules[i].index()]) continue;
      found_.rules[row.first_rule + i].reaches =
          arriving(walk_.tree(row.chain, view), i, row.entering);
    }
  }

  void through_chain(std::size_t run, ChainId chain, Ref region, const View& view) {
    const std::span<const RuleId> rules = walk_.rules_of(chain);
    ChainReach row{run, chain, region, found_.rules.size(), rules.size()};
    found_.chains.push_back(row);
    for (const RuleId rule : rules) found_.rules.push_back({run, chain, rule, Diagram::no, {}});
    const ChainLeads::Counts& leads = leads_.of(chain);
    if (leads.count(0, rules.size()) == 0) return;
    if (walk_.is_open(chain, view)) return through_open_chain(row, region, view);
    const ChainTree& tree = walk_.touched_tree(chain, view);
    through_half(tree, tree.functions.size() - 1, 0, region, row, view);
    add_whole(row, view);
  }

  // From rule to rule: several together would end `unknown`.
  void through_open_chain(const ChainReach& row, Ref region, const View& view) {
    const std::vector<Ref>& functions = walk_.tree(row.chain, view).functions.front();
    for (std::size_t i = 0; i < functions.size(); ++i) {
      RuleReach& rule = found_.rules[row.first_rule + i];
      if (question_.whole && (*question_.whole)[rule.rule.index()]) rule.reaches = region;
      if (leads_.of(row.chain).count(i, i + 1) != 0) through_rule(rule, region, view);
      region = leaving(region, functions[i], goes_on);
    }
  }

  // What is not known may.
  static bool goes_on(End end) { return end == End::next || end == End::unknown; }

  // `region` comes to the entry i of a level of the tree; what touches none of its rules may be
  // missing.
  void through_half(const ChainTree& tree, std::size_t level, std::size_t i, Ref region,
                    const ChainReach& row, const View& view) {
    const std::size_t width = std::size_t{1} << level;
    if (region == Diagram::no) return;
    if (leads_.of(row.chain).count(i * width, (i + 1) * width) == 0) return;
    if (level == 0) {
      through_rule(found_.rules[row.first_rule + i], region, view);
      return;
    }
    const std::vector<Ref>& below = tree.touched[level - 1];
    const std::size_t left = 2 * i;
    // Nothing is made for halves that lead nowhere.
    const auto leads = [&](std::size_t half) {
      return leads_.of(row.chain).count(half * width / 2, (half + 1) * width / 2) != 0;
    };
    if (leads(left)) {
      through_half(tree, level - 1, left, d_.conj(region, below[left]), row, view);
    }
    if (left + 1 == below.size() || !leads(left + 1)) return;
    const Ref function = tree.functions[level - 1][left];
    const Ref touching = below[left + 1];
    // What the left half changes may come to touch the right one.
    const Ref right = changes_what_goes_on(function)
                          ? d_.conj(leaving(region, function, goes_on), touching)
                          : leaving(d_.conj(region, touching), function, goes_on);
    through_half(tree, level - 1, left + 1, right, row, view);
  }

  bool changes_what_goes_on(Ref function) const {
    return std::ranges::any_of(d_.values_of(function), [&](std::uint32_t value) {
      const Outcome& outcome = walk_.outcomes()[value];
      return (outcome.end == End::next && !outcome.effects.empty()) || outcome.end == End::unknown;
    });
  }

  // All of `region`, which comes to the chain, that comes to its rule i.
  Ref arriving(const ChainTree& tree, std::size_t i, Ref region) {
    for (std::size_t level = tree.functions.size() - 1; level-- > 0;) {
      const std::size_t entry = i >> level;
      if (entry % 2 == 1) region = leaving(region, tree.functions[level][entry - 1], goes_on);
    }
    return region;
  }

  void through_rule(RuleReach& row, Ref region, const View& view) {
    const Rule& rule = program_.ruleset()[row.rule];
    row.matches = region;
    std::vector<std::uint32_t> asked_once;
    for (std::uint32_t i = 0; i < rule.parts.count && region != Diagram::no; ++i) {
      const std::uint32_t part = rule.parts.first + i;
      if (std::holds_alternative<Match>(program_.ruleset().parts[part].what)) {
        region = d_.conj(walk_.encoder().encode(part, view), region);
        row.matches = region;
        if (program_.may_turn_out_otherwise(part)) asked_once.push_back(part);
      } else {
        row.matches = found_by_map(part, row.matches, view);
        for (const std::uint32_t test : asked_once) {
          region = leaving_.image(region, walk_.effects_of(test, view));
        }
        asked_once.clear();
        region = through_statement(part, region, view);
      }
    }
  }

  Ref through_jump(const JumpStatement& jump, Ref region, const View& view) {
    auto [at, is_new] = entering_.try_emplace(jump.chain.value, Diagram::no);
    at->second = d_.disj(at->second, region);
    if (jump.is_goto) return Diagram::no;
    return leaving(region, walk_.summary(jump.chain, view),
                   [](End end) { return goes_on(end) || end == End::back; });
  }

  // A rule whose map has nothing for the packet does not match.
  Ref found_by_map(std::uint32_t part, Ref region, const View& view) {
    const Statement& statement = std::get<Statement>(program_.ruleset().parts[part].what);
    const auto* map = std::get_if<VerdictMapStatement>(&statement);
    if (map == nullptr || program_.kind(part) == PartKind::free_end) return region;
    return d_.conj(region, walk_.branches(program_.ruleset()[*map], part, view).whole);
  }

  // What goes on to the next part.
  Ref through_statement(std::uint32_t part, Ref region, const View& view) {
    const Statement& statement = std::get<Statement>(program_.ruleset().parts[part].what);
    if (const JumpStatement* jump = walk_.jump_of(part)) return through_jump(*jump, region, view);
    const auto* map = std::get_if<VerdictMapStatement>(&statement);
    const PartKind kind = program_.kind(part);
    if (map != nullptr && kind != PartKind::free_end) {
      std::vector<Ref> on;
      for (const auto& branch : walk_.branches(program_.ruleset()[*map], part, view).rows) {
        const Ref coming = d_.conj(region, branch.region);
        if (coming == Diagram::no) continue;
        const auto* jump = std::get_if<JumpStatement>(branch.verdict);
        const Ref left =
            jump != nullptr
                ? through_jump(*jump, coming, view)
                : leaving(coming, walk_.act(*branch.verdict, part, view, walk_.leaf(End::next)),
                          goes_on);
        on.push_back(left);
      }
      return d_.any_of(std::move(on));
    }
    const Ref function = walk_.statement_function(part, view, walk_.leaf(End::next));
    return leaving(region, function, goes_on);
  }

  SymbolicWalk& walk_;
  Diagram& d_;
  const Program& program_;
  Path path_;
  const ReachQuestion& question_;
  Leaving leaving_;
  ChainLeads leads_;
  PathReach found_;
  bool is_split_ = false;  // some chains were walked through twice, for packets that are apart
  std::unordered_map<std::uint32_t, Ref> entering_;  // by chain, within one run
};

PathReach reach(SymbolicWalk& walk, Path path, Ref start, const ReachQuestion& question) {
  return ReachWalk(walk, path, question).follow(start);
}

}  // namespace untrack
