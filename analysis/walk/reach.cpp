#include "analysis/walk/reach.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace untrack {
namespace {

constexpr std::size_t most_changes = 32;

}  // namespace

class ReachWalk {
 public:
  ReachWalk(SymbolicWalk& walk, Path path)
      : walk_(walk), d_(walk.diagram()), program_(walk.program()), path_(path) {}

  PathReach follow(Ref start) {
    const Ref entering = d_.conj(start, walk_.possible(path_));
    const auto runs = program_.runs(path_);
    const bool has_early = !runs.empty() && runs.front().is_before_conntrack;
    if (path_ == Path::in && has_early && program_.tracks()) {
      // Conntrack saw loopback packets when they went out, so that NOTRACK comes too late for them.
      const Ref lo = walk_.is_on_loopback(path_);
      pass(d_.minus(entering, lo), false);
      const Ref seen = walk_.seen_untracked();
      const auto state = Layout::atom_of(CtState::untracked);
      const Ref untracked = image(d_.conj(d_.conj(entering, lo), seen),
                                  {{walk_.layout().level_of(Field::ct_state), state, state}});
      pass(d_.disj(d_.minus(d_.conj(entering, lo), seen), untracked), true);
      merge();
    } else {
      pass(entering, false);
    }
    return std::move(found_);
  }

 private:
  // One row a rule and run, whatever it took to find it.
  void merge() {
    PathReach merged;
    std::map<std::pair<std::size_t, RuleId>, std::size_t> rules;
    for (const RuleReach& row : found_.rules) {
      const auto [at, is_new] = rules.try_emplace({row.run, row.rule}, merged.rules.size());
      if (is_new) {
        merged.rules.push_back(row);
        continue;
      }
      RuleReach& known = merged.rules[at->second];
      known.reaches = d_.disj(known.reaches, row.reaches);
      known.matches = d_.disj(known.matches, row.matches);
    }
    for (const PolicyReach& row : found_.policies) {
      const auto at = std::ranges::find(merged.policies, row.run, &PolicyReach::run);
      if (at == merged.policies.end()) {
        merged.policies.push_back(row);
      } else {
        at->reaches = d_.disj(at->reaches, row.reaches);
      }
    }
    found_ = std::move(merged);
  }

  void pass(Ref region, bool is_seen) {
    const auto runs = program_.runs(path_);
    bool is_past_conntrack = false;
    bool is_routed = path_ == Path::out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Run& run = runs[i];
      if (!run.is_before_conntrack && !is_past_conntrack) {
        is_past_conntrack = true;
        region = meet_conntrack(region, is_seen);
      }
      if (run.hook != Hook::prerouting && !is_routed) {
        is_routed = true;
        region = d_.conj(region, walk_.fits_route(path_));
      }
      if (region == Diagram::no) return;
      View view = walk_.view_of(path_, run);
      view.is_seen = is_seen;
      if (run.is_nat) {
        if (!program_.tracks()) continue;
        const Ref begins = d_.conj(region, walk_.meets_nat(path_));
        region = d_.disj(d_.minus(region, begins), through_run(i, begins, view));
      } else {
        region = through_run(i, region, view);
      }
    }
  }

  Ref meet_conntrack(Ref region, bool is_seen) {
    if (!program_.tracks() || is_seen) return region;
    const Ref late = walk_.never_tracked();
    const auto state = Layout::atom_of(CtState::untracked);
    const Ref untracked =
        image(d_.conj(region, late), {{walk_.layout().level_of(Field::ct_state), state, state}});
    return d_.disj(d_.minus(region, late), untracked);
  }

  // The packets as the effects leave them.
  Ref image(Ref region, const Effects& effects) {
    for (const Assignment& set : effects) {
      std::vector<bool> gone(set.level + std::size_t{1});
      gone[set.level] = true;
      region = d_.conj(d_.exists(region, gone), d_.interval(set.level, set.first, set.last));
    }
    return region;
  }

  // What of a region leaves a summarised chain by one of the ends.
  template <class Wanted>
  Ref leaving(Ref region, Ref summary, Wanted&& wanted) {
    std::vector<std::uint32_t> plain;
    std::vector<std::uint32_t> changed;
    for (const std::uint32_t value : d_.values_of(summary)) {
      const Outcome& outcome = walk_.outcomes()[value];
      if (wanted(outcome.end)) (outcome.effects.empty() ? plain : changed).push_back(value);
    }
    Ref all = plain.empty() ? Diagram::no : d_.conj(region, d_.where(summary, plain));
    if (changed.size() > most_changes) {
      // Too many different changes (a NAT rule an endpoint) to follow each: what they set is
      // forgotten, so that more packets seem to come to the rules behind than do.
      std::vector<bool> gone(d_.level_count());
      for (const std::uint32_t value : changed) {
        for (const Assignment& set : walk_.outcomes()[value].effects) gone[set.level] = true;
      }
      return d_.disj(all, d_.exists(d_.conj(region, d_.where(summary, changed)), gone));
    }
    for (const std::uint32_t value : changed) {
      const Effects effects = walk_.outcomes()[value].effects;
      all = d_.disj(all, image(d_.conj(region, d_.where(summary, value)), effects));
    }
    return all;
  }

  // Chains so that callers stand before what they call.
  void order(ChainId chain, std::vector<ChainId>& ordered, std::vector<char>& colour) {
    std::vector<std::pair<ChainId, bool>> open{{chain, false}};
    while (!open.empty()) {
      const auto [next, is_done] = open.back();
      open.pop_back();
      if (is_done) {
        ordered.push_back(next);
        continue;
      }
      if (colour[next.index()] != 0) continue;
      colour[next.index()] = 1;
      open.emplace_back(next, true);
      for (const RuleId rule : program_.ruleset()[next].rules) {
        for (std::uint32_t i = 0; i < program_.ruleset()[rule].parts.count; ++i) {
          if (const JumpStatement* jump = jump_of(program_.ruleset()[rule].parts.first + i)) {
            open.emplace_back(jump->chain, false);
          }
        }
      }
    }
  }

  [[nodiscard]] const JumpStatement* jump_of(std::uint32_t part) const {
    const auto* statement = std::get_if<Statement>(&program_.ruleset().parts[part].what);
    const auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
    return jump != nullptr && jump->chain.names_something() ? jump : nullptr;
  }

  Ref through_run(std::size_t run, Ref region, const View& view) {
    const Ruleset& ruleset = program_.ruleset();
    const ChainId base = program_.runs(path_)[run].chain;
    std::vector<ChainId> ordered;
    std::vector<char> colour(ruleset.chains.size());
    order(base, ordered, colour);
    std::ranges::reverse(ordered);
    entering_.clear();
    entering_[base.value] = region;
    for (const ChainId chain : ordered) {
      const auto at = entering_.find(chain.value);
      if (at != entering_.end()) through_chain(run, chain, at->second, view);
    }
    const Ref summary = walk_.summary(base, view);
    const auto by_policy = [](End end) { return end == End::next || end == End::back; };
    const Ref policy = leaving(region, summary, by_policy);
    found_.policies.push_back({run, base, policy});
    // What is not known may go on.
    Ref on =
        leaving(region, summary, [](End end) { return end == End::accept || end == End::unknown; });
    if (ruleset[base].base->policy == Policy::accept) on = d_.disj(on, policy);
    return on;
  }

  void through_chain(std::size_t run, ChainId chain, Ref region, const View& view) {
    for (const RuleId id : program_.ruleset()[chain].rules) {
      const Ref on = through_rule(run, chain, id, region, view);
      region = on;
    }
  }

  Ref through_rule(std::size_t run, ChainId chain, RuleId id, Ref region, const View& view) {
    const Rule& rule = program_.ruleset()[id];
    Ref beside = Diagram::no;
    Ref within = region;
    Ref matched = region;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const std::uint32_t part = rule.parts.first + i;
      if (std::holds_alternative<Match>(program_.ruleset().parts[part].what)) {
        const Ref passed = d_.conj(walk_.encoder().encode(part, view), within);
        beside = d_.disj(beside, d_.minus(within, passed));
        within = passed;
        matched = within;
      } else {
        within = through_statement(part, within, view);
      }
    }
    found_.rules.push_back({run, chain, id, region, matched});
    return d_.disj(beside, within);
  }

  // What goes on to the next part.
  Ref through_statement(std::uint32_t part, Ref region, const View& view) {
    if (const JumpStatement* jump = jump_of(part)) {
      auto [at, is_new] = entering_.try_emplace(jump->chain.value, Diagram::no);
      at->second = d_.disj(at->second, region);
      if (jump->is_goto) return Diagram::no;
      return leaving(region, walk_.summary(jump->chain, view),
                     [](End end) { return end == End::next || end == End::back; });
    }
    const Ref function = walk_.statement_function(part, view, walk_.leaf(End::next));
    return leaving(region, function, [](End end) { return end == End::next; });
  }

  SymbolicWalk& walk_;
  Diagram& d_;
  const Program& program_;
  Path path_;
  PathReach found_;
  std::unordered_map<std::uint32_t, Ref> entering_;  // by chain, within one run
};

PathReach reach(SymbolicWalk& walk, Path path, Ref start) {
  return ReachWalk(walk, path).follow(start);
}

}  // namespace untrack
