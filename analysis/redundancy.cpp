#include "analysis/redundancy.hpp"

#include <algorithm>

#include "analysis/facts.hpp"
#include "analysis/stand_in.hpp"
#include "analysis/watched_packets.hpp"

namespace untrack {
namespace {

// Nobody follows more of them by eye.
constexpr std::size_t most_takers = 16;

const Statement* only_statement(const Ruleset& ruleset, const Rule& rule) {
  const Statement* only = nullptr;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    if (only != nullptr) return nullptr;
    only = statement;
  }
  return only;
}

// A REJECT that answers in another way is another decision.
bool decide_alike(const Statement& a, const Statement& b) {
  const auto* verdict = std::get_if<VerdictStatement>(&a);
  const auto* other_verdict = std::get_if<VerdictStatement>(&b);
  if (verdict != nullptr && other_verdict != nullptr) {
    return verdict->verdict == other_verdict->verdict;
  }
  const auto* reject = std::get_if<RejectStatement>(&a);
  const auto* other_reject = std::get_if<RejectStatement>(&b);
  return reject != nullptr && other_reject != nullptr && reject->with == other_reject->with;
}

End end_of(const Ruleset& ruleset, const Rule& rule) {
  if (accepts(ruleset, rule)) return End::accept;
  return find_statement<RejectStatement>(ruleset, rule) != nullptr ? End::reject : End::drop;
}

class RedundancySearch {
 public:
  RedundancySearch(SymbolicWalk& walk, const Shadows& shadows)
      : walk_(walk),
        d_(walk.diagram()),
        program_(walk.program()),
        ruleset_(program_.ruleset()),
        shadows_(shadows),
        watched_(walk),
        rows_(ruleset_.rules.size()) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].is_needed = !may_be_redundant(ruleset_.rules[i]);
    }
  }

  void search_path(Path path, const PathReach& found) {
    for (const ChainReach& chain : found.chains) {
      const Run& run = program_.runs(path)[chain.run];
      View view = walk_.view_of(path, run);
      search_chain(chain.chain, found.rules_of(chain), view);
      // What comes back over loopback has its state here already. Which packets do is not told
      // apart in `found`, so that all of them must do without the rule.
      if (path == Path::in && run.is_before_conntrack) {
        view.is_seen = true;
        search_chain(chain.chain, found.rules_of(chain), view);
      }
    }
  }

  // Those that can go together, by RuleId.
  void collect(std::vector<Rare<std::vector<RuleId>>>& takers) {
    for (const Chain& chain : ruleset_.chains) {
      // From the end, since takers stand behind.
      for (std::size_t i = chain.rules.size(); i-- > 0;) {
        Row& row = rows_[chain.rules[i].index()];
        if (row.is_needed || row.takers.empty()) continue;
        std::ranges::sort(row.takers, {}, [&](RuleId taker) { return place_of(chain, taker); });
        row.takers.erase(std::unique(row.takers.begin(), row.takers.end()), row.takers.end());
        const bool is_free = std::ranges::none_of(row.takers, [&](RuleId taker) {
          return takers[taker.index()].has_value() || shadows_.of_rule[taker.index()].has_value();
        });
        if (is_free && row.takers.size() <= most_takers) {
          takers[chain.rules[i].index()] = row.takers;
        }
      }
    }
  }

 private:
  struct Row {
    bool is_needed = false;      // or that is not known
    std::vector<RuleId> takers;  // none: no packet matches it
  };

  static std::ptrdiff_t place_of(const Chain& chain, RuleId rule) {
    return std::ranges::find(chain.rules, rule) - chain.rules.begin();
  }

  [[nodiscard]] bool may_be_redundant(const Rule& rule) const {
    if (!only_decides(ruleset_, rule) || only_statement(ruleset_, rule) == nullptr) return false;
    if (is_unconditional(ruleset_, rule) || asks_beyond_packet(program_, rule)) return false;
    // -m socket reassembles fragments for all that stands behind it; others have lists of their
    // own.
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      if (match_as<OpaqueTest>(part) != nullptr) return false;
    }
    return true;
  }

  void search_chain(ChainId chain, std::span<const RuleReach> rows, const View& view) {
    const ChainTree& tree = walk_.tree(chain, view);
    const std::vector<std::vector<Ref>>& watched = watched_.tree(chain, view);
    for (const End end : {End::accept, End::drop, End::reject}) {
      exclude(tree, watched, rows, end);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Row& row = rows_[rows[i].rule.index()];
      if (row.is_needed || rows[i].matches == Diagram::no) continue;
      row.is_needed = !is_taken(tree, watched, rows, i, row.takers);
    }
  }

  // Marks the rules with this end that are needed, all of them together and in halves: each for
  // itself against all that stands behind it would be quadratic for long lists.
  void exclude(const ChainTree& tree, const std::vector<std::vector<Ref>>& watched,
               std::span<const RuleReach> rows, End end) {
    std::vector<Fate> fates;
    for (const RuleReach& row : rows) {
      fates.push_back({counts(row, end) ? row.matches : Diagram::no, Diagram::no});
    }
    for (std::size_t level = 0; fates.size() > 1; ++level) {
      std::vector<Fate> above;
      for (std::size_t i = 0; i < fates.size(); i += 2) {
        above.push_back(i + 1 < fates.size()
                            ? joined(fates[i], fates[i + 1], tree.functions[level][i + 1],
                                     watched[level][i + 1], end)
                            : fates[i]);
      }
      fates = std::move(above);
    }
    if (rows.empty()) return;
    const Ref needing = d_.disj(fates.front().on, fates.front().lost);
    for (const RuleReach& row : rows) {
      if (counts(row, end) && d_.intersects(needing, row.matches)) {
        rows_[row.rule.index()].is_needed = true;
      }
    }
  }

  [[nodiscard]] bool counts(const RuleReach& row, End end) const {
    return !rows_[row.rule.index()].is_needed && end_of(ruleset_, ruleset_[row.rule]) == end;
  }

  // What becomes, within an entry of the tree, of the packets of the rules in question behind
  // their rule, which is taken away.
  struct Fate {
    Ref on;    // those that go on behind the entry
    Ref lost;  // those that are watched, or decided otherwise
  };

  Fate joined(const Fate& left, const Fate& right, Ref function, Ref watched, End end) {
    Fate both{right.on, d_.disj(left.lost, right.lost)};
    if (left.on == Diagram::no) return both;
    constexpr auto next = static_cast<std::uint32_t>(End::next);
    static_assert(End::next > std::max({End::accept, End::drop, End::reject}), "sorted below");
    const std::uint32_t fine[] = {static_cast<std::uint32_t>(end), next};
    both.on = d_.disj(both.on, d_.conj(left.on, d_.where(function, next)));
    both.lost = d_.disj(both.lost, d_.minus(left.on, d_.where(function, fine)));
    both.lost = d_.disj(both.lost, d_.conj(left.on, watched));
    return both;
  }

  // Whether what matches rule i is decided alike behind it: by the right neighbours of the entries
  // that it lies in, which are all that stands behind it, in their order.
  bool is_taken(const ChainTree& tree, const std::vector<std::vector<Ref>>& watched,
                std::span<const RuleReach> rows, std::size_t i, std::vector<RuleId>& takers) {
    const Rule& rule = ruleset_[rows[i].rule];
    Sought sought{rows, *only_statement(ruleset_, rule), end_of(ruleset_, rule), takers};
    Ref left = rows[i].matches;
    for (std::size_t level = 0; level + 1 < tree.functions.size(); ++level) {
      const std::size_t right = (i >> level) + 1;
      if (right % 2 == 0 || right == tree.functions[level].size()) continue;
      if (d_.intersects(left, watched[level][right])) return false;
      if (!take(tree, level, right, sought, left)) return false;
      if (left == Diagram::no) return true;
    }
    return false;
  }

  struct Sought {
    std::span<const RuleReach> rows;
    const Statement& statement;
    End end;
    std::vector<RuleId>& takers;
  };

  // Takes from `left` what the entry decides alike; false if it decides some of it otherwise.
  bool take(const ChainTree& tree, std::size_t level, std::size_t entry, const Sought& sought,
            Ref& left) {
    if (left == Diagram::no) return true;
    const auto wanted = static_cast<std::uint32_t>(sought.end);
    // The value of End::next, where it is not about `left`, is what a packet that goes on has.
    const Ref here = d_.ite(left, tree.functions[level][entry], Outcomes::ref(End::next));
    bool takes = false;
    for (const std::uint32_t value : d_.values_of(here)) {
      if (value != wanted && value != static_cast<std::uint32_t>(End::next)) return false;
      takes = takes || value == wanted;
    }
    if (!takes) return true;
    if (level > 0) {
      const std::size_t first = 2 * entry;
      if (!take(tree, level - 1, first, sought, left)) return false;
      return first + 1 == tree.functions[level - 1].size() ||
             take(tree, level - 1, first + 1, sought, left);
    }
    const RuleId taker = sought.rows[entry].rule;
    const Statement* statement = only_statement(ruleset_, ruleset_[taker]);
    if (statement == nullptr || !decide_alike(*statement, sought.statement)) return false;
    left = d_.minus(left, d_.where(here, wanted));
    sought.takers.push_back(taker);
    return sought.takers.size() <= most_takers * 8;  // the same one may stand in it for many ways
  }

  SymbolicWalk& walk_;
  Diagram& d_;
  const Program& program_;
  const Ruleset& ruleset_;
  const Shadows& shadows_;
  WatchedPackets watched_;
  std::vector<Row> rows_;  // by RuleId
};

}  // namespace

void add_redundancies(FamilyWorld& family, const Shadows& shadows, Redundancies& redundancies) {
  if (family.is_partial()) return;
  const Ruleset& ruleset = family.program().ruleset();
  redundancies.takers.resize(ruleset.rules.size());
  std::vector<Rare<std::vector<RuleId>>> found;
  const bool is_known = family.run(Analysis::redundancy, [&](World& world) {
    found.resize(ruleset.rules.size());
    RedundancySearch search(world.walk(FamilyWorld::as_it_is), shadows);
    for (const Path path : all_paths) search.search_path(path, family.reached(path));
    search.collect(found);
  });
  if (!is_known) return;
  for (std::size_t i = 0; i < found.size(); ++i) {
    // A rule of both families would have to be redundant in both.
    if (!found[i] ||
        ip_versions(ruleset.table_of(ruleset.rules[i]).family) != IpVersions(family.version())) {
      continue;
    }
    redundancies.takers[i] = std::move(found[i]);
  }
}

}  // namespace untrack
