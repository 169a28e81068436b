#include "analysis/walk/concrete.hpp"

#include <utility>

#include "analysis/program/destinations.hpp"
#include "analysis/program/entry_tests.hpp"
#include "analysis/walk/evaluate.hpp"
#include "analysis/walk/route.hpp"
#include "analysis/walk/unknowns.hpp"
#include "analysis/walk/walk_end.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

// Chains that call the next one twice, sixty deep, are 2 to the power of 60 rules on the way.
constexpr std::size_t most_steps = 1'000'000;
// The kernel refuses loops, and nft follows 16 chains (NFT_JUMP_STACK_SIZE, nf_tables.h, 6.1).
constexpr std::size_t deepest_chain = 500;

class ConcreteWalk {
 public:
  ConcreteWalk(const Program& program, const Packet& packet, const Choices& choices,
               RulesToMeet* to_meet = nullptr)
      : program_(program),
        ruleset_(program.ruleset()),
        packet_(packet),
        choices_(choices),
        to_meet_(to_meet) {}

  Trace follow() {
    trace_.steps.reserve(16);  // as many as most packets meet
    const auto runs = program_.runs(packet_.path);
    if (packet_[Field::later_fragment] == 1 && program_.reassembles())
      return end(Decision::elsewhere);
    if (packet_.path == Path::in && packet_.in_interface == "lo" && program_.tracks()) {
      is_seen_ = true;
      notrack_on_loopback_ = was_untracked_on_its_way_out();
      meet_conntrack();  // it comes in with the state that it got there
    }
    bool is_routed = packet_.path == Path::out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      run_ = i;
      if (!runs[i].is_before_conntrack) meet_conntrack();
      if (runs[i].hook != Hook::prerouting && !is_routed) {
        is_routed = true;
        if (const auto decided = decided_by_route(packet_)) return end(*decided);
      }
      if (runs[i].is_nat && !asks_nat(runs[i].hook)) continue;
      // It is routed again (nf_nat_ipv4_local_fn), which hook output itself does not see.
      const bool is_led = translated_in_ == Hook::output && runs[i].hook == Hook::postrouting;
      if (is_led && !runs[i].is_nat) unknown_.out_interface = true;
      if (const auto refused = through_base_chain(runs[i])) return end(*refused);
    }
    meet_conntrack();
    if (!is_routed) {
      if (const auto decided = decided_by_route(packet_)) return end(*decided);
    }
    return end(Decision::accept);
  }

 private:
  Trace end(Decision decision) {
    trace_.decision = trace_.is_cut ? Decision::unknown : decision;
    if (trace_.is_cut) trace_.guessed = "what rules do that are not followed";
    trace_.at_end = std::move(packet_);
    if (program_.tracks()) trace_.state = state_;
    return std::move(trace_);
  }

  // Of lo: conntrack saw it in OUTPUT, and leaves alone what it has seen (nf_conntrack_in, 6.1).
  bool was_untracked_on_its_way_out() {
    Packet out = packet_;
    out.path = Path::out;
    out.out_interface = "lo";
    out.in_interface.clear();
    ConcreteWalk on_its_way_out(program_, out, choices_, to_meet_);
    const Trace seen = on_its_way_out.follow();
    trace_.is_cut = seen.is_cut;
    trace_.guessed = on_its_way_out.guessed_ahead_;
    return seen.is_untracked;
  }

  void meet_conntrack() {
    if (has_met_conntrack_) return;
    has_met_conntrack_ = true;
    guessed_ahead_ = trace_.guessed;
    if (!program_.tracks()) return;
    const bool notrack = is_seen_ ? notrack_on_loopback_ : notrack_;
    trace_.is_untracked = notrack || is_never_tracked(packet_);
    state_ = trace_.is_untracked ? CtState::untracked : packet_.state;
  }

  // The first packet of a flow, until one translates it in the hook; over lo when it went out
  // (nf_nat_inet_fn, nf_nat_core.c, 6.1; measured). Others are translated as the first one was.
  [[nodiscard]] bool asks_nat(Hook hook) const {
    if (!program_.tracks() || is_seen_ || translated_in_ == hook) return false;
    return state_ == CtState::new_ ||
           (state_ == CtState::established && choices_.is_translated_as_first);
  }

  std::optional<Decision> through_base_chain(const Run& run) {
    WalkEnd end = through_chain(run.chain);
    if (end == WalkEnd::next) {
      const bool accepts = ruleset_[run.chain].base->policy == Policy::accept;
      end = accepts ? WalkEnd::accept : WalkEnd::drop;
      trace_.steps.push_back({run_, run.chain, {}, true, 0, {}});
      decided_by({}, run.chain, accepts);
    }
    if (end == WalkEnd::drop) return Decision::drop;
    if (end == WalkEnd::reject) return Decision::reject;
    return std::nullopt;
  }

  // The rule or policy that decides is the one that refuses, or the last accept where rules filter.
  void decided_by(RuleId rule, ChainId chain, bool accepts) {
    const Run& run = program_.runs(packet_.path)[run_];
    if (accepts && !filters(run, packet_.path)) return;
    trace_.decided_by = rule;
    trace_.decided_in = chain;
  }

  WalkEnd through_chain(ChainId chain) {
    trace_.is_cut = trace_.is_cut || depth_ == deepest_chain;
    if (trace_.is_cut) return WalkEnd::drop;
    ++depth_;
    const WalkEnd end = through_rules_of(chain);
    --depth_;
    return end;
  }

  WalkEnd through_rules_of(ChainId chain) {
    std::vector<RuleId> rules;
    const bool is_told = to_meet_ != nullptr && to_meet_->rules_of(chain, packet_, rules);
    const std::vector<RuleId>& all = ruleset_[chain].rules;
    if (is_told && rules.size() < all.size()) note_guess(Field::destination_address);
    return through_rules(is_told ? rules : all, chain);
  }

  WalkEnd through_rules(const std::vector<RuleId>& rules, ChainId chain) {
    for (const RuleId rule : rules) {
      const WalkEnd end = through_rule(rule, chain);
      if (end == WalkEnd::leave) break;
      if (end != WalkEnd::next) return end;
    }
    return WalkEnd::next;
  }

  WalkEnd through_rule(RuleId id, ChainId chain) {
    const Rule& rule = ruleset_[id];
    const std::size_t step = trace_.steps.size();
    trace_.is_cut = trace_.is_cut || step >= most_steps;
    if (trace_.is_cut) return WalkEnd::drop;  // without a look at another rule
    trace_.steps.push_back({run_, chain, id, true, 0, {}});
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const std::uint32_t part = rule.parts.first + i;
      const auto& what = ruleset_.parts[part].what;
      if (const auto* match = std::get_if<Match>(&what)) {
        if (matches(part, *match, step)) continue;
        trace_.steps[step].matched = false;
        trace_.steps[step].failed_part = part;
        return WalkEnd::next;
      }
      const Statement* statement = &std::get<Statement>(what);
      if (const auto* map = std::get_if<VerdictMapStatement>(statement);
          map != nullptr && program_.kind(part) != PartKind::free_end) {
        statement = look_up(part, ruleset_[*map], step);
        if (statement == nullptr) {
          trace_.steps[step].matched = false;
          trace_.steps[step].failed_part = part;
          return WalkEnd::next;
        }
        trace_.steps[step].verdict = statement;
      }
      const WalkEnd end = act(part, *statement, step);
      if (end == WalkEnd::next) continue;
      if (!std::holds_alternative<JumpStatement>(*statement) ||
          program_.kind(part) == PartKind::free_end) {
        if (end != WalkEnd::leave) decided_by(id, chain, end == WalkEnd::accept);
      }
      return end;
    }
    return WalkEnd::next;
  }

  bool ask(FreeId id, std::size_t step) {
    trace_.steps[step].asked.push_back(id);
    return choices_.of(id);
  }

  // The verdict of the element that the packet is in; nullptr if it is in none.
  const Statement* look_up(std::uint32_t part, const MapLookup& map, std::size_t step) {
    const NamedSet& set = ruleset_[map.key.set];
    const Statement* otherwise = set.otherwise ? &*set.otherwise : nullptr;
    if (program_.kind(part) == PartKind::free_map) {
      const FreeId first = program_.variable(part);
      for (std::size_t i = 0; i < set.verdicts.size(); ++i) {
        if (ask(first + static_cast<FreeId>(i), step)) return &set.verdicts[i];
      }
      const auto last = static_cast<FreeId>(first + set.verdicts.size());
      return otherwise != nullptr && ask(last, step) ? otherwise : nullptr;
    }
    for (std::size_t i = 0; i < map.key.field_count; ++i) {
      if (!has_field(packet_, map.key.fields[i])) return nullptr;
      note_guess(map.key.fields[i]);
    }
    const Run& run = program_.runs(packet_.path)[run_];
    const auto found =
        find_element(ruleset_, map.key, packet_, run.sees_out_interface(), state_now());
    return found ? &set.verdicts[*found] : otherwise;
  }

  bool matches(std::uint32_t part, const Match& match, std::size_t step) {
    const PartKind kind = program_.kind(part);
    const Run& run = program_.runs(packet_.path)[run_];
    if (kind == PartKind::free_test) {
      const auto without = without_entry(ruleset_, ruleset_.parts[part]);
      if (without && has_met_conntrack_ && !has_entry(state_now())) return *without;
      const bool negated = std::visit([](const auto& test) { return test.negated; }, match);
      const bool said = ask(program_.variable(part), step);
      const bool is_again =
          program_.may_turn_out_otherwise(part) && unknown_.was_asked_before(part);
      if (is_again) trace_.guessed = guessed_again;
      return (is_again ? choices_.said_again(part, said) : said) != negated;
    }
    return std::visit(
        Overloaded{[&](const FieldTest& test) {
                     note_guess(test.field);
                     return holds(ruleset_, test, packet_);
                   },
                   [&](const NameTest& test) {
                     note_guess(test.field);
                     return holds(ruleset_, test, packet_, run.sees_out_interface());
                   },
                   [&](const StateTest& test) { return state_matches(test, kind, step); },
                   [&](const SetTest& test) {
                     for (std::size_t i = 0; i < test.field_count; ++i) note_guess(test.fields[i]);
                     return holds(ruleset_, test, packet_, run.sees_out_interface(), state_now());
                   },
                   [&](const FamilyTest& test) { return test.ip_versions.has(packet_.version); },
                   [](const OpaqueTest&) { return true; }},
        match);
  }

  // No entry reads as INVALID, a template as NEW (xt_conntrack.c, nft_ct.c, 6.1; measured).
  [[nodiscard]] CtState state_now() const {
    if (has_met_conntrack_) return program_.tracks() ? state_ : packet_.state;
    return notrack_ ? CtState::untracked : has_template_ ? CtState::new_ : CtState::invalid;
  }

  bool state_matches(const StateTest& test, PartKind kind, std::size_t step) {
    bool found = test.states.has(state_now());
    if (kind == PartKind::status_test) {
      for (const CtState status : {CtState::snat, CtState::dnat}) {
        if (!test.states.has(status)) continue;
        if (trace_.is_translated && trace_.guessed.empty()) trace_.guessed = guessed_status;
        if (ask(program_.status_variable(status), step)) found = true;
      }
    }
    return found != test.negated;
  }

  void note_guess(Field field) {
    const std::string_view why = unknown_.asked(field);
    if (!why.empty()) trace_.guessed = why;
  }

  void forget_mark(std::uint32_t part) {
    unknown_.mark = true;
    const auto at = choices_.marks.find(part);
    if (at != choices_.marks.end()) packet_[Field::mark] = at->second;
  }

  WalkEnd act(std::uint32_t part, const Statement& statement, std::size_t step) {
    const PartKind kind = program_.kind(part);
    if (kind == PartKind::free_end) {
      forget_mark(part);
      if (!ask(program_.variable(part), step)) return WalkEnd::next;
      return ask(program_.accept_variable(part), step) ? WalkEnd::accept : WalkEnd::drop;
    }
    if (kind == PartKind::free_accept) {
      forget_mark(part);
      return ask(program_.variable(part), step) ? WalkEnd::accept : WalkEnd::drop;
    }
    if (kind == PartKind::free_mark) {
      forget_mark(part);
      return WalkEnd::next;
    }
    return std::visit(Overloaded{
                          [](const VerdictStatement& verdict) { return end_of(verdict.verdict); },
                          [&](const JumpStatement& jump) { return follow_jump(jump); },
                          [](const RejectStatement&) { return WalkEnd::reject; },
                          [&](const NatStatement& nat) {
                            translate(part, nat, step);
                            return WalkEnd::accept;
                          },
                          [&](const NotrackStatement&) {
                            const bool is_late = has_met_conntrack_ || has_template_;
                            if (!is_late && program_.obeys_notrack()) notrack_ = true;
                            return WalkEnd::next;
                          },
                          [&](const MarkStatement& mark) {
                            const auto before = static_cast<std::uint32_t>(packet_[Field::mark]);
                            packet_[Field::mark] = (before & ~mark.mask) ^ mark.value;
                            if (mark.mask == 0xffffffffU) unknown_.mark = false;
                            return WalkEnd::next;
                          },
                          [&](const ConntrackStatement&) {
                            if (program_.gives_template(part)) has_template_ = true;
                            if (program_.takes_notrack_back(part)) notrack_ = false;
                            return WalkEnd::next;
                          },
                          [](const PassiveStatement&) { return WalkEnd::next; },
                          [](const VerdictMapStatement&) { return WalkEnd::next; },
                          [&](const OpaqueStatement& opaque) {
                            if (const auto set = program_.followed_address(statement)) {
                              const Run& run = program_.runs(packet_.path)[run_];
                              set_address(packet_, unknown_, *opaque.writes, set->first,
                                          run.hook == Hook::prerouting);
                              if (*opaque.writes == Field::destination_address) lead(step, false);
                            }
                            return WalkEnd::next;
                          },
                      },
                      statement);
  }

  WalkEnd follow_jump(const JumpStatement& jump) {
    const WalkEnd end = through_chain(jump.chain);
    // What comes back from a goto goes on where this chain was called from.
    return end == WalkEnd::next && jump.is_goto ? WalkEnd::leave : end;
  }

  void translate(std::uint32_t part, const NatStatement& nat, std::size_t step) {
    trace_.is_translated = true;
    const Run& run = program_.runs(packet_.path)[run_];
    translated_in_ = run.hook;
    const bool is_early = run.hook == Hook::prerouting || run.hook == Hook::output;
    if (!sets_destination(nat) || (nat.kind == NatKind::netmap && !is_early)) return;
    const auto choose = [&](const std::unordered_map<std::uint32_t, Number>& chosen,
                            const PoolRange<Interval>& given, Field field) {
      if (const auto at = chosen.find(part); at != chosen.end()) {
        packet_[field] = at->second;
      } else if (given.count > 0) {
        packet_[field] = ruleset_.intervals[given.first].first;
      }
    };
    choose(choices_.addresses, nat.addresses, Field::destination_address);
    unknown_.destination = nat.kind != NatKind::dnat || nat.addresses.count == 0;
    choose(choices_.ports, nat.ports, Field::destination_port);
    if (packet_.path != Path::out) {
      // REDIRECT leads to this host, whatever way the packet was on.
      const bool is_local = packet_.path == Path::in || nat.kind == NatKind::redirect;
      packet_[Field::destination_type] = is_local ? address_type::local : address_type::unicast;
      lead(step, nat.kind == NatKind::redirect);
    } else if (nat.kind == NatKind::redirect) {
      packet_[Field::destination_type] = address_type::local;
    } else {
      unknown_.destination_type = true;
    }
  }

  // A rule has set the destination; where that is ahead of routing, it is what is routed.
  void lead(std::size_t step, bool is_here) {
    if (program_.runs(packet_.path)[run_].hook != Hook::prerouting) return;
    trace_.led = {trace_.steps[step].rule, packet_[Field::destination_address],
                  packet_[Field::destination_port], is_here};
  }

  const Program& program_;
  const Ruleset& ruleset_;
  Packet packet_;
  const Choices& choices_;
  RulesToMeet* to_meet_;  // or nullptr
  Trace trace_;
  std::size_t run_ = 0;
  CtState state_ = CtState::invalid;
  bool has_met_conntrack_ = false;
  bool notrack_ = false;
  bool has_template_ = false;
  bool is_seen_ = false;
  std::optional<Hook> translated_in_;
  bool notrack_on_loopback_ = false;
  std::string_view guessed_ahead_;  // what was guessed until conntrack looked at it
  std::size_t depth_ = 0;           // of the chain that the packet is in
  Unknowns unknown_;
};

}  // namespace

Trace walk(const Program& program, const Packet& packet, const Choices& choices) {
  return ConcreteWalk(program, packet, choices).follow();
}

Trace walk(const Program& program, const Packet& packet, const Choices& choices,
           RulesToMeet& to_meet) {
  return ConcreteWalk(program, packet, choices, &to_meet).follow();
}

}  // namespace untrack
