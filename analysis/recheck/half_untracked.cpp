// Rulesets: flows of which one direction is tracked and the other is not.
#include <utility>

#include "analysis/recheck/from_nobody.hpp"
#include "analysis/recheck/obligations.hpp"

namespace untrack::boxwise {

// What is tracked now while the other direction of its flow is not.
BoxList Rulesets::lonely(Path path) {
  const BoxList partner = untracked_on(opposite(path));
  if (partner.empty()) return {};
  BoxList answered = traffic_.mirrored(traffic_.flow_of(partner));
  answered = sets_.both(sets_.both(answered, traffic_.to_one_host()), traffic_.routed(path));
  return sets_.minus(answered, new_.untracked(path));
}

// Flows of which other packets are untracked in the one than in the other; all over lo, where a
// packet passes both ways.
BoxList Rulesets::tracked_otherwise(Path path) {
  if (!old_.program().tracks() || !new_.program().tracks()) return traffic_.all();
  const auto changed = [&](Path way) {
    return sets_.either(sets_.minus(old_.untracked(way), new_.untracked(way)),
                        sets_.minus(new_.untracked(way), old_.untracked(way)));
  };
  BoxList all = path == Path::forward ? BoxList() : traffic_.loopback(path);
  all = sets_.either(std::move(all), traffic_.flow_of(changed(path)));
  return sets_.either(std::move(all), traffic_.mirrored(traffic_.flow_of(changed(opposite(path)))));
}

// O2, of flows that are untracked by half in both.
void Rulesets::add_lost_as_before(std::vector<Breach>& all, Path path, const BoxList& as_before) {
  if (as_before.empty()) return;
  BoxList packets = sets_.either(sets_.minus(flows_.continuing(path), flows_.refused_by_rate(path)),
                                 flows_.answering(path));
  packets = sets_.both(sets_.both(packets, as_before), flows_.helpers_idle());
  for (const CtState state : {CtState::established, CtState::new_, CtState::invalid}) {
    const BoxList was = sets_.both(packets, old_.may_accept(path, state));
    add(all, {path, sets_.minus(was, new_.accepts(path, state)), state, state,
              "is of a flow of which one direction is untracked in both, was let through, and is "
              "refused"});
  }
}

// Errors about untracked flows are INVALID.
void Rulesets::add_lost_unseen_errors(std::vector<Breach>& all, Path path, const BoxList& needed) {
  const auto about = [&](auto&& chosen) {
    return traffic_.errors_about(path, [&](Path way) {
      return sets_.both(flows_.flows(way),
                        chosen(traffic_.flow_of(old_.untracked(way)),
                               traffic_.flow_of(new_.untracked(way)), tracked_otherwise(way)));
    });
  };
  using Boxes = const BoxList&;
  const BoxList of_now =
      about([&](Boxes, Boxes now, Boxes otherwise) { return sets_.both(now, otherwise); });
  const BoxList of_both = about([&](Boxes before, Boxes now, Boxes otherwise) {
    return sets_.either(sets_.minus(now, otherwise), sets_.both(before, now));
  });
  const BoxList of_before = about([&](Boxes before, Boxes now, Boxes otherwise) {
    return sets_.both(sets_.minus(before, now), otherwise);
  });
  add(all, {path, sets_.minus(sets_.both(needed, of_now), new_.accepts(path, CtState::invalid)),
            CtState::related, CtState::invalid,
            "is an ICMP error about a flow that is untracked now, and is refused"});
  if (of_both.empty() && of_before.empty()) return;
  BoxList passed = sets_.both(flows_.errors(path), traffic_.needed_errors());
  passed = sets_.both(sets_.both(passed, old_.may_accept(path, CtState::invalid)),
                      flows_.helpers_idle());
  passed = without_nobody(traffic_, sets_, std::move(passed));
  add(all, {path, sets_.minus(sets_.both(passed, of_both), new_.accepts(path, CtState::invalid)),
            CtState::invalid, CtState::invalid,
            "is an ICMP error about a flow that is untracked in both, and is refused"});
  add(all, {path, sets_.minus(sets_.both(passed, of_before), new_.accepts(path, CtState::related)),
            CtState::invalid, CtState::related,
            "is an ICMP error about a flow that was untracked, and is refused"});
}

// O2, of flows of which the original untracks the other direction alone, and the rewrite other
// packets: NEW or INVALID to conntrack, whatever goes on or answers.
void Rulesets::add_lost_by_halves(std::vector<Breach>& all, Path path) {
  const Path back = opposite(path);
  const BoxList unseen = sets_.both(old_.untracked(back), traffic_.routed(back));
  if (unseen.empty()) return;
  BoxList seen = sets_.minus(traffic_.mirrored(traffic_.flow_of(unseen)), old_.untracked(path));
  seen = sets_.both(sets_.both(seen, traffic_.to_one_host()), traffic_.routed(path));
  seen = sets_.both(seen, tracked_otherwise(path));
  seen = sets_.both(sets_.both(seen, old_.on_way(path)), flows_.helpers_idle());
  if (seen.empty()) return;
  const BoxList of_flows = sets_.minus(
      sets_.either(flows_.continuing(path), flows_.answering(path)), flows_.refused_by_rate(path));
  const BoxList alone_now = lonely(path);
  for (const CtState state : {CtState::new_, CtState::invalid}) {
    BoxList passed = sets_.both(
        seen, state == CtState::new_ ? traffic_.can_be_new() : traffic_.can_be_invalid());
    passed = sets_.both(sets_.both(passed, old_.may_accept(path, state)), of_flows);
    for (const auto& [packets, now] :
         {std::pair(sets_.minus(passed, alone_now), CtState::established),
          std::pair(sets_.both(passed, alone_now), state)}) {
      add(all, {path, sets_.minus(packets, new_.accepts(path, now)), state, now,
                "is of a flow of which the original tracks this direction alone, was let through "
                "as that, and is refused"});
    }
  }
}

}  // namespace untrack::boxwise
