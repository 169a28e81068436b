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

// What is sent to this host or by it, and what answers that, passes here both ways in any case.
std::optional<Violation> Comparison::lost_one_way() {
  if (has(Assumption::symmetric_paths)) return std::nullopt;
  Diagram& d = world_.diagram();
  const Path path = Path::forward;
  const Ref on_way = d.conj(world_.on_way(path), old_.helpers_idle());
  for (const auto& [state, possible] : {std::pair(CtState::new_, world_.can_be_new()),
                                        std::pair(CtState::invalid, world_.can_be_invalid())}) {
    // What is refused now comes first: mostly there is none, and what goes on flows or answers them
    // is dear to say.
    const Ref passed = d.conj(d.conj(on_way, possible), world_.may_accept(0, path, state));
    const Ref refused = d.minus(passed, world_.accepts(1, path, state));
    if (refused == Diagram::no) continue;
    const Ref of_flows =
        d.disj(d.conj(old_.continuing(path), refused), d.conj(old_.answering(path), refused));
    const Ref lost = d.minus(of_flows, old_.refused_by_rate(path));
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
