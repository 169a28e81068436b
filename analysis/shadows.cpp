#include "analysis/shadows.hpp"

#include <algorithm>

#include "analysis/facts.hpp"
#include "analysis/stand_in.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {
namespace {

class Search {
 public:
  Search(FamilyWorld& family, Shadows& shadows)
      : family_(family),
        d_(family.world()->diagram()),
        walk_(family.world()->walk(FamilyWorld::as_it_is)),
        program_(walk_.program()),
        ruleset_(program_.ruleset()),
        shadows_(shadows),
        lives_(ruleset_.rules.size()) {}

  void run() {
    for (const Path path : all_paths) {
      const PathReach& found = family_.reached(path);
      for (const ChainReach& chain : found.chains) {
        search_chain(path, chain.entering, found.rules_of(chain));
      }
    }
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      if (lives_[i]) shadows_.of_rule[i].reset();
    }
  }

 private:
  Ref asked(Path path, const RuleReach& row, Ref entering) {
    const Run& run = program_.runs(path)[row.run];
    const Rule& rule = ruleset_[row.rule];
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const std::uint32_t part = rule.parts.first + i;
      if (!std::holds_alternative<Match>(ruleset_.parts[part].what)) continue;
      entering = d_.conj(entering, walk_.where_true(part, path, run));
    }
    return entering;
  }

  void search_chain(Path path, Ref entering, std::span<const RuleReach> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const RuleId id = rows[i].rule;
      const Rule& rule = ruleset_[id];
      if (rows[i].matches != Diagram::no || !only_decides(ruleset_, rule) ||
          asks_beyond_packet(program_, rule)) {
        lives_[id.index()] = true;
        continue;
      }
      if (lives_[id.index()]) continue;
      Ref left = asked(path, rows[i], entering);
      // Not asked for by anything that enters here: another matter than being shadowed.
      if (left == Diagram::no) continue;
      Shadow shadow;
      for (std::size_t j = 0; j < i && left != Diagram::no; ++j) {
        if (!only_decides(ruleset_, ruleset_[rows[j].rule])) continue;
        const Ref rest = d_.minus(left, rows[j].matches);
        if (rest == left) continue;
        left = rest;
        shadow.takers.push_back(rows[j].rule);
      }
      // A jump took the rest, or something changed the packets on their way.
      if (left != Diagram::no) {
        lives_[id.index()] = true;
        continue;
      }
      // One rule that asks for all of it says more than the many that take a piece before it.
      const Ref all = asked(path, rows[i], entering);
      for (const RuleId taker : std::vector<RuleId>(shadow.takers)) {
        const auto at = std::ranges::find(rows, taker, &RuleReach::rule);
        if (d_.implies(all, asked(path, *at, entering))) {
          shadow.takers = {taker};
          break;
        }
      }
      merge_shadow(ruleset_, id, std::move(shadow), shadows_);
    }
  }

  FamilyWorld& family_;
  Diagram& d_;
  SymbolicWalk& walk_;
  const Program& program_;
  const Ruleset& ruleset_;
  Shadows& shadows_;
  std::vector<bool> lives_;  // by RuleId: something may match it, or that is not known
};

}  // namespace

void merge_shadow(const Ruleset& ruleset, RuleId rule, Shadow shadow, Shadows& shadows) {
  Rare<Shadow>& known = shadows.of_rule[rule.index()];
  if (known) {
    for (const RuleId taker : known->takers) shadow.takers.push_back(taker);
    std::ranges::sort(shadow.takers);
    shadow.takers.erase(std::unique(shadow.takers.begin(), shadow.takers.end()),
                        shadow.takers.end());
  }
  const bool is_accept = accepts(ruleset, ruleset[rule]);
  const auto agrees = [&](RuleId taker) { return accepts(ruleset, ruleset[taker]) == is_accept; };
  shadow.is_opposite = std::ranges::none_of(shadow.takers, agrees);
  known = std::move(shadow);
}

void add_shadows(FamilyWorld& family, const Shadows& of_chains, Shadows& shadows) {
  if (family.is_partial()) return;
  const Ruleset& ruleset = family.program().ruleset();
  shadows.of_rule.resize(ruleset.rules.size());
  Shadows found;
  found.of_rule.resize(ruleset.rules.size());
  if (!family.run(Analysis::shadows, [&](World&) { Search(family, found).run(); })) {
    found = of_chains;
  }
  for (std::size_t i = 0; i < found.of_rule.size(); ++i) {
    if (!found.of_rule[i]) continue;
    // A table of both families would have to be dead in both.
    if (ip_versions(ruleset.table_of(ruleset.rules[i]).family) != IpVersions(family.version())) {
      continue;
    }
    shadows.of_rule[i] = std::move(found.of_rule[i]);
  }
}

}  // namespace untrack
