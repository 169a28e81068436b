// Diagram::choose: a wide node over functions that may ask what stands above it. One if-then-else
// for each function would go over all runs as many times as there are functions.
#include <algorithm>
#include <map>

#include "analysis/diagram/diagram.hpp"

namespace untrack {

Ref Diagram::choose(Level level, std::span<const Run> runs, const std::vector<Ref>& functions) {
  std::map<std::vector<Ref>, Ref> known;
  return choose_below(level, runs, functions, known);
}

Ref Diagram::choose_below(Level level, std::span<const Run> runs, const std::vector<Ref>& functions,
                          std::map<std::vector<Ref>, Ref>& known) {
  if (const auto at = known.find(functions); at != known.end()) return at->second;
  steps_ += functions.size();
  count_step();
  Level at = level;
  for (const Ref f : functions) at = std::min(at, top(f));
  const std::size_t base = scratch_.size();
  if (at == level) {
    steps_ += runs.size();
    if (steps_ > limits_.steps) throw BudgetExhausted();  // before millions of edges are made
    Atom first = 0;
    for (const Run& run : runs) {
      const Ref f = functions[run.function];
      if (top(f) == level) {
        const std::span<const Edge> own = edges(f);
        auto edge = std::ranges::lower_bound(own, first, {}, &Edge::last);
        for (; edge->last < run.last; ++edge) push(edge->last, edge->child);
        push(run.last, edge->child);
      } else {
        push(run.last, f);
      }
      first = run.last + 1;
    }
    const Ref made = make(level, base);
    known.emplace(functions, made);
    return made;
  }
  // The edge of each that is next.
  std::vector<std::uint32_t> next(functions.size(), 0);
  const Atom end = sizes_[at] - 1;
  std::vector<Ref> children = functions;
  for (Atom first = 0;;) {
    Atom last = end;
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (top(functions[i]) != at) continue;
      const std::span<const Edge> own = edges(functions[i]);
      while (own[next[i]].last < first) ++next[i];
      children[i] = own[next[i]].child;
      last = std::min(last, own[next[i]].last);
    }
    push(last, choose_below(level, runs, children, known));
    if (last == end) break;
    first = last + 1;
  }
  const Ref made = make(at, base);
  known.emplace(functions, made);
  return made;
}

}  // namespace untrack
