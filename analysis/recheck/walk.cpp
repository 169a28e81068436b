#include "analysis/recheck/walk.hpp"

#include <algorithm>

#include "analysis/program/destinations.hpp"

namespace untrack::boxwise {
BoxWalk::BoxWalk(const Program& program, const Space& space, Work& work)
    : program_(program),
      ruleset_(program.ruleset()),
      space_(space),
      work_(work),
      algebra_(space.shape(), work),
      translates_(translates_destinations(program.ruleset(), program.version())) {
  Condition lo;
  lo.on = Condition::On::name;
  lo.field = Field::in_interface;
  lo.names = {{"lo", false}};
  over_lo_ = space.asked(that(lo));
  is_later_fragment_ = space.asked(that(equals(Field::later_fragment, 1)));
  const Field type = Field::destination_type;
  fits_route_[Path::in] =
      space.asked(that(in_range(type, {address_type::local, address_type::multicast})));
  Condition ways_on = equals(type, address_type::unicast);
  ways_on.values.push_back({address_type::multicast, address_type::multicast});
  fits_route_[Path::forward] = space.asked(that(ways_on));
  if (program.version() == IpVersion::ipv6) {
    std::vector<Condition> list = has(Field::icmp_type_code, IpVersion::ipv6);
    Condition types = in_range(Field::icmp_type_code, never_tracked_icmpv6[0]);
    types.values.push_back(never_tracked_icmpv6[1]);
    list.push_back(types);
    never_tracked_ = space.asked({{list}, false});
  }
}

BoxList BoxWalk::on_way(Path path) const {
  Box box = space_.shape().whole();
  const auto choose = [&](Field field, bool is_there) {
    const auto cells = space_.shape().of(box, space_.dimension(field));
    std::ranges::fill(cells, 0);
    if (!is_there) return put_cell(cells, 0);
    for (std::size_t cell = 1; cell < space_.shape().size(space_.dimension(field)); ++cell) {
      if (path == Path::forward && cell == space_.lo_cell()) continue;
      put_cell(cells, cell);
    }
  };
  choose(Field::in_interface, path != Path::out);
  choose(Field::out_interface, path != Path::in);
  return {box};
}

bool BoxWalk::ask(Item& item, const Asked& asked) {
  for (;;) {
    work_.spend(asked.any_of.size() + 1);
    const std::pair<std::size_t, Words>* where = nullptr;
    bool is_true = false;
    for (const auto& list : asked.any_of) {
      const std::pair<std::size_t, Words>* partly = nullptr;
      bool is_apart = false;
      for (const auto& condition : list) {
        const auto cells = now(item, condition.first);
        if (!overlap(cells, condition.second)) {
          is_apart = true;
          break;
        }
        if (partly == nullptr && !within(cells, condition.second)) partly = &condition;
      }
      if (is_apart) continue;
      if (partly == nullptr) {
        is_true = true;
        break;
      }
      if (where == nullptr) where = partly;
    }
    if (is_true || where == nullptr) return is_true != asked.opposite;
    Item other = item;
    const auto inside = now(item, where->first);
    const auto outside = now(other, where->first);
    for (std::size_t i = 0; i < inside.size(); ++i) {
      inside[i] &= where->second[i];
      outside[i] &= ~where->second[i];
    }
    waiting_.push_back(std::move(other));
  }
}

bool BoxWalk::ask_free(Item& item, FreeId id) {
  Condition condition;
  condition.on = Condition::On::free;
  condition.free = id;
  return ask(item, space_.asked(that(condition)));
}

Place BoxWalk::place_of(const Item& item) const {
  const Run& run = program_.runs(path_)[item.run];
  CtState state = item.notrack        ? CtState::untracked
                  : item.has_template ? CtState::new_
                                      : CtState::invalid;
  if (item.has_met) state = program_.tracks() ? item.state : entering_;
  return {run.sees_out_interface(), state, item.has_met};
}

const Asked& BoxWalk::asked_of(const Item& item, std::uint32_t part) {
  const Place place = place_of(item);
  const AskedKey key{part,     0, place.sees_out_interface, place.state, place.has_met_conntrack,
                     item.mark};
  const auto known = asked_.find(key);
  if (known != asked_.end()) return known->second;
  return asked_.emplace(key, space_.asked(question_of(program_, part, place), item.mark))
      .first->second;
}

// Of an element of a map, from 1; 0: the packet has all fields of the key.
const Asked& BoxWalk::asked_of(const Item& item, std::uint32_t part, const SetTest& key_test,
                               std::size_t element) {
  const Place place = place_of(item);
  const AskedKey key{
      part, element, place.sees_out_interface, place.state, place.has_met_conntrack, item.mark};
  const auto known = asked_.find(key);
  if (known != asked_.end()) return known->second;
  const Question question = element == 0 ? has_key(program_, key_test)
                                         : element_of(program_, key_test, element - 1, place);
  return asked_.emplace(key, space_.asked(question, item.mark)).first->second;
}

BoxWalk::Step BoxWalk::end(Item& item, Decision decision) {
  if (!item.is_aside) {
    ends_.push_back({std::move(item.box), decision, std::move(item.choices), item.mark});
  }
  return Step::over;
}

// conntrack looks, or has looked when the packet went out over lo.
BoxWalk::Step BoxWalk::meet_conntrack(Item& item) {
  if (item.has_met) return Step::on;
  if (program_.tracks()) {
    const bool never = program_.version() == IpVersion::ipv6 && ask(item, never_tracked_);
    item.is_untracked = never || (item.is_seen ? item.was_untracked : item.notrack);
    item.state = item.is_untracked ? CtState::untracked : entering_;
  }
  item.has_met = true;
  return Step::on;
}

void BoxWalk::note_untracked(Item& item) {
  if (item.is_told) return;
  item.is_told = true;
  if (!item.is_untracked) return;
  if (!item.choices.empty()) {
    throw NotFollowed("NOTRACK behind marks that come from elsewhere");
  }
  untracked_now_.push_back(item.box);
}

// From one base chain to the next, or to the end of the way.
BoxWalk::Step BoxWalk::between_chains(Item& item) {
  if (!item.knows_loopback) {
    if (program_.reassembles() && ask(item, is_later_fragment_)) {
      return end(item, Decision::elsewhere);
    }
    if (path_ == Path::in && program_.tracks()) {
      const bool is_over_lo = ask(item, over_lo_);
      if (is_over_lo) {
        item.was_untracked = ask(item, left_untracked_[path_]);
        item.is_seen = true;
        (void)meet_conntrack(item);
      }
    }
    item.knows_loopback = true;
    item.is_routed = path_ == Path::out;
  }
  const auto runs = program_.runs(path_);
  const bool is_last = item.run == runs.size();
  if (is_last || !runs[item.run].is_before_conntrack) {
    (void)meet_conntrack(item);
    note_untracked(item);
  }
  if (!item.is_routed && (is_last || runs[item.run].hook != Hook::prerouting)) {
    if (!ask(item, fits_route_[path_])) return end(item, Decision::elsewhere);
    // The stack waits for the other fragments in front of LOCAL_IN (ip_input.c, 6.1).
    if (path_ == Path::in && program_.version() == IpVersion::ipv4 &&
        ask(item, is_later_fragment_)) {
      return end(item, Decision::accept);
    }
    item.is_routed = true;
  }
  if (is_last) return end(item, Decision::accept);
  if (runs[item.run].is_nat && !meets_nat(item, runs[item.run])) {
    ++item.run;
    return Step::on;
  }
  item.is_in_chain = true;
  item.frames.push_back({&ruleset_[runs[item.run].chain].rules, 0});
  return Step::on;
}

void BoxWalk::follow(Path path, CtState state, const BoxList& start) {
  if (path == Path::in && program_.tracks() && !left_untracked_.contains(path)) {
    // What goes out over lo untracked comes in so.
    Asked asked;
    const Shape& shape = space_.shape();
    for (const Box& box : untracked(Path::out)) {
      if (!has_cell(shape.of(box, space_.dimension(Field::out_interface)), space_.lo_cell())) {
        continue;
      }
      std::vector<std::pair<std::size_t, Words>> list;
      for (std::size_t i = 0; i < shape.dimensions(); ++i) {
        const bool is_interface = i == space_.dimension(Field::in_interface) ||
                                  i == space_.dimension(Field::out_interface);
        const auto cells = shape.of(box, i);
        if (is_interface || within(shape.of(shape.whole(), i), cells)) continue;
        list.emplace_back(i, Words(cells.begin(), cells.end()));
      }
      asked.any_of.push_back(std::move(list));
    }
    left_untracked_[path] = std::move(asked);
  }
  path_ = path;
  entering_ = state;
  ends_.clear();
  untracked_now_.clear();
  matched_.clear();
  waiting_.clear();
  for (const Box& box : start) {
    Item item;
    item.box = box;
    waiting_.push_back(std::move(item));
  }
  while (!waiting_.empty()) {
    Item item = std::move(waiting_.back());
    waiting_.pop_back();
    while (advance(item) == Step::on) {
    }
  }
  if (!translates_later_) try_some();  // which the concrete walk does not know
}

// With no choice on the way each packet is in one end alone.
BoxWalk::Accepted BoxWalk::accepted() const {
  Accepted all;
  BoxList otherwise;
  for (const End& end : ends_) {
    if (end.decision == Decision::accept) {
      all.possibly.push_back(end.box);
    } else if (!end.choices.empty()) {
      otherwise.push_back(end.box);
    }
  }
  all.possibly = algebra_.joined(std::move(all.possibly));
  all.certainly = otherwise.empty()
                      ? all.possibly
                      : algebra_.minus(all.possibly, algebra_.joined(std::move(otherwise)));
  return all;
}

const BoxList& BoxWalk::accepts(Path path, CtState state) {
  (void)may_accept(path, state);
  return accepted_.at({path, state}).certainly;
}

const BoxList& BoxWalk::may_accept(Path path, CtState state) {
  const auto known = accepted_.find({path, state});
  if (known != accepted_.end()) return known->second.possibly;
  follow(path, state, on_way(path));
  return (accepted_[{path, state}] = accepted()).possibly;
}

BoxList BoxWalk::leaving(Path path, const BoxList& start) {
  follow(path, CtState::new_, start);
  BoxList list;
  for (const End& end : ends_) {
    if (end.decision != Decision::accept) continue;
    Item item;
    item.box = end.box;
    item.choices = end.choices;
    item.mark = end.mark;
    list.push_back(as_it_is(item));
  }
  return algebra_.joined(std::move(list));
}

BoxWalk::Accepted BoxWalk::accepted_as_translated(Path path, const BoxList& start) {
  translates_later_ = true;
  try {
    follow(path, CtState::established, start);
  } catch (...) {
    translates_later_ = false;
    throw;
  }
  translates_later_ = false;
  return accepted();
}

const BoxList& BoxWalk::untracked(Path path) {
  const auto known = untracked_.find(path);
  if (known != untracked_.end()) return known->second;
  if (!program_.tracks()) return untracked_[path] = {};
  follow(path, CtState::new_, on_way(path));
  return untracked_[path] = algebra_.joined(std::move(untracked_now_));
}

BoxWalk::Matched BoxWalk::matched(Path path, CtState state, const BoxList& start,
                                  const std::function<bool(RuleId)>& is_wanted, Asks asks) {
  is_wanted_ = &is_wanted;
  asks_ = asks;
  try {
    follow(path, state, start);
  } catch (...) {
    is_wanted_ = nullptr;
    throw;
  }
  is_wanted_ = nullptr;
  Matched all = std::move(matched_);
  for (auto& [rule, list] : all) list = algebra_.joined(std::move(list));
  return all;
}

}  // namespace untrack::boxwise
