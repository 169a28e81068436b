// BoxWalk: what statements set, which is kept beside the box, and packets that are tried.
#include <algorithm>
#include <stdexcept>

#include "analysis/program/destinations.hpp"
#include "analysis/recheck/walk.hpp"
#include "analysis/walk/concrete.hpp"

namespace untrack::boxwise {
namespace {

// Of each walk, boxes from which a packet is tried.
constexpr std::size_t most_tries = 24;

}  // namespace

std::span<std::uint64_t> BoxWalk::now(Item& item, std::size_t dimension) const {
  for (auto choice = item.choices.rbegin(); choice != item.choices.rend(); ++choice) {
    if (choice->dimension == dimension) return choice->cells;
  }
  return space_.shape().of(item.box, dimension);
}

void BoxWalk::set(Item& item, std::uint32_t part, Field field, Words cells) const {
  item.choices.push_back({part, space_.dimension(field), std::move(cells)});
}

void BoxWalk::set_one_of(Item& item, std::uint32_t part, Field field,
                         const PoolRange<Interval>& values) const {
  Condition condition;
  condition.field = field;
  const auto intervals = slice(ruleset_.intervals, values);
  condition.values.assign(intervals.begin(), intervals.end());
  set(item, part, field, space_.cells(condition));
}

void BoxWalk::forget_mark(Item& item, std::uint32_t part) const {
  const std::size_t own = space_.dimension(Field::mark);
  item.mark = {};
  if (space_.shape().size(own) > 1) set(item, part, Field::mark, space_.shape().full(own));
}

// nf_nat_inet_fn and the targets, nf_nat_core.c, nf_nat_redirect.c, xt_NETMAP.c, 6.1: NETMAP maps
// the destination in front of routing, and the source behind it.
void BoxWalk::translate(Item& item, std::uint32_t part, const NatStatement& nat) const {
  const Hook hook = program_.runs(path_)[item.run].hook;
  const bool is_early = hook == Hook::prerouting || hook == Hook::output;
  if (!sets_destination(nat) || (nat.kind == NatKind::netmap && !is_early)) return;
  if (nat.addresses.count > 0) {
    set_one_of(item, part, Field::destination_address, nat.addresses);
  } else if (nat.kind != NatKind::dnat) {
    // To an address of the interface, or one that is not told here.
    const std::size_t own = space_.dimension(Field::destination_address);
    set(item, part, Field::destination_address, space_.shape().full(own));
  }
  if (nat.ports.count > 0) set_one_of(item, part, Field::destination_port, nat.ports);
  if (path_ == Path::out && nat.kind != NatKind::redirect) {
    const std::size_t own = space_.dimension(Field::destination_type);
    return set(item, part, Field::destination_type, space_.shape().full(own));
  }
  // The way that is asked about says what routing makes of it; REDIRECT leads to this host.
  const bool is_local = path_ == Path::in || nat.kind == NatKind::redirect;
  const Number type = is_local ? address_type::local : address_type::unicast;
  set(item, part, Field::destination_type, space_.cells(equals(Field::destination_type, type)));
}

// As it is by now.
Box BoxWalk::as_it_is(const Item& item) const {
  const Shape& shape = space_.shape();
  Box box = item.box;
  for (const Choice& choice : item.choices) {
    std::ranges::copy(choice.cells, shape.of(box, choice.dimension).begin());
  }
  const std::size_t own = space_.dimension(Field::mark);
  const auto marks = shape.of(box, own);
  const Words changed = space_.changed_marks(marks, item.mark);
  std::ranges::copy(changed, marks.begin());
  return box;
}

bool BoxWalk::meets_nat(const Item& item, const Run& run) const {
  if (!program_.tracks() || item.is_seen) return false;
  // Of the chains of a hook those behind the first that translates are not asked.
  if (item.translated_in == run.hook) return false;
  if (item.state == CtState::new_) return true;
  const bool is_early = run.hook == Hook::prerouting || run.hook == Hook::output;
  return translates_later_ && is_early && item.state == CtState::established;
}

// The concrete walk has to say of packets what was found of their boxes.
void BoxWalk::try_some() {
  for (std::size_t n = 0; n < most_tries && !ends_.empty(); ++n) {
    if (try_one(ends_[dice_() % ends_.size()])) ++tried_;
  }
}

bool BoxWalk::try_one(const End& end) {
  const Shape& shape = space_.shape();
  const auto one_of = [&](std::span<const std::uint64_t> cells, std::size_t size) {
    std::vector<std::size_t> all;
    for (std::size_t cell = 0; cell < size; ++cell) {
      if (has_cell(cells, cell)) all.push_back(cell);
    }
    if (all.empty()) throw std::logic_error("an empty box was followed");
    return all[dice_() % all.size()];
  };
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < shape.dimensions(); ++i) {
    chosen.push_back(one_of(shape.of(end.box, i), shape.size(i)));
  }
  Space::Example example = space_.example(chosen, path_);
  example.packet.state = entering_;
  Choices choices;
  choices.free = example.free;
  for (const Choice& choice : end.choices) {
    const std::size_t cell = one_of(choice.cells, shape.size(choice.dimension));
    if (choice.dimension >= field_count) {
      if (!choices.again.emplace(choice.part, cell == 1).second) return false;
      continue;
    }
    const auto field = static_cast<Field>(choice.dimension);
    const Number value = space_.value_of(field, cell);
    bool is_new = true;  // one that a chain which is called twice left open has one value alone
    if (field == Field::destination_address) {
      is_new = choices.addresses.emplace(choice.part, value).second;
    } else if (field == Field::destination_port) {
      is_new = choices.ports.emplace(choice.part, value).second;
    } else if (field == Field::mark) {
      is_new = choices.marks.emplace(choice.part, static_cast<std::uint32_t>(value)).second;
    }
    if (!is_new) return false;
  }
  const Trace trace = walk(program_, example.packet, choices);
  // What the walk had to guess (the kind of a translated address) may be another cell of this box.
  if (!trace.is_cut && !trace.guessed.empty()) return false;
  if (trace.is_cut || trace.decision != end.decision) {
    throw std::logic_error("the recheck and the concrete walk disagree about a packet");
  }
  return true;
}

}  // namespace untrack::boxwise
