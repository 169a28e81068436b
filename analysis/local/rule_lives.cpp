#include "analysis/local/rule_lives.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "analysis/flows/family_world.hpp"
#include "analysis/flows/witness.hpp"
#include "analysis/local/chain_ways.hpp"
#include "analysis/local/cover.hpp"
#include "analysis/local/packet_index.hpp"
#include "analysis/local/proposal.hpp"
#include "analysis/local/rule_boxes.hpp"
#include "analysis/plain_rules.hpp"

namespace untrack {
namespace {

// Follows packets, and keeps which rules they match.
class Judge {
 public:
  Judge(const Program& program, RuleLives& lives, std::size_t most_met, const SeeWitness& see)
      : program_(program), index_(program.ruleset(), most_met), lives_(lives), see_(see) {}

  [[nodiscard]] bool is_tired() const { return index_.is_tired(); }
  [[nodiscard]] PacketIndex& index() { return index_; }

  // Whether the rule matches. Every rule that does is live.
  bool matches(RuleId wanted, const Packet& packet, const Choices& choices) {
    index_.begin_walk();
    trace_ = walk(program_, packet, choices, index_);
    // What no packet does, or what rests on something that is no condition of a rule.
    if (index_.is_exhausted() || trace_.decision == Decision::elsewhere || !trace_.guessed.empty())
      return false;
    bool is_found = false;
    for (const TraceStep& step : trace_.steps) {
      if (!step.matched || !step.rule.names_something()) continue;
      is_found = is_found || step.rule == wanted;
      RuleLife& life = lives_.of_rule[step.rule.index()];
      if (life == RuleLife::live) continue;
      life = RuleLife::live;
      if (see_) see_(step.rule, packet, choices);
    }
    return is_found;
  }

  // No packet was followed for what is asked next.
  void forget() { trace_ = {}; }

  // The last rule that matched the last packet; nullptr if none did.
  [[nodiscard]] const TraceStep* last_match() const {
    for (auto step = trace_.steps.rbegin(); step != trace_.steps.rend(); ++step) {
      if (step->matched && step->rule.names_something()) return &*step;
    }
    return nullptr;
  }

 private:
  const Program& program_;
  PacketIndex index_;
  RuleLives& lives_;
  const SeeWitness& see_;
  Trace trace_;
};

class Search {
 public:
  Search(const Program& program, const RuleLivesLimits& limits, const SeeWitness& see)
      : program_(program),
        ruleset_(program.ruleset()),
        boxes_(program),
        ways_(program, boxes_),
        judge_(program, lives_, limits.most_met, see),
        cut_left_(limits.most_cut) {
    lives_.of_rule.resize(ruleset_.rules.size());
    lives_.shadows.of_rule.resize(ruleset_.rules.size());
  }

  RuleLives run() {
    lives_.can_be_followed = ways_.can_be_followed();
    if (!lives_.can_be_followed) return std::move(lives_);
    for (const ChainWay& way : ways_.all()) propose(way);
    for (const Table& table : ruleset_.tables) {
      if (!ip_versions(table.family).has(program_.version())) continue;
      for (const ChainId chain : table.chains) settle(chain);
    }
    return std::move(lives_);
  }

 private:
  [[nodiscard]] bool is_open(RuleId rule) const {
    return lives_.of_rule[rule.index()] == RuleLife::not_known;
  }

  // One packet of each box of each rule.
  void propose(const ChainWay& way) {
    const std::vector<RuleId>& rules = ruleset_[way.chain].rules;
    if (std::ranges::none_of(rules, [&](RuleId rule) { return is_open(rule); })) return;
    const WayRegion& entering = ways_.region_of(way);
    if (entering.boxes.empty()) return;
    const BoxView view = ways_.view_of(way);
    for (const RuleId rule : rules) {
      if (!is_open(rule)) continue;
      if (judge_.is_tired()) return;
      boxes_.region_of(rule, view, region_);
      constexpr std::size_t most_tries = 4;
      std::size_t tries = 0;
      for (const RangeBox& box : region_.boxes) {
        for (const RangeBox& entry : entering.boxes) {
          if (++tries > most_tries || !is_open(rule)) break;
          if (entry.sides().empty()) {
            (void)try_box(rule, box, way, entering);
            continue;
          }
          RangeBox both = box;
          if (both.restrict(entry)) (void)try_box(rule, both, way, entering);
        }
      }
    }
  }

  // region_ is the rule's.
  bool try_box(RuleId rule, const RangeBox& box, const ChainWay& way, const WayRegion& entering) {
    const auto packet =
        packet_in(box, boxes_.names(), program_.version(), way.path, entering.hints, region_.hints);
    if (!packet) {
      judge_.forget();
      return false;
    }
    choices_.free.clear();
    choose(entering.needs);
    choose(region_.needs);
    return judge_.matches(rule, *packet, choices_);
  }

  void choose(const std::vector<std::pair<FreeId, bool>>& needs) {
    for (const auto& [id, value] : needs) {
      if (!value) continue;
      if (choices_.free.size() <= id) choices_.free.resize(id + 1);
      choices_.free[id] = true;
    }
  }

  // What no first proposal shows to be live.
  void settle(ChainId chain) {
    const std::vector<RuleId>& rules = ruleset_[chain].rules;
    if (std::ranges::none_of(rules, [&](RuleId rule) { return is_open(rule); })) return;
    const std::vector<BoxView> views = ways_.views_of(chain);
    if (views.empty()) {
      for (const RuleId rule : rules) lives_.of_rule[rule.index()] = RuleLife::never;
      return;
    }
    const std::vector<const ChainWay*> ways = ways_.to(chain);
    std::vector<ChainCover> covers;
    covers.reserve(views.size());
    for (const BoxView& view : views) {
      covers.emplace_back(ruleset_, boxes_, judge_.index(), chain, view);
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!is_open(rules[i])) continue;
      bool is_covered = true;
      Shadow shadow;
      bool is_asked_for = false;
      for (std::size_t v = 0; v < views.size(); ++v) {
        const Covered found = covers[v].of(i, cut_left_);
        if (!found.is_known) {
          is_covered = false;
        } else if (!found.left.empty()) {
          is_covered = false;
          if (!is_open(rules[i])) break;
          for (const ChainWay* way : ways) {
            if (ways_.view_of(*way) == views[v] && search_left(rules[i], *way, found.left)) break;
          }
        } else {
          is_asked_for = is_asked_for || found.is_asked_for;
          for (const RuleId taker : found.takers) shadow.takers.push_back(taker);
        }
      }
      if (!is_covered || !is_open(rules[i])) continue;
      lives_.of_rule[rules[i].index()] = RuleLife::never;
      // What matches nothing at all is another matter than being shadowed.
      const Rule& rule = ruleset_[rules[i]];
      if (!is_asked_for || !is_plain(ruleset_, rule) || differs_by_packet(program_, rule)) continue;
      merge_shadow(ruleset_, rules[i], std::move(shadow), lives_.shadows);
    }
  }

  // Whether a packet of what earlier plain rules of the chain leave comes to the rule. What takes
  // one elsewhere is cut out before the next try.
  bool search_left(RuleId rule, const ChainWay& way, const std::vector<RangeBox>& left) {
    const WayRegion entering = ways_.region_of(way);
    std::vector<RangeBox> pieces;
    constexpr std::size_t most_pieces = 64;
    for (const RangeBox& box : left) {
      for (const RangeBox& entry : entering.boxes) {
        RangeBox both = box;
        if (pieces.size() < most_pieces && both.restrict(entry)) pieces.push_back(std::move(both));
      }
    }
    constexpr std::size_t most_tries = 12;
    for (std::size_t tries = 0; tries < most_tries && !pieces.empty(); ++tries) {
      if (judge_.is_tired()) return false;
      boxes_.region_of(rule, ways_.view_of(way), region_);
      const RangeBox tried = pieces.back();
      if (try_box(rule, tried, way, entering)) return true;
      const TraceStep* taker = judge_.last_match();
      if (taker == nullptr || pieces.size() > most_pieces) {
        pieces.pop_back();
        continue;
      }
      const Run& run = program_.runs(way.path)[taker->run];
      boxes_.region_of(taker->rule, {run.sees_out_interface(), run.is_before_conntrack}, taking_);
      bool is_cut = false;
      for (const RangeBox& box : taking_.boxes) {
        is_cut = intersects(tried, box) || is_cut;
        (void)cut_out(pieces, box, boxes_.domains());
      }
      if (!is_cut) pieces.pop_back();
    }
    return false;
  }

  const Program& program_;
  const Ruleset& ruleset_;
  RuleBoxes boxes_;
  ChainWays ways_;
  RuleLives lives_;
  Judge judge_;
  std::size_t cut_left_;
  RuleRegion region_;
  RuleRegion taking_;
  Choices choices_;
};

// The rows of each rule that is not known.
class Completion {
 public:
  Completion(FamilyWorld& family, RuleLives& lives, const SeeWitness& see)
      : family_(family),
        lives_(lives),
        judge_(family.program(), lives, RuleLivesLimits{}.most_met, see) {}

  void run(World& world) {
    const Program& program = family_.program();
    std::vector<bool> is_matched(lives_.of_rule.size());
    for (const Path path : all_paths) {
      for (const RuleReach& row : family_.reached(path).rules) {
        if (row.matches == Diagram::no) continue;
        is_matched[row.rule.index()] = true;
        if (lives_.of_rule[row.rule.index()] == RuleLife::live || judge_.is_tired()) continue;
        const Layout::Example example = example_of(world, path, row.matches);
        Choices choices;
        choices.free = example.free;
        (void)judge_.matches(row.rule, example.packet, choices);
      }
    }
    for (const Table& table : program.ruleset().tables) {
      if (!ip_versions(table.family).has(program.version())) continue;
      for (const ChainId chain : table.chains) {
        for (const RuleId rule : program.ruleset()[chain].rules) {
          RuleLife& life = lives_.of_rule[rule.index()];
          if (life != RuleLife::not_known || is_matched[rule.index()]) continue;
          // What differs from packet to packet may do so between two rules, too.
          if (!differs_by_packet(program, program.ruleset()[rule])) life = RuleLife::never;
        }
      }
    }
  }

 private:
  FamilyWorld& family_;
  RuleLives& lives_;
  Judge judge_;
};

}  // namespace

RuleLives find_rule_lives(const Program& program, const RuleLivesLimits& limits,
                          const SeeWitness& see) {
  return Search(program, limits, see).run();
}

void complete(RuleLives& lives, FamilyWorld& family, const SeeWitness& see) {
  if (!lives.can_be_followed || family.world() == nullptr ||
      std::ranges::find(family.cut(), Analysis::shadows) != family.cut().end()) {
    return;
  }
  (void)family.run(Analysis::shadows,
                   [&](World& world) { Completion(family, lives, see).run(world); });
}

}  // namespace untrack
