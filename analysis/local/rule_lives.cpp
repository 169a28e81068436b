#include "analysis/local/rule_lives.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "analysis/flows/family_world.hpp"
#include "analysis/flows/witness.hpp"
#include "analysis/local/rule_search.hpp"
#include "analysis/parallel.hpp"
#include "analysis/stand_in.hpp"

namespace untrack {
namespace {

// Deals out shares, in rounds, each of which knows what those before it found. Rounds and shares
// are the same for any number of threads.
class Search {
 public:
  Search(const Program& program, const RuleLivesLimits& limits, const SeeWitness& see)
      : program_(program),
        ruleset_(program.ruleset()),
        boxes_(program),
        ways_(program),
        index_(ruleset_, limits.most_met),
        left_(limits),
        see_(see) {
    lives_.of_rule.resize(ruleset_.rules.size());
    lives_.shadows.of_rule.resize(ruleset_.rules.size());
  }

  RuleLives run() {
    lives_.can_be_followed = ways_.can_be_followed();
    if (!lives_.can_be_followed) return std::move(lives_);
    propose();
    settle();
    return std::move(lives_);
  }

 private:
  // Rules of a chain, or of the chain of a way.
  struct Piece {
    const ChainWay* way = nullptr;  // to be proposed; otherwise to be settled
    ChainId chain;
    std::size_t first = 0;
    std::size_t last = 0;
  };
  using Share = std::vector<Piece>;

  [[nodiscard]] bool is_open(RuleId rule) const {
    return lives_.of_rule[rule.index()] == RuleLife::not_known;
  }

  // The rounds of a base chain, the deepest chains first: a packet that comes to a rule matches the
  // jumps on its way, too, of which none need be looked for then. What others call in their turn
  // has far fewer rules for the most part.
  void propose() {
    const std::span<const ChainWay> all = ways_.all();
    for (std::size_t begin = 0; begin < all.size();) {
      // Ways of one base chain, and where each of its rounds begins: of ways whose parents stand in
      // front of it.
      std::vector<std::size_t> rounds = {begin};
      std::size_t end = begin + 1;
      for (; end < all.size() && all[end].parent != ChainWay::no_parent; ++end) {
        if (all[end].parent >= rounds.back()) rounds.push_back(end);
      }
      std::size_t last = end;
      for (auto first = rounds.rbegin(); first != rounds.rend(); ++first) {
        for (const ChainWay& way : all.subspan(*first, last - *first)) {
          deal(&way, way.chain, left_.rules_of_share);
        }
        play(left_.worth_threads);
        last = *first;
      }
      begin = end;
    }
  }

  void settle() {
    // Each of them is dearer.
    constexpr std::size_t settled_for_proposed = 16;
    const std::size_t rules_of_share =
        std::max<std::size_t>(1, left_.rules_of_share / settled_for_proposed);
    for (const Table& table : ruleset_.tables) {
      if (!ip_versions(table.family).has(program_.version())) continue;
      for (const ChainId chain : table.chains) deal(nullptr, chain, rules_of_share);
    }
    play(left_.worth_threads / settled_for_proposed);
  }

  // Shares are of so many open rules.
  void deal(const ChainWay* way, ChainId chain, std::size_t most) {
    const std::vector<RuleId>& rules = ruleset_[chain].rules;
    Piece piece{way, chain, 0, 0};
    std::size_t open = 0;  // in the piece
    const auto add = [&] {
      if (open > 0) shares_.back().push_back(piece);
      piece.first = piece.last;
      open = 0;
    };
    for (const RuleId rule : rules) {
      ++piece.last;
      if (!is_open(rule)) continue;
      if (shares_.empty() || open_in_last_ == most) {
        --piece.last;
        if (!shares_.empty()) add();
        ++piece.last;
        shares_.emplace_back();
        open_in_last_ = 0;
      }
      ++open;
      ++open_in_last_;
      ++open_in_round_;
    }
    if (!shares_.empty()) add();
  }

  // `worth_threads`: open rules for which a thread saves more than it takes to begin.
  void play(std::size_t worth_threads) {
    std::vector<ShareFound> found(shares_.size());
    std::vector<bool> is_done(shares_.size());
    std::mutex mutex;  // of found, is_done and idle_
    const auto work = [&](std::size_t i) {
      std::unique_ptr<RuleSearch> search;
      {
        const std::lock_guard lock(mutex);
        if (is_used_up(std::span(found).first(i))) return;
        search = idle_search();
      }
      ShareFound brought = searched(*search, shares_[i], left_);
      const std::lock_guard lock(mutex);
      found[i] = std::move(brought);
      is_done[i] = true;
      idle_.push_back(std::move(search));
    };
    const std::size_t threads = open_in_round_ < worth_threads ? 1 : left_.threads;
    if (threads != 1 && !is_used_up({})) {
      // By this thread, whose memory has room for it where reading was: each other has memory of
      // its own, and waits for whoever does it.
      for (const Share& share : shares_) {
        for (const Piece& piece : share) index_.prepare(piece.chain);
      }
    }
    in_parallel(shares_.size(), threads, work);
    // Shares that were searched although those before them have used up all count as if they had
    // not been: with one thread they would not have been.
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      if (!is_done[i] || is_used_up(std::span(found).first(i))) {
        std::unique_ptr<RuleSearch> search = idle_search();
        found[i] = searched(*search, shares_[i], {.most_met = 0, .most_cut = 0});
        idle_.push_back(std::move(search));
      }
    }
    for (ShareFound& each : found) {
      left_.most_met -= std::min(left_.most_met, each.met);
      left_.most_cut -= std::min(left_.most_cut, each.cut);
      merge(each);
    }
    shares_.clear();
    open_in_last_ = open_in_round_ = 0;
  }

  // Those that are not done yet have used nothing; with them it can only be more.
  [[nodiscard]] bool is_used_up(std::span<const ShareFound> by) const {
    std::size_t met = 0;
    std::size_t cut = 0;
    for (const ShareFound& each : by) {
      met += each.met;
      cut += each.cut;
    }
    return met > left_.most_met || (cut > 0 && cut >= left_.most_cut);
  }

  [[nodiscard]] std::unique_ptr<RuleSearch> idle_search() {
    if (idle_.empty()) {
      return std::make_unique<RuleSearch>(program_, boxes_, ways_, index_, lives_.of_rule,
                                          static_cast<bool>(see_));
    }
    std::unique_ptr<RuleSearch> search = std::move(idle_.back());
    idle_.pop_back();
    return search;
  }

  static ShareFound searched(RuleSearch& search, const Share& share,
                             const RuleLivesLimits& allowed) {
    search.begin(allowed);
    for (const Piece& piece : share) {
      if (piece.way != nullptr) {
        search.propose(*piece.way, piece.first, piece.last);
      } else {
        search.settle(piece.chain, piece.first, piece.last);
      }
    }
    return search.end();
  }

  void merge(ShareFound& found) {
    for (std::size_t i = 0; i < found.live.size(); ++i) {
      if (!is_open(found.live[i])) continue;  // another share found it, too
      lives_.of_rule[found.live[i].index()] = RuleLife::live;
      if (see_) see_(found.live[i], found.packets[i].packet, found.packets[i].choices);
    }
    for (FoundNever& each : found.never) {
      lives_.of_rule[each.rule.index()] = RuleLife::never;
      if (each.shadow) merge_shadow(ruleset_, each.rule, std::move(*each.shadow), lives_.shadows);
    }
  }

  const Program& program_;
  const Ruleset& ruleset_;
  RuleBoxes boxes_;
  ChainWays ways_;
  RulesByPacket index_;
  RuleLives lives_;
  RuleLivesLimits left_;
  const SeeWitness& see_;
  std::vector<Share> shares_;  // of this round
  std::size_t open_in_last_ = 0;
  std::size_t open_in_round_ = 0;
  std::vector<std::unique_ptr<RuleSearch>> idle_;
};

// Follows packets, and keeps which rules they match.
class Judge {
 public:
  Judge(const Program& program, RuleLives& lives, std::size_t most_met, const SeeWitness& see)
      : program_(program), index_(program.ruleset(), most_met), lives_(lives), see_(see) {}

  [[nodiscard]] bool is_tired() const { return index_.is_tired(); }

  // Whether the rule matches. Every rule that does is live.
  bool matches(RuleId wanted, const Packet& packet, const Choices& choices) {
    index_.begin_walk();
    const Trace trace = walk(program_, packet, choices, index_);
    // What no packet does, or what rests on something that is no condition of a rule.
    if (index_.is_exhausted() || trace.decision == Decision::elsewhere || !trace.guessed.empty())
      return false;
    bool is_found = false;
    for (const TraceStep& step : trace.steps) {
      if (!step.matched || !step.rule.names_something()) continue;
      is_found = is_found || step.rule == wanted;
      RuleLife& life = lives_.of_rule[step.rule.index()];
      if (life == RuleLife::live) continue;
      life = RuleLife::live;
      if (see_) see_(step.rule, packet, choices);
    }
    return is_found;
  }

 private:
  const Program& program_;
  RulesByPacket index_;
  RuleLives& lives_;
  const SeeWitness& see_;
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
          if (!asks_beyond_packet(program, program.ruleset()[rule])) life = RuleLife::never;
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
