// Comparison: flows of which the rules see no first packet as NEW, or one direction alone: what a
// helper expects, and what goes other ways back.
#include <fmt/format.h>

#include "analysis/flows/obligation_sets.hpp"

namespace untrack {

std::optional<Violation> Comparison::lost_expected() {
  Diagram& d = world_.diagram();
  for (const Path path : all_paths) {
    const Ref first = old_.expected(path);
    const Ref lost = d.minus(first, world_.accepts(1, path, CtState::related));
    if (lost != Diagram::no) {
      return Violation{path,
                       lost,
                       CtState::related,
                       CtState::related,
                       "may begin a flow that a helper expects, and is refused; the assumption "
                       "helpers_unused says that there are none",
                       Shows::lost};
    }
    const Ref was = world_.may_accept(0, path, CtState::established);
    const Ref later = d.conj(d.conj(world_.flow_of(first), world_.continuations()), was);
    const Ref answers = d.conj(
        d.conj(world_.mirrored(world_.flow_of(old_.expected(opposite(path)))), world_.replies()),
        d.conj(was, world_.on_way(path)));
    if (auto broken =
            lost_later(path, later, answers, "a flow that a helper expects", Diagram::no)) {
      return broken;
    }
  }
  return std::nullopt;
}

Ref Comparison::lost_of_flows(Path path, Ref refused) {
  // Mostly nothing is refused, and what goes on flows or answers them is dear to say.
  if (refused == Diagram::no) return refused;
  Diagram& d = world_.diagram();
  const Ref of_flows =
      d.disj(d.conj(old_.continuing(path), refused), d.conj(old_.answering(path), refused));
  return d.minus(of_flows, old_.refused_by_rate(path));
}

// To conntrack, which sees one direction alone, each packet of it begins something, or is INVALID.
std::optional<Violation> Comparison::lost_by_halves(Path path) {
  Diagram& d = world_.diagram();
  const Path back = opposite(path);
  const Ref unseen = d.conj(world_.untracked(0, back), routed(back));
  if (unseen == Diagram::no) return std::nullopt;
  Ref seen = d.minus(world_.mirrored(world_.flow_of(unseen)), world_.untracked(0, path));
  seen = d.conj(d.conj(seen, to_one_host()), d.conj(routed(path), tracked_otherwise(path)));
  if (seen == Diagram::no) return std::nullopt;
  seen = d.conj(seen, d.conj(world_.on_way(path), old_.helpers_idle()));
  const Ref alone_now = lonely(path);
  for (const auto& [state, possible] : {std::pair(CtState::new_, world_.can_be_new()),
                                        std::pair(CtState::invalid, world_.can_be_invalid())}) {
    const Ref passed = d.conj(d.conj(seen, possible), world_.may_accept(0, path, state));
    for (const auto& [packets, now] : {std::pair(d.minus(passed, alone_now), CtState::established),
                                       std::pair(d.conj(passed, alone_now), state)}) {
      const Ref lost = lost_of_flows(path, d.minus(packets, world_.accepts(1, path, now)));
      if (lost == Diagram::no) continue;
      return Violation{path,
                       lost,
                       state,
                       now,
                       "is of a flow of which the original tracks this direction alone, was let "
                       "through as that, and is refused",
                       Shows::lost};
    }
  }
  return std::nullopt;
}

// What is sent to this host or by it, and what answers that, passes here both ways in any case.
std::optional<Violation> Comparison::lost_one_way() {
  if (has(Assumption::symmetric_paths)) return std::nullopt;
  Diagram& d = world_.diagram();
  const Path path = Path::forward;
  const Ref on_way = d.conj(world_.on_way(path), old_.helpers_idle());
  for (const auto& [state, possible] : {std::pair(CtState::new_, world_.can_be_new()),
                                        std::pair(CtState::invalid, world_.can_be_invalid())}) {
    const Ref passed = d.conj(d.conj(on_way, possible), world_.may_accept(0, path, state));
    const Ref lost = lost_of_flows(path, d.minus(passed, world_.accepts(1, path, state)));
    if (lost == Diagram::no) continue;
    return Violation{path,
                     lost,
                     state,
                     state,
                     "is of a flow that was permitted, was let through even where the other "
                     "direction goes another way, and is refused; the assumption symmetric_paths "
                     "says that both pass this host",
                     Shows::lost};
  }
  return std::nullopt;
}

}  // namespace untrack
