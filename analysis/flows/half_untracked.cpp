// Comparison: flows of which one direction is tracked and the other is not. To conntrack each
// packet of what is tracked then begins something, or is INVALID. Where the original does the same
// with all packets of the flow (SYNPROXY untracks the first), that is no fault of the rewrite.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "analysis/flows/from_nobody.hpp"
#include "analysis/flows/obligation_sets.hpp"

namespace untrack {

// Packets that the rewrite tracks while it does not track the other direction of their flow.
Ref Comparison::lonely(Path path) {
  Diagram& d = world_.diagram();
  const Ref partner = untracked_on(opposite(path));
  if (partner == Diagram::no) return Diagram::no;
  const Ref answered = d.conj(world_.mirrored(world_.flow_of(partner)), to_one_host());
  return d.minus(d.conj(answered, routed(path)), world_.untracked(1, path));
}

Ref Comparison::tracked_otherwise(Path path) {
  auto& known = tracked_otherwise_[static_cast<std::size_t>(path)];
  if (known) return *known;
  Diagram& d = world_.diagram();
  const std::array walks = {&world_.walk(0), &world_.walk(1)};
  if (!walks[0]->program().tracks() || !walks[1]->program().tracks()) {
    known = Diagram::yes;
    return *known;
  }
  const auto changed = [&](Path way) {
    const Ref before = walks[0]->untracked(way);
    const Ref after = walks[1]->untracked(way);
    return d.disj(d.minus(before, after), d.minus(after, before));
  };
  known = d.disj(world_.flow_of(changed(path)),
                 world_.mirrored(world_.flow_of(changed(opposite(path)))));
  // Over lo a packet passes both ways: not followed here.
  if (path != Path::forward) known = d.disj(*known, world_.loopback(path));
  return *known;
}

std::optional<Violation> Comparison::lost_as_before(Path path, Ref as_before) {
  if (as_before == Diagram::no) return std::nullopt;
  Diagram& d = world_.diagram();
  const Ref packets = d.conj(
      d.disj(d.minus(old_.continuing(path), old_.refused_by_rate(path)), old_.answering(path)),
      d.conj(as_before, old_.helpers_idle()));
  // Where only some packets are untracked, the others may have an entry.
  for (const CtState state : {CtState::established, CtState::new_, CtState::invalid}) {
    const Ref was = d.conj(packets, world_.may_accept(0, path, state));
    const Ref lost = d.minus(was, world_.accepts(1, path, state));
    if (lost == Diagram::no) continue;
    return Violation{path,
                     lost,
                     state,
                     state,
                     "is of a flow of which one direction is untracked in both rulesets, was let "
                     "through, and is refused",
                     Shows::lost};
  }
  return std::nullopt;
}

// Errors about untracked flows are INVALID (measured), the others RELATED, which `needed` are.
std::optional<Violation> Comparison::lost_unseen_error(Path path, Ref needed) {
  Diagram& d = world_.diagram();
  const auto about = [&](auto&& chosen) {
    return world_.errors_about(path, [&](Path way) {
      const Ref before = world_.flow_of(world_.untracked(0, way));
      const Ref now = world_.flow_of(world_.untracked(1, way));
      return d.conj(old_.flows(way), chosen(before, now, tracked_otherwise(way)));
    });
  };
  const Ref of_now = about([&](Ref, Ref now, Ref otherwise) { return d.conj(now, otherwise); });
  const Ref alike = about([&](Ref, Ref now, Ref otherwise) { return d.minus(now, otherwise); });
  const Ref of_both = about(
      [&](Ref before, Ref now, Ref otherwise) { return d.conj(d.conj(before, now), otherwise); });
  const Ref of_before = about(
      [&](Ref before, Ref now, Ref otherwise) { return d.conj(d.minus(before, now), otherwise); });
  const Ref passed =
      d.minus(d.conj(d.conj(old_.errors(path), world_.errors()),
                     d.conj(world_.may_accept(0, path, CtState::invalid), old_.helpers_idle())),
              from_nobody(world_));
  struct Errors {
    Ref packets;
    CtState was;
    CtState now;
    std::string_view what;
  };
  for (const Errors& errors : {
           Errors{d.conj(needed, of_now), CtState::related, CtState::invalid,
                  "is an ICMP error about a flow that is untracked now, which makes it INVALID, "
                  "and is refused"},
           Errors{d.conj(passed, d.disj(alike, of_both)), CtState::invalid, CtState::invalid,
                  "is an ICMP error about a flow that is untracked in both rulesets, and is "
                  "refused"},
           Errors{d.conj(passed, of_before), CtState::invalid, CtState::related,
                  "is an ICMP error about a flow that was untracked, was let through as INVALID, "
                  "and is refused"},
       }) {
    if (errors.packets == Diagram::no) continue;
    const Ref lost = d.minus(errors.packets, world_.accepts(1, path, errors.now));
    if (lost == Diagram::no) continue;
    return Violation{path, lost, errors.was, errors.now, std::string(errors.what), Shows::lost};
  }
  return std::nullopt;
}

std::optional<Violation> Comparison::half_untracked(Path path, Ref among) {
  if (among == Diagram::no) return std::nullopt;
  Diagram& d = world_.diagram();
  const Path back = opposite(path);
  const Ref here = untracked_on(path);
  const Ref there = untracked_on(back);
  if (here == Diagram::no && there == Diagram::no) return std::nullopt;
  // Nothing is sent from a group, nor is an answer.
  const Ref answers = d.minus(d.conj(d.conj(world_.replies(), world_.on_way(back)), routed(back)),
                              world_.from_groups());
  const Ref answers_tracked = world_.mirrored(world_.flow_of(d.minus(answers, there)));
  const Ref flows = d.conj(d.conj(old_.flows(path), among), to_one_host());
  Ref half = d.conj(d.conj(flows, world_.flow_of(here)), answers_tracked);
  if (half != Diagram::no) {
    const Ref first = d.conj(half, d.conj(old_.permitted(path), here));
    return Violation{path, first != Diagram::no ? first : d.conj(half, here), CtState::new_,
                     CtState::new_, "is untracked, and what answers it is tracked"};
  }
  const Ref tracked =
      d.minus(d.conj(d.conj(world_.continuations(), world_.on_way(path)), routed(path)),
              d.disj(here, world_.from_groups()));
  half = d.conj(d.conj(d.conj(old_.permitted(path), among), d.conj(to_one_host(), tracked)),
                world_.mirrored(world_.flow_of(d.conj(world_.replies(), there))));
  if (half == Diagram::no) return std::nullopt;
  return Violation{path, half, CtState::new_, CtState::new_,
                   "is tracked, and what answers it is not"};
}

std::optional<Violation> Comparison::half_untracked() {
  for (const Path path : all_paths) {
    if (auto half = half_untracked(path, tracked_otherwise(path))) return half;
  }
  return std::nullopt;
}

bool Comparison::has_halves_as_before() {
  return std::ranges::any_of(all_paths, [&](Path path) {
    return half_untracked(path, world_.diagram().negate(tracked_otherwise(path))).has_value();
  });
}

}  // namespace untrack
