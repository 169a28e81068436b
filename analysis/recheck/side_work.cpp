// Rulesets: what is handed to a proxy, and what rules fill for others to ask: each of both rulesets
// for the same packets, in every state, and in the same order.
#include "analysis/program/side_work.hpp"

#include <array>

#include "analysis/program/memory_uses.hpp"
#include "analysis/recheck/obligations.hpp"

namespace untrack::boxwise {

void Rulesets::add_side_work(std::vector<Breach>& all, bool is_proxy) {
  const std::array<BoxWalk*, 2> walks = {&old_, &new_};
  const SideWorkOfBoth both = side_work_of(old_.program(), new_.program());
  if (both.works[0].empty() && both.works[1].empty()) return;
  const std::array<std::pair<CtState, BoxList>, 4> entering = {
      std::pair(CtState::new_, traffic_.can_be_new()),
      std::pair(CtState::established, sets_.either(traffic_.continuations(), traffic_.replies())),
      std::pair(CtState::related,
                sets_.either(traffic_.related_errors(), traffic_.initiators(true, true))),
      std::pair(CtState::invalid, traffic_.can_be_invalid())};
  for (const Path path : all_paths) {
    for (const auto& row : entering) {
      const BoxList start = sets_.both(row.second, old_.on_way(path));
      std::array<BoxWalk::Matched, 2> come;
      for (std::size_t i = 0; i < walks.size(); ++i) {
        const SideWorks& works = both.works[i];
        come[i] = walks[i]->matched(
            path, row.first, start,
            [&](RuleId id) { return works.contains(static_cast<std::uint32_t>(id.index())); },
            BoxWalk::Asks::at_parts);
      }
      const auto packets_of = [&](std::size_t i, const SideWork& work) -> const BoxList& {
        return come[i][work.part];
      };
      for (std::size_t i = 0; i < walks.size(); ++i) {
        for (const auto& [rule, list] : both.works[i]) {
          for (const SideWork& work : list) {
            if ((work.kind == SideWorkKind::proxies) != is_proxy) continue;
            BoxList alone = packets_of(i, work);
            if (is_proxy) {
              alone = sets_.both(alone, flows_.assumed_sources(path));
              alone = sets_.both(alone, flows_.assumed_protocols(path));
            }
            BoxList certainly = alone;
            for (const auto& [other_rule, others] : both.works[1 - i]) {
              for (const SideWork& other : others) {
                if ((other.kind == SideWorkKind::proxies) != is_proxy) continue;
                certainly = sets_.minus(certainly, packets_of(1 - i, other));
                if (other.text == work.text) alone = sets_.minus(alone, packets_of(1 - i, other));
              }
            }
            Breach open{path, std::move(alone), row.first, row.first,
                        is_proxy ? "is handed to a proxy, perhaps in another way"
                                 : "meets a rule that fills what others ask, and not in both"};
            open.is_certain = false;
            add(all, std::move(open));
            if (!is_proxy || i != 0 || row.first != CtState::new_) continue;
            add(all, {path, std::move(certainly), row.first, row.first,
                      "was handed to a proxy, and no longer is"});
          }
        }
      }
    }
    if (is_proxy) continue;
    if (reordered_memory(old_.program(), new_.program(), path, both.memories).empty()) continue;
    Breach open{path, old_.on_way(path), CtState::new_, CtState::new_,
                "may meet rules that fill and ask the same in another order"};
    open.is_certain = false;
    add(all, std::move(open));
  }
}

// O2: what several rules leave in an entry is left in the same order.
void Rulesets::add_reordered_entries(std::vector<Breach>& all) {
  const std::vector<std::string> entries = entries_left_otherwise(old_.program(), new_.program());
  for (const Path path : all_paths) {
    if (reordered_memory(old_.program(), new_.program(), path, entries).empty()) continue;
    Breach open{path, old_.on_way(path), CtState::new_, CtState::new_,
                "may meet rules that write the same of its entry in another order"};
    open.is_certain = false;
    add(all, std::move(open));
  }
}

}  // namespace untrack::boxwise
