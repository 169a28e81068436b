#include "analysis/attribution/admission.hpp"

#include <algorithm>

#include "analysis/packet/group_address.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/evaluate.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_rules = 4096;     // looked at for one entry
constexpr std::size_t most_elements = 1024;  // of a set that is gone through one by one
constexpr int dnat_priority = -100;          // NF_IP_PRI_NAT_DST

}  // namespace

Admitter::Admitter(const Program& program, const LocalAddresses& locals)
    : program_(program),
      ruleset_(program.ruleset()),
      locals_(locals),
      indices_(ruleset_.chains.size()),
      can_drop_(ruleset_.chains.size()) {
  has_tproxy_ = std::ranges::any_of(ruleset_.constructs, [](const Construct& construct) {
    return construct.name == "TPROXY" || construct.name == "tproxy";
  });
  packet_.version = program.version();
  packet_.state = CtState::new_;
}

const Admitter::IndexedChain& Admitter::index_of(ChainId chain) {
  auto& indexed = indices_[chain.index()];
  if (!indexed) {
    RuleIndex index(program_, ruleset_[chain]);
    auto plain = plain_rules(program_, ruleset_[chain], index);
    indexed = std::make_unique<IndexedChain>(IndexedChain{std::move(index), std::move(plain)});
  }
  return *indexed;
}

// Of chains that only mark, log or translate no entry has to be asked.
bool Admitter::can_drop(ChainId chain) {
  std::optional<bool>& known = can_drop_[chain.index()];
  if (known) return *known;
  known = true;  // of a loop, which no kernel takes
  const auto drops = [&](const Statement& statement) {
    return std::visit(
        Overloaded{[](const VerdictStatement& verdict) {
                     return verdict.verdict != Verdict::accept &&
                            verdict.verdict != Verdict::continue_ &&
                            verdict.verdict != Verdict::return_;
                   },
                   [&](const JumpStatement& jump) {
                     return !jump.chain.names_something() || can_drop(jump.chain);
                   },
                   [](const NatStatement&) { return false; },
                   [](const NotrackStatement&) { return false; },
                   [](const MarkStatement&) { return false; },
                   [](const ConntrackStatement&) { return false; },
                   [](const PassiveStatement&) { return false; }, [](const auto&) { return true; }},
        statement);
  };
  bool found = ruleset_[chain].base && ruleset_[chain].base->policy == Policy::drop;
  for (const RuleId rule : ruleset_[chain].rules) {
    const PoolRange<RulePart>& parts = ruleset_[rule].parts;
    for (std::uint32_t i = 0; i < parts.count && !found; ++i) {
      const PartKind kind = program_.kind(parts.first + i);
      const auto* statement = std::get_if<Statement>(&ruleset_.parts[parts.first + i].what);
      found = kind == PartKind::free_end || kind == PartKind::free_accept ||
              (statement != nullptr && drops(*statement));
    }
    if (found) break;
  }
  known = found;
  return found;
}

const Admission& Admitter::admission_of(const ConntrackEntry& entry) {
  entry_ = &entry;
  admission_.by.clear();
  admission_.may_be_refused = admission_.is_unknown = false;
  budget_ = most_rules;
  packet_[Field::protocol] = entry.protocol;
  has_ports_ = has_ports(entry.protocol);
  packet_[Field::source_address] = entry.source;
  packet_[Field::source_port] = entry.source_port;
  packet_[Field::icmp_type_code] = Number{entry.icmp_type} * 256 + entry.icmp_code;
  const IpVersion version = entry.version;
  const bool is_to_many = is_multicast(entry.destination, version);
  const bool from_lo = is_loopback(version, entry.source);
  const bool to_lo = is_loopback(version, entry.destination);
  knows_source_ = !locals_.is_empty() || from_lo;
  // Where a translation leads is where the packet goes.
  const bool is_told = (!locals_.is_empty() && !is_to_many) || to_lo;
  const bool from_here = knows_source_ && locals_.has(version, entry.source);
  const bool to_here = is_told && locals_.has(version, entry.answerer);
  knows_destination_ = is_told;
  is_loopback_ = from_here && to_here;
  may_be_loopback_ = is_loopback_ || !knows_source_ || (from_here && !is_told);
  if (is_loopback_) {
    // What a host sends to itself goes out first, and is let in then.
    follow(Path::out);
    const bool goes_out = admission_.is_unknown || !admission_.by.empty();
    admission_.by.clear();
    if (goes_out) follow(Path::in);
  } else if (from_here) {
    follow(Path::out);
  } else if (knows_source_ && is_told) {
    follow(to_here ? Path::in : Path::forward);
    // A packet that TPROXY takes comes in, whatever its destination is.
    if (!to_here && has_tproxy_) follow(Path::in);
  } else {
    if (!knows_source_) follow(Path::out);
    follow(Path::in);
    follow(Path::forward);
  }
  std::ranges::sort(admission_.by);
  return admission_;
}

void Admitter::add(const Admitting& admitting) {
  if (std::ranges::find(admission_.by, admitting) != admission_.by.end()) return;
  if (admission_.by.size() == Admission::most) {
    admission_.is_unknown = true;
    return;
  }
  admission_.by.push_back(admitting);
}

void Admitter::follow(Path path) {
  packet_.path = path;
  std::vector<Admitting>& by = by_;
  by.assign(1, {path, {}, {}});
  bool passes = true;
  for (const Run& run : program_.runs(path)) {
    if (!passes || admission_.is_unknown) return;
    const bool is_filter = filters(run, path);
    if (!is_filter && !can_drop(run.chain)) continue;
    Ends& ends = run_ends_;
    ends.back = ends.drop = ends.unknown = false;
    ends.accepts.clear();
    through_run(run, path, ends);
    if (ends.unknown) admission_.is_unknown = true;
    if (ends.drop) admission_.may_be_refused = true;
    passes = !ends.accepts.empty() || ends.back;
    if (!is_filter || !passes) continue;
    by.clear();
    for (const RuleId rule : ends.accepts) by.push_back({path, rule, {}});
    if (ends.back) by.push_back({path, {}, run.chain});
  }
  if (!passes) return;
  for (const Admitting& each : by) add(each);
}

void Admitter::through_run(const Run& run, Path path, Ends& ends) {
  run_ = &run;
  const Hook first = path == Path::out ? Hook::output : Hook::prerouting;
  const bool is_behind = run.hook != first || run.priority > dnat_priority;
  const bool is_translated =
      entry_->answerer != entry_->destination || entry_->answerer_port != entry_->destination_port;
  if (is_translated && run.hook == first && run.priority == dnat_priority && !run.is_nat) {
    ends.unknown = true;  // which of the two comes first is not in the ruleset
    return;
  }
  packet_[Field::destination_address] = is_behind ? entry_->answerer : entry_->destination;
  packet_[Field::destination_port] = is_behind ? entry_->answerer_port : entry_->destination_port;
  // ICMP has no ports, and an answer from somewhere else none that is told.
  if (!has_ports(entry_->protocol)) packet_[Field::destination_port] = 0;
  through_chain(run.chain, ends);
  if (ends.back) {
    const bool accepts = ruleset_[run.chain].base->policy == Policy::accept;
    if (!accepts) ends.drop = true;
    ends.back = accepts;
  }
}

void Admitter::through_chain(ChainId chain, Ends& ends) {
  bool goes_on = true;
  const std::vector<RuleId>& rules = ruleset_[chain].rules;
  const IndexedChain& indexed = index_of(chain);
  indexed.index.each_candidate(packet_, [&](std::size_t at) {
    if (budget_ == 0) {
      ends.unknown = true;
      return false;
    }
    --budget_;
    const PlainRule& plain = indexed.plain[at];
    if (plain.end == PlainRule::End::is_not_plain) {
      goes_on = through_rule(rules[at], ends);
    } else {
      if (!plain.matches(packet_, has_ports_)) return true;
      goes_on = obey_plain(plain.end, rules[at], ends);
    }
    return goes_on && !ends.unknown;
  });
  if (goes_on) ends.back = true;
}

bool Admitter::obey_plain(PlainRule::End end, RuleId rule, Ends& ends) {
  switch (end) {
    case PlainRule::End::accepts:
      accept(rule, ends);
      return false;
    case PlainRule::End::drops:
      ends.drop = true;
      return false;
    case PlainRule::End::returns:
      ends.back = true;
      return false;
    case PlainRule::End::is_not_plain:
    case PlainRule::End::goes_on:
      return true;
  }
  return true;
}

bool Admitter::through_rule(RuleId rule, Ends& ends) {
  const PoolRange<RulePart>& parts = ruleset_[rule].parts;
  bool may_go_on = false;
  for (std::uint32_t i = 0; i < parts.count; ++i) {
    const std::uint32_t part = parts.first + i;
    const auto& what = ruleset_.parts[part].what;
    if (const auto* match = std::get_if<Match>(&what)) {
      const Truth found = truth(part, *match);
      if (found == Truth::no) return true;
      may_go_on = may_go_on || found == Truth::maybe;
      continue;
    }
    const auto& statement = std::get<Statement>(what);
    const auto* map = std::get_if<VerdictMapStatement>(&statement);
    if (map != nullptr && program_.kind(part) != PartKind::free_end) {
      // What is in no element of it has not matched.
      if (may_match_none(part, ruleset_[*map], rule, ends)) return true;
      return may_go_on;
    }
    if (!act(part, statement, rule, ends)) return may_go_on;
  }
  return true;
}

void Admitter::accept(RuleId rule, Ends& ends) {
  if (std::ranges::find(ends.accepts, rule) != ends.accepts.end()) return;
  ends.accepts.push_back(rule);
  if (ends.accepts.size() > Admission::most) ends.unknown = true;
}

// False: the packet does not go on with the next part of the rule.
bool Admitter::act(std::uint32_t part, const Statement& statement, RuleId rule, Ends& ends) {
  switch (program_.kind(part)) {
    case PartKind::free_end:
      accept(rule, ends);
      ends.drop = true;
      return true;
    case PartKind::free_accept:
      accept(rule, ends);
      ends.drop = true;
      return false;
    case PartKind::free_mark:
      return true;
    case PartKind::test:
    case PartKind::free_test:
    case PartKind::status_test:
    case PartKind::statement:
    case PartKind::free_map:
      return obey(statement, rule, ends);
  }
  return true;
}

bool Admitter::obey(const Statement& statement, RuleId rule, Ends& ends) {
  return std::visit(Overloaded{[&](const VerdictStatement& verdict) {
                                 switch (verdict.verdict) {
                                   case Verdict::accept:
                                     accept(rule, ends);
                                     return false;
                                   case Verdict::drop:
                                   case Verdict::stolen:
                                   case Verdict::queue:
                                     ends.drop = true;
                                     return false;
                                   case Verdict::continue_:
                                     return true;
                                   case Verdict::return_:
                                     ends.back = true;
                                     return false;
                                 }
                                 return false;
                               },
                               [&](const JumpStatement& jump) {
                                 Ends inner;
                                 through_chain(jump.chain, inner);
                                 ends.drop = ends.drop || inner.drop;
                                 ends.unknown = ends.unknown || inner.unknown;
                                 for (const RuleId each : inner.accepts) accept(each, ends);
                                 // What comes back from a goto goes on where this chain was called
                                 // from.
                                 if (inner.back && jump.is_goto) ends.back = true;
                                 return inner.back && !jump.is_goto;
                               },
                               [&](const RejectStatement&) {
                                 ends.drop = true;
                                 return false;
                               },
                               [&](const NatStatement&) {
                                 accept(rule, ends);
                                 return false;
                               },
                               [&](const VerdictMapStatement&) {
                                 ends.unknown = true;  // a map in a map, which nft has not
                                 return true;
                               },
                               [](const NotrackStatement&) { return true; },
                               [](const MarkStatement&) { return true; },
                               [](const ConntrackStatement&) { return true; },
                               [](const PassiveStatement&) { return true; },
                               [](const OpaqueStatement&) { return true; }},
                    statement);
}

bool Admitter::may_match_none(std::uint32_t part, const MapLookup& map, RuleId rule, Ends& ends) {
  if (program_.kind(part) == PartKind::free_map) {
    ends.unknown = true;
    return true;
  }
  const NamedSet& set = ruleset_[map.key.set];
  bool all_known = set.verdicts.size() <= most_elements;
  for (std::size_t i = 0; i < map.key.field_count; ++i) {
    if (!has_field(packet_, map.key.fields[i])) return true;
    all_known = all_known && is_known(map.key.fields[i]);
  }
  if (all_known) {
    const auto found =
        find_element(ruleset_, map.key, packet_, run_->sees_out_interface(), state());
    if (found) return obey(set.verdicts[*found], rule, ends);
    return !set.otherwise || obey(*set.otherwise, rule, ends);
  }
  bool goes_on = !set.otherwise || obey(*set.otherwise, rule, ends);
  for (const Statement& each : set.verdicts) {
    if (ends.unknown) return true;
    goes_on = obey(each, rule, ends) || goes_on;
  }
  return goes_on;
}

}  // namespace untrack
