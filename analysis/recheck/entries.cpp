// Rulesets: what works on entries of conntrack (docs/obligations.md, "bound rules" and "helpers"):
// whether it still applies, and whether what it needs is untracked.
#include <algorithm>
#include <array>

#include "analysis/program/deeds.hpp"
#include "analysis/program/destinations.hpp"
#include "analysis/recheck/bound.hpp"
#include "analysis/recheck/obligations.hpp"

namespace untrack::boxwise {
namespace {

constexpr std::array<Number, 9> asked_from_their_own_port = {53,  67,  68,   123, 137,
                                                             138, 500, 4500, 5353};

}  // namespace

// O2: each target that worked on entries does so still, for all packets that it did it for; and
// none does for others.
void Rulesets::add_lost_bindings(std::vector<Breach>& all) {
  add_open_marks(all);
  add_worked_on_alone(all, flows_, now_);
  add_worked_on_alone(all, now_, flows_);
}

// What gets a mark that no packet tells, and did not: rules behind that ask for marks may do less
// to it than it seems.
void Rulesets::add_open_marks(std::vector<Breach>& all) {
  if (traffic_.space().shape().size(traffic_.space().dimension(Field::mark)) < 2) return;
  const auto text_of = [](const Program& program, RuleId id) {
    std::string text;
    const auto parts = program.ruleset()[id].parts;
    for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) {
      const auto* statement = std::get_if<Statement>(&program.ruleset().parts[i].what);
      const auto* opaque = statement == nullptr ? nullptr : std::get_if<OpaqueStatement>(statement);
      if (opaque != nullptr && program.kind(i) == PartKind::free_mark) text += opaque->key;
    }
    return text;
  };
  const auto marked = [&](BoxWalk& walk, Path path) {
    return walk.matched(path, CtState::new_, walk.on_way(path),
                        [&](RuleId id) { return !text_of(walk.program(), id).empty(); });
  };
  const bool has_any = std::ranges::any_of(now_.ruleset().chains, [&](const Chain& chain) {
    return std::ranges::any_of(chain.rules,
                               [&](RuleId id) { return !text_of(new_.program(), id).empty(); });
  });
  if (!has_any) return;
  for (const Path path : all_paths) {
    const BoxWalk::Matched was = marked(old_, path);
    for (const auto& [rule, packets] : marked(new_, path)) {
      BoxList gained = packets;
      for (const auto& [other, taken] : was) {
        const bool is_same =
            text_of(old_.program(), RuleId(other)) == text_of(new_.program(), RuleId(rule));
        if (is_same) gained = sets_.minus(gained, taken);
      }
      Breach open{path, std::move(gained), CtState::new_, CtState::new_,
                  "begins a flow and gets a mark that is not known, and did not before"};
      open.is_certain = false;
      add(all, std::move(open));
    }
  }
}

void Rulesets::add_worked_on_alone(std::vector<Breach>& all, PermittedFlows& own,
                                   PermittedFlows& others) {
  const Ruleset& ruleset = own.ruleset();
  const Ruleset& other_ruleset = others.ruleset();
  const bool was = &own == &flows_;
  for (const Path path : all_paths) {
    for (const auto& [rule, packets] : own.bound(path)) {
      for (const ConstructId construct : bindings_of(ruleset, RuleId(rule))) {
        if (!is_target(ruleset, construct)) continue;
        if (has(Assumption::helpers_unused) && only_assigns_helper(ruleset, construct)) continue;
        BoxList alone = sets_.both(packets, flows_.assumed_sources(path));
        alone = sets_.both(alone, flows_.assumed_protocols(path));
        BoxList perhaps = alone;
        for (const auto& [other, taken] : others.bound(path)) {
          Likeness best = Likeness::different;
          for (const ConstructId id : bindings_of(other_ruleset, RuleId(other))) {
            if (!is_target(other_ruleset, id)) continue;
            best = std::max(best, compare_deeds(ruleset, construct, other_ruleset, id));
          }
          if (best != Likeness::different) alone = sets_.minus(alone, taken);
          if (best == Likeness::same) perhaps = sets_.minus(perhaps, taken);
        }
        Breach lost{path, std::move(alone), CtState::new_, CtState::new_,
                    was ? "begins a flow for which an entry was worked on, and is not now"
                        : "begins a flow for which an entry is worked on, and was not before"};
        lost.is_certain = was;
        Breach open{path, std::move(perhaps), CtState::new_, CtState::new_,
                    "begins a flow for which an entry is worked on, perhaps in another way"};
        open.is_certain = false;
        add(all, std::move(lost));
        add(all, std::move(open));
      }
    }
  }
}

void Rulesets::add_lost_expected(std::vector<Breach>& all) {
  for (const Path path : all_paths) {
    const BoxList& first = flows_.expected(path);
    const BoxList& theirs = flows_.expected(opposite(path));
    if (first.empty() && theirs.empty()) continue;
    add(all, {path, sets_.minus(first, new_.accepts(path, CtState::related)), CtState::related,
              CtState::related, "may begin a flow that a helper expects, and is refused"});
    const BoxList& was = old_.may_accept(path, CtState::established);
    const BoxList later =
        sets_.both(sets_.both(traffic_.flow_of(first), traffic_.continuations()), was);
    BoxList answers = sets_.both(traffic_.mirrored(traffic_.flow_of(theirs)), traffic_.replies());
    answers = sets_.both(sets_.both(answers, was), old_.on_way(path));
    add_lost_later(all, path, later, "goes on a flow that a helper expects, and is refused");
    add_lost_later(all, path, answers, "answers a flow that a helper expects, and is refused");
  }
}

// O2: what goes on a flow whose destination is translated meets the rules behind the translation as
// its first packet did, and so does what answers it, from where the flow was led to.
void Rulesets::add_lost_translated(std::vector<Breach>& all) {
  if (!old_.translates() || !new_.program().tracks()) return;
  for (const Path path : all_paths) {
    // Each with the conditions under which its flow was permitted.
    const BoxList first = flows_.permitted(path);
    BoxList later =
        traffic_.without(first, {Field::tcp_flags, Field::later_fragment, Field::length, Field::ttl,
                                 Field::dscp, Field::ecn, Field::packet_type, Field::mark});
    later = sets_.both(sets_.both(later, traffic_.continuations()), old_.on_way(path));
    later = sets_.minus(later, flows_.refused_by_rate(path));
    // Where it is not known where a rule leads, both may choose alike: certain is what no choice
    // lets through any more.
    later = sets_.both(later, old_.accepted_as_translated(path, later).certainly);
    add(all, {path, sets_.minus(later, new_.accepted_as_translated(path, later).possibly),
              CtState::established, CtState::established,
              "goes on a flow whose destination is translated, and is refused behind the "
              "translation"});
    const Path back = opposite(path);
    BoxList answers = traffic_.mirrored(traffic_.flow_of(old_.leaving(path, first)));
    answers = sets_.both(sets_.both(answers, traffic_.replies()), old_.on_way(back));
    answers = sets_.both(answers, old_.may_accept(back, CtState::established));
    answers = sets_.minus(answers, lonely(back));
    add(all, {back, sets_.minus(answers, new_.accepts(back, CtState::established)),
              CtState::established, CtState::established,
              "answers a flow from where its destination was translated to, and is refused"});
  }
}

// What answers translated flows, as it comes in before it is translated back.
BoxList Rulesets::answers_on_wire(const BoxList& clients, const NatStatement& nat, bool is_source,
                                  Path path) const {
  const Ruleset& ruleset = old_.program().ruleset();
  const auto given = [&](Field field, const PoolRange<Interval>& values) {
    if (values.count == 0) return traffic_.all();
    Condition condition;
    condition.field = field;
    const auto list = slice(ruleset.intervals, values);
    condition.values.assign(list.begin(), list.end());
    return traffic_.of({condition});
  };
  using enum Field;
  const BoxList answers = traffic_.mirrored(clients);
  if (!is_source) {
    // From the new destination, wherever that stands, to the client as ever.
    BoxList all = traffic_.without(answers, {source_address, source_type, in_interface});
    if (nat.ports.count > 0) all = traffic_.without(all, {source_port});
    all = sets_.both(all, given(source_address, nat.addresses));
    const BoxList portless = sets_.minus(traffic_.all(), traffic_.with_ports());
    all = sets_.both(all, sets_.either(given(source_port, nat.ports), portless));
    return path == Path::out ? traffic_.without(all, {destination_type}) : all;
  }
  // To an address of this host, or one that it was given, which may lead anywhere; what this host
  // answers itself over loopback goes out for another interface at first.
  if (path != Path::in && nat.addresses.count == 0) return {};
  BoxList all = path == Path::out ? sets_.both(answers, traffic_.loopback(Path::in)) : answers;
  all = traffic_.without(all, {destination_address, destination_type, out_interface});
  if (path == Path::out) all = traffic_.without(all, {in_interface});
  all = sets_.both(all, given(destination_address, nat.addresses));
  if (nat.ports.count > 0) {
    const BoxList ports =
        sets_.both(traffic_.without(all, {destination_port}), given(destination_port, nat.ports));
    return sets_.either(ports, sets_.minus(all, traffic_.with_ports()));
  }
  // Where the port is taken, another of its kind (nf_nat_l4proto_unique_tuple, 6.1).
  BoxList moved = all;
  for (const Interval& kind : {Interval{0, 1023}, Interval{1024, 65535}}) {
    const BoxList of_kind = traffic_.in(destination_port, kind);
    const BoxList any = traffic_.without(sets_.both(all, of_kind), {destination_port});
    moved = sets_.either(std::move(moved), sets_.both(any, of_kind));
  }
  return moved;
}

// O2: what answers a flow whose source is translated, as it comes over the wire, passes the chains
// in front of where it is translated back.
void Rulesets::add_answers_refused_early(std::vector<Breach>& all) {
  constexpr int dstnat = -100;  // NF_IP_PRI_NAT_DST, linux/netfilter_ipv4.h
  const auto refused = [&](BoxWalk& walk, Path path, const BoxList& start) {
    const Ruleset& ruleset = walk.program().ruleset();
    const auto is_early = [&](const std::optional<BaseChain>& base) {
      return base && base->hook == Hook::prerouting && base->type != ChainType::nat &&
             base->priority < dstnat;
    };
    BoxList list;
    const auto is_wanted = [&](RuleId id) {
      const Table& table = ruleset[ruleset[ruleset[id].chain].table];
      const bool is_in_early_table = std::ranges::any_of(
          table.chains, [&](ChainId chain) { return is_early(ruleset[chain].base); });
      return is_in_early_table &&
             std::ranges::any_of(slice(ruleset.parts, ruleset[id].parts), [](const auto& part) {
               const auto* statement = std::get_if<Statement>(&part.what);
               if (statement == nullptr) return false;
               if (const auto* verdict = std::get_if<VerdictStatement>(statement)) {
                 return verdict->verdict != Verdict::accept &&
                        verdict->verdict != Verdict::return_ &&
                        verdict->verdict != Verdict::continue_;
               }
               return std::holds_alternative<RejectStatement>(*statement) ||
                      std::holds_alternative<VerdictMapStatement>(*statement) ||
                      (std::holds_alternative<OpaqueStatement>(*statement) &&
                       std::get<OpaqueStatement>(*statement).may_end);
             });
    };
    for (const auto& [rule, packets] : walk.matched(path, CtState::established, start, is_wanted)) {
      list = sets_.either(std::move(list), packets);
    }
    for (const Run& run : walk.program().runs(path)) {
      const auto& base = ruleset[run.chain].base;
      if (is_early(base) && base->policy != Policy::accept) {
        list = sets_.either(std::move(list),
                            sets_.minus(start, walk.accepts(path, CtState::established)));
      }
    }
    return list;
  };
  const Ruleset& ruleset = flows_.ruleset();
  for (const Path path : all_paths) {
    for (const auto& [rule, packets] : flows_.bound(path)) {
      BoxList clients = sets_.both(traffic_.flow_of(packets), flows_.assumed_sources(path));
      clients = sets_.both(clients, flows_.assumed_protocols(path));
      for (const RulePart& part : slice(ruleset.parts, ruleset[RuleId(rule)].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
        if (nat == nullptr || nat->kind == NatKind::dnat || nat->kind == NatKind::redirect) {
          continue;
        }
        for (const Path way : {Path::in, Path::forward}) {
          const BoxList wire = answers_on_wire(clients, *nat, true, way);
          BoxList coming = sets_.both(wire, traffic_.replies());
          coming = sets_.either(std::move(coming), sets_.both(traffic_.errors_to_destination(wire),
                                                              traffic_.needed_errors()));
          coming = sets_.both(coming, old_.on_way(way));
          if (coming.empty()) continue;
          Breach open{way, sets_.minus(refused(new_, way, coming), refused(old_, way, coming)),
                      CtState::established, CtState::established,
                      "may answer a flow that is translated, as it comes over the wire, and is "
                      "refused before it is translated back"};
          open.is_certain = false;
          add(all, std::move(open));
        }
      }
    }
  }
}

// O4: of flows that something works on, neither direction is untracked, however it looks on the
// wire.
void Rulesets::add_untracked(std::vector<Breach>& all, Path path, const BoxList& packets,
                             const std::vector<NatStatement>& translations) {
  const BoxList flows = traffic_.flow_of(packets);
  const Path back = opposite(path);
  BoxList here = sets_.both(sets_.both(flows, flows_.flows(path)), new_.untracked(path));
  here = sets_.both(here, tracked_otherwise(path));
  add(all, {path, std::move(here), CtState::new_, CtState::new_,
            "is untracked, and something works on its entry"});
  // Whoever begins the flow is what the assumptions say, or asks as some services are asked, from
  // the port that he asks: a translation may have changed that.
  const bool by_any_port = !translations.empty() ||
                           translates_destinations(flows_.ruleset(), traffic_.version()) ||
                           translates_destinations(now_.ruleset(), traffic_.version());
  BoxList asking;
  for (const Number port : asked_from_their_own_port) {
    std::vector<Condition> own{equals(Field::protocol, ip_protocol::udp),
                               equals(Field::source_port, port)};
    if (!by_any_port) own.push_back(equals(Field::destination_port, port));
    asking = sets_.either(std::move(asking), traffic_.of(std::move(own)));
  }
  BoxList clients =
      sets_.both(flows, sets_.either(std::move(asking), flows_.assumed_sources(path)));
  clients = sets_.both(clients, flows_.assumed_protocols(path));
  BoxList answers = sets_.both(traffic_.mirrored(clients), traffic_.replies());
  add(all, {back, sets_.both(sets_.both(answers, untracked_on(back)), tracked_otherwise(back)),
            CtState::established, CtState::established,
            "answers a flow on whose entry something works, and is untracked"});
  for (const NatStatement& nat : translations) {
    // NETMAP does either, as its chain has it.
    const bool is_source = nat.kind == NatKind::masquerade || nat.kind == NatKind::snat;
    for (const Path way : all_paths) {
      BoxList on_wire;
      if (is_source || nat.kind == NatKind::netmap) {
        on_wire = answers_on_wire(clients, nat, true, way);
      }
      if (!is_source && way == back) {
        on_wire = sets_.either(std::move(on_wire), answers_on_wire(clients, nat, false, way));
      }
      on_wire = sets_.both(sets_.both(on_wire, traffic_.replies()), old_.on_way(way));
      on_wire = sets_.both(sets_.both(on_wire, new_.untracked(way)), tracked_otherwise(way));
      add(all, {way, std::move(on_wire), CtState::established, CtState::established,
                "comes back for a flow that is translated, and is untracked before it can be "
                "translated back"});
    }
  }
}

std::vector<Breach> Rulesets::untracked_but_bound() {
  std::vector<Breach> all;
  const bool are_unused = has(Assumption::helpers_unused);
  for (PermittedFlows* flows : {&flows_, &now_}) {
    const Ruleset& ruleset = flows->ruleset();
    for (const Path path : all_paths) {
      for (const auto& [rule, packets] : flows->bound(path)) {
        // A helper that nobody needs binds only where the rewrite still assigns it: NOTRACK does
        // nothing to a packet that another CT rule has taken before (xt_ct_target, xt_CT.c, 6.1).
        const auto bindings = bindings_of(ruleset, RuleId(rule));
        const bool is_idle = are_unused && std::ranges::all_of(bindings, [&](ConstructId id) {
                               return only_assigns_helper(ruleset, id);
                             });
        if (is_idle != (flows == &now_)) continue;
        std::vector<NatStatement> translations;
        for (const RulePart& part : slice(ruleset.parts, ruleset[RuleId(rule)].parts)) {
          const auto* statement = std::get_if<Statement>(&part.what);
          const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
          if (nat != nullptr && flows == &flows_) translations.push_back(*nat);
        }
        add_untracked(all, path, packets, translations);
      }
    }
  }
  return all;
}

bool Rulesets::permits_dccp() {
  return std::ranges::any_of(all_paths, [&](Path path) {
    return !sets_.both(flows_.permitted(path), traffic_.protocol(ip_protocol::dccp)).empty();
  });
}

}  // namespace untrack::boxwise
