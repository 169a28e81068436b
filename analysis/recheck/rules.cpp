// BoxWalk: within a base chain, from rule to rule.
#include <algorithm>
#include <variant>

#include "analysis/recheck/bound.hpp"
#include "analysis/recheck/walk.hpp"
#include "model/overloaded.hpp"

namespace untrack::boxwise {

BoxWalk::Step BoxWalk::accept_here(Item& item) {
  item.frames.clear();
  item.is_in_rule = false;
  item.is_in_chain = false;
  ++item.run;
  return Step::on;
}

void BoxWalk::leave_rule(Item& item) { item.is_in_rule = false; }

void BoxWalk::next_part(Item& item) {
  if (++item.part == ruleset_[item.rule].parts.count) item.is_in_rule = false;
}

BoxWalk::Step BoxWalk::advance(Item& item) {
  work_.spend();
  if (item.is_aside) return aside(item);
  if (!item.is_in_chain) return between_chains(item);
  if (item.is_in_rule) return in_rule(item);
  if (item.frames.empty()) {
    const auto& base = *ruleset_[program_.runs(path_)[item.run].chain].base;
    return base.policy == Policy::accept ? accept_here(item) : end(item, Decision::drop);
  }
  Frame& frame = item.frames.back();
  if (frame.next == frame.rules->size()) {
    item.frames.pop_back();
    return Step::on;
  }
  item.rule = (*frame.rules)[frame.next++];
  item.part = 0;
  item.is_in_rule = ruleset_[item.rule].parts.count > 0;
  if (asks_ == Asks::but_of_entries && is_wanted_ != nullptr && (*is_wanted_)(item.rule)) {
    Item beside = item;
    beside.is_aside = true;
    waiting_.push_back(std::move(beside));
  } else if (!item.is_in_rule) {
    note_match(item);
  }
  return Step::on;
}

void BoxWalk::note_match(Item& item) {
  if (is_wanted_ == nullptr || asks_ == Asks::at_parts || !(*is_wanted_)(item.rule)) return;
  if (asks_ == Asks::but_of_entries && !item.is_aside) return;
  matched_[static_cast<std::uint32_t>(item.rule.index())].push_back(as_it_is(item));
}

// All that the rule asks, but of entries; it does nothing then.
BoxWalk::Step BoxWalk::aside(Item& item) {
  // What is untracked has no entry.
  if (place_of(item).state == CtState::untracked) return Step::over;
  const auto parts = ruleset_[item.rule].parts;
  while (item.part < parts.count) {
    const std::uint32_t part = parts.first + item.part;
    const bool is_asked = std::holds_alternative<Match>(ruleset_.parts[part].what) &&
                          !asks_entry_alone(ruleset_, ruleset_.parts[part]);
    if (is_asked && !ask(item, asked_of(item, part))) return Step::over;
    ++item.part;
  }
  note_match(item);
  return Step::over;
}

BoxWalk::Step BoxWalk::in_rule(Item& item) {
  const auto parts = ruleset_[item.rule].parts;
  const std::uint32_t part = parts.first + item.part;
  if (asks_ == Asks::at_parts && is_wanted_ != nullptr && (*is_wanted_)(item.rule)) {
    matched_[part].push_back(as_it_is(item));
  }
  if (std::holds_alternative<Match>(ruleset_.parts[part].what)) {
    const bool is_true = ask(item, asked_of(item, part));
    if (program_.may_turn_out_otherwise(part)) {
      const std::size_t own = space_.dimension_of_free(program_.variable(part));
      item.choices.push_back({part, own, space_.shape().full(own)});
    }
    if (!is_true) {
      leave_rule(item);
      return Step::on;
    }
    if (item.part + 1 == parts.count) note_match(item);
    next_part(item);
    return Step::on;
  }
  const bool is_last_statement = std::ranges::none_of(
      slice(ruleset_.parts, parts).subspan(item.part + 1),
      [](const RulePart& later) { return std::holds_alternative<Statement>(later.what); });
  const Statement& statement = std::get<Statement>(ruleset_.parts[part].what);
  const auto* map = std::get_if<VerdictMapStatement>(&statement);
  if (map == nullptr || program_.kind(part) == PartKind::free_end) {
    // Noted with each piece that comes back here after a cut: the same packets twice do no harm.
    if (is_last_statement) note_match(item);
    return act(item, part, statement);
  }
  if (is_last_statement) note_match(item);
  const SetTest& key = ruleset_[*map].key;
  const NamedSet& set = ruleset_[key.set];
  const Statement* found = set.otherwise ? &*set.otherwise : nullptr;
  if (program_.kind(part) == PartKind::free_map) {
    const FreeId first = program_.variable(part);
    std::size_t i = 0;
    while (i < set.verdicts.size() && !ask_free(item, first + static_cast<FreeId>(i))) ++i;
    if (i < set.verdicts.size()) {
      found = &set.verdicts[i];
    } else if (found != nullptr && !ask_free(item, first + static_cast<FreeId>(i))) {
      found = nullptr;
    }
  } else {
    if (!ask(item, asked_of(item, part, key, 0))) {
      leave_rule(item);
      return Step::on;
    }
    std::size_t i = 0;
    while (i < set.element_count() && !ask(item, asked_of(item, part, key, i + 1))) ++i;
    if (i < set.element_count()) found = &set.verdicts[i];
  }
  if (found == nullptr) {
    leave_rule(item);
    return Step::on;
  }
  return act(item, part, *found);
}

BoxWalk::Step BoxWalk::act(Item& item, std::uint32_t part, const Statement& statement) {
  const PartKind kind = program_.kind(part);
  const auto go_on = [&] {
    next_part(item);
    return Step::on;
  };
  if (kind == PartKind::free_end) {
    forget_mark(item, part);
    if (!ask_free(item, program_.variable(part))) return go_on();
    return ask_free(item, program_.accept_variable(part)) ? accept_here(item)
                                                          : end(item, Decision::drop);
  }
  if (kind == PartKind::free_accept) {
    forget_mark(item, part);
    return ask_free(item, program_.variable(part)) ? accept_here(item) : end(item, Decision::drop);
  }
  if (kind == PartKind::free_mark) {
    forget_mark(item, part);
    return go_on();
  }
  return std::visit(Overloaded{
                        [&](const VerdictStatement& verdict) {
                          switch (verdict.verdict) {
                            case Verdict::accept:
                              return accept_here(item);
                            case Verdict::drop:
                            case Verdict::stolen:
                            case Verdict::queue:
                              return end(item, Decision::drop);
                            case Verdict::continue_:
                              return go_on();
                            case Verdict::return_:
                              item.frames.pop_back();
                              leave_rule(item);
                              return Step::on;
                          }
                          throw NotFollowed("a verdict");
                        },
                        [&](const JumpStatement& jump) {
                          // Behind a jump come no more parts; what comes back from a goto goes on
                          // one chain farther out.
                          if (jump.is_goto) item.frames.pop_back();
                          leave_rule(item);
                          item.frames.push_back({&ruleset_[jump.chain].rules, 0});
                          return Step::on;
                        },
                        [&](const RejectStatement&) { return end(item, Decision::reject); },
                        [&](const NatStatement& nat) {
                          translate(item, part, nat);
                          item.translated_in = program_.runs(path_)[item.run].hook;
                          return accept_here(item);
                        },
                        [&](const NotrackStatement&) {
                          if (!item.has_met && !item.has_template && program_.obeys_notrack()) {
                            item.notrack = true;
                          }
                          return go_on();
                        },
                        [&](const MarkStatement& mark) {
                          item.mark.kept &= ~mark.mask;
                          item.mark.turned = (item.mark.turned & ~mark.mask) ^ mark.value;
                          return go_on();
                        },
                        [&](const ConntrackStatement&) {
                          if (program_.gives_template(part)) item.has_template = true;
                          if (program_.takes_notrack_back(part)) item.notrack = false;
                          return go_on();
                        },
                        [&](const PassiveStatement&) { return go_on(); },
                        [&](const VerdictMapStatement&) { return go_on(); },
                        [&](const OpaqueStatement&) { return go_on(); },
                    },
                    statement);
}

}  // namespace untrack::boxwise
