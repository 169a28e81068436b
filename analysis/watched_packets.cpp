#include "analysis/watched_packets.hpp"

#include "analysis/facts.hpp"

namespace untrack {
namespace {

bool has_history(const Match& match) {
  const auto* test = std::get_if<OpaqueTest>(&match);
  return test != nullptr && test->has_history;
}

bool is_plain_verdict(const Statement& statement) {
  if (std::holds_alternative<RejectStatement>(statement)) return true;
  const auto* verdict = std::get_if<VerdictStatement>(&statement);
  return verdict != nullptr &&
         (verdict->verdict == Verdict::accept || verdict->verdict == Verdict::drop ||
          verdict->verdict == Verdict::return_);
}

}  // namespace

WatchedPackets::WatchedPackets(SymbolicWalk& walk)
    : walk_(walk), d_(walk.diagram()), ruleset_(walk.program().ruleset()) {}

const std::vector<std::vector<Ref>>& WatchedPackets::tree(ChainId chain, const View& view) {
  if (const auto at = trees_.find({chain, view}); at != trees_.end()) return at->second;
  for (const ChainId next : walk_.called_first(chain)) {
    const auto key = std::make_pair(next, view);
    if (trees_.contains(key)) continue;
    // A loop, which the kernel refuses, would come back here.
    trees_[key] = {{Diagram::yes}};
    try {
      trees_[key] = made_tree(next, view);
    } catch (...) {
      trees_.erase(key);
      throw;
    }
  }
  return trees_.at({chain, view});
}

std::vector<std::vector<Ref>> WatchedPackets::made_tree(ChainId chain, const View& view) {
  const ChainTree& functions = walk_.tree(chain, view);
  std::vector<std::vector<Ref>> made;
  if (!functions.functions.empty()) made.emplace_back();
  for (const RuleId rule : ruleset_[chain].rules) {
    made[0].push_back(in_rule(ruleset_[rule], view));
  }
  for (std::size_t k = 1; k < functions.functions.size(); ++k) {
    const std::vector<Ref>& below = made.back();
    std::vector<Ref> level;
    for (std::size_t i = 0; i < below.size(); i += 2) {
      Ref watched = below[i];
      if (i + 1 < below.size() && below[i + 1] != Diagram::no) {
        // What the left half changes is watched there.
        const Ref on =
            d_.where(functions.functions[k - 1][i], static_cast<std::uint32_t>(End::next));
        watched = d_.disj(watched, d_.conj(on, below[i + 1]));
      }
      level.push_back(watched);
    }
    made.push_back(std::move(level));
  }
  return made;
}

Ref WatchedPackets::in_rule(const Rule& rule, const View& view) {
  Ref coming = Diagram::yes;
  Ref watched = Diagram::no;
  bool has_statement = false;
  const bool is_always = is_unconditional(ruleset_, rule);
  for (std::uint32_t i = 0; i < rule.parts.count && coming != Diagram::no; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    if (const auto* match = std::get_if<Match>(&ruleset_.parts[part].what)) {
      if (has_history(*match)) watched = d_.disj(watched, coming);
      coming = d_.conj(walk_.encoder().encode(part, view), coming);
      continue;
    }
    has_statement = true;
    const Statement& statement = std::get<Statement>(ruleset_.parts[part].what);
    const auto* jump = std::get_if<JumpStatement>(&statement);
    if (jump != nullptr && jump->chain.names_something() && !jump->is_goto) {
      watched = d_.disj(watched, d_.conj(coming, in_called(jump->chain, view)));
    } else if (!is_plain_verdict(statement) || is_always) {
      watched = d_.disj(watched, coming);
    }
  }
  // It counts.
  return has_statement ? watched : d_.disj(watched, coming);
}

// Decided there, or watched on the way through.
Ref WatchedPackets::in_called(ChainId chain, const View& view) {
  const std::vector<std::vector<Ref>>& watched = tree(chain, view);
  if (watched.empty()) return Diagram::no;
  constexpr auto next = static_cast<std::uint32_t>(End::next);
  constexpr auto back = static_cast<std::uint32_t>(End::back);
  const std::uint32_t through[] = {next, back};
  const Ref ends = d_.negate(d_.where(walk_.summary(chain, view), through));
  return d_.disj(watched.back().front(), ends);
}

}  // namespace untrack
