#include "analysis/program/early_notrack.hpp"

#include <algorithm>

namespace untrack {
namespace {

// NF_IP_PRI_CONNTRACK_DEFRAG, linux/netfilter_ipv4.h; measured: -401 goes ahead of it, -400 not.
constexpr int defrag = -400;

bool has_notrack(const Ruleset& ruleset, const Table& table) {
  return std::ranges::any_of(table.chains, [&](ChainId chain) {
    return std::ranges::any_of(ruleset[chain].rules, [&](RuleId rule) {
      return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), [](const auto& part) {
        const auto* statement = std::get_if<Statement>(&part.what);
        return statement != nullptr && std::holds_alternative<NotrackStatement>(*statement);
      });
    });
  });
}

}  // namespace

bool untracks_fragments(const Program& program) {
  if (!program.tracks() || !program.obeys_notrack()) return false;
  const Ruleset& ruleset = program.ruleset();
  return std::ranges::any_of(program.runs(Path::forward), [&](const Run& run) {
    return run.hook == Hook::prerouting && run.priority < defrag &&
           has_notrack(ruleset, ruleset[ruleset[run.chain].table]);
  });
}

}  // namespace untrack
