#include "analysis/flows/flows.hpp"

#include <algorithm>
#include <array>

#include "analysis/flows/binding.hpp"
#include "analysis/packet/boxes.hpp"
#include "analysis/program/deeds.hpp"
#include "analysis/program/service_ports.hpp"
#include "analysis/program/translated_status.hpp"
#include "model/catalog/one_port_services.hpp"

namespace untrack {
namespace {

// Some value that the test lets through, or leaves open, is as wanted.
template <class Wanted>
bool some_value(const FieldTest& test, const Ruleset& ruleset, IpVersion version, Wanted&& wanted) {
  const auto values = values_of(test, ruleset, width_of(test.field, version));
  return !values || std::ranges::any_of(*values, wanted);
}

// A port of a service whose clients need not send from a port of their range.
bool names_special(const FieldTest& test, const Ruleset& ruleset, IpVersion version) {
  if (test.field == Field::either_port) return true;
  return some_value(test, ruleset, version, [](const Interval& range) {
    constexpr Number dns = 53;
    const auto holds = [&](Number port) { return port >= range.first && port <= range.last; };
    return holds(dns) || std::ranges::any_of(catalog::symmetric_ports(), holds);
  });
}

bool names_other_protocol(const FieldTest& test, const Ruleset& ruleset, IpVersion version) {
  return some_value(test, ruleset, version, [&](const Interval& range) {
    return range.first != range.last ||
           (range.first != ip_protocol::tcp && range.first != ip_protocol::udp &&
            range.first != icmp_of(version));
  });
}

// The rule names what widens an assumption: see assumed_sources, assumed_protocols.
bool names_unusual(const Ruleset& ruleset, const Rule& rule, IpVersion version) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [&](const RulePart& part) {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
    if (test == nullptr || test->negated) return false;
    switch (test->field) {
      case Field::source_port:
      case Field::either_port:
        return true;
      case Field::destination_port:
        return names_special(*test, ruleset, version);
      case Field::protocol:
        return names_other_protocol(*test, ruleset, version);
      default:
        return false;
    }
  });
}

// A rule that admits nothing. The source port that it names is mostly that of a service, whose
// answers it untracks, and no client's.
bool only_untracks(const Ruleset& ruleset, const Rule& rule) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    return statement != nullptr && std::holds_alternative<NotrackStatement>(*statement);
  });
}

// Some rule may leave a packet otherwise than it came, or bind it.
bool changes_packets(SymbolicWalk& walk) {
  if (walk.outcomes().have_effects()) return true;
  const RuleSet binding = binding_rules(walk.program().ruleset());
  return std::ranges::find(binding, true) != binding.end();
}

Ref as_new(World& world, Ref packets) {
  const auto state = Layout::atom_of(CtState::new_);
  Diagram& d = world.diagram();
  return d.conj(packets, d.interval(world.layout().level_of(Field::ct_state), state, state));
}

}  // namespace

Flows::Flows(World& world, std::size_t program, const Assumptions& assumptions)
    : world_(world), program_(program), assumptions_(assumptions) {}

Ref Flows::first_packets() {
  return world_.diagram().conj(world_.initiators(!assumptions_.has(Assumption::no_midstream),
                                                 !assumptions_.has(Assumption::echo_only)),
                               untranslated());
}

// The outcomes in which no flow is translated that no rule translates.
Ref Flows::untranslated() {
  if (untranslated_) return *untranslated_;
  Diagram& d = world_.diagram();
  const Program& program = this->program();
  const Ruleset& ruleset = program.ruleset();
  Ref all = Diagram::yes;
  const auto never = [&](FreeId id) {
    if (id == no_free_variable) return;
    const auto level = world_.layout().level_of_free(id);
    all = d.conj(all, d.interval(level, 0, 0));
  };
  for (const CtState status : {CtState::snat, CtState::dnat}) {
    if (program.status_variable(status) != no_free_variable &&
        !may_translate(ruleset, program.version(), status)) {
      never(program.status_variable(status));
    }
  }
  for (std::uint32_t part = 0; part < ruleset.parts.size(); ++part) {
    if (program.kind(part) == PartKind::free_test &&
        asks_in_vain(ruleset, program.version(), ruleset.parts[part])) {
      never(program.variable(part));
    }
  }
  untranslated_ = all;
  return all;
}

const PathReach& Flows::reach_of_first(Path path) {
  auto& known = memo(path).reach;
  if (!known) {
    const Ruleset& ruleset = world_.walk(program_).program().ruleset();
    RuleSet is_bound = binding_rules(ruleset);
    known = reach(world_.walk(program_), path, as_new(world_, first_packets()),
                  {.whole = std::move(is_bound), .is_exact = is_exact_});
  }
  return *known;
}

// Reach of first packets, of the rules that some assumption asks about, or that bind; the others
// are there, and nothing matches them.
const PathReach& Flows::reach_of_naming(Path path) {
  if (memo(path).reach) return *memo(path).reach;
  auto& known = memo(path).naming;
  if (!known) {
    const Ruleset& ruleset = world_.walk(program_).program().ruleset();
    RuleSet is_bound = binding_rules(ruleset);
    RuleSet wanted = is_bound;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = wanted[i] || names_unusual(ruleset, ruleset.rules[i], world_.version());
    }
    known =
        reach(world_.walk(program_), path, as_new(world_, first_packets()),
              {.wanted = std::move(wanted), .whole = std::move(is_bound), .is_exact = is_exact_});
  }
  return *known;
}

// Of first packets within a set of flows, those that match a rule which tests one of the fields for
// certain values. `may_be_in`: whether a test of the rule leaves anything of the set; asked first,
// since most rules name something else.
template <class MayBeIn>
Ref Flows::matching_rules_with(Path path, std::span<const Field> fields, Ref within,
                               MayBeIn&& may_be_in) {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = world_.walk(program_).program().ruleset();
  const auto is_asked = [&](const Rule& rule) {
    if (fields.front() == Field::source_port && only_untracks(ruleset, rule)) return false;
    bool names_one = false;
    bool leaves_some = true;
    for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
      if (test == nullptr || test->negated) continue;
      if (std::ranges::find(fields, test->field) == fields.end()) continue;
      names_one = true;
      leaves_some = leaves_some && may_be_in(*test);
    }
    return names_one && leaves_some;
  };
  std::vector<Ref> all;
  if (memo(path).reach || memo(path).naming || changes_packets(world_.walk(program_))) {
    for (const RuleReach& row : reach_of_naming(path).rules) {
      if (row.matches == Diagram::no || !is_asked(ruleset[row.rule])) continue;
      all.push_back(world_.flow_of(d.conj(row.matches, within)));
    }
    return d.any_of(std::move(all));
  }
  // What is within when it enters is within wherever it comes, so that no other need be followed.
  const RuleSet asked = rules_where(ruleset, is_asked);
  if (within == Diagram::no || std::ranges::find(asked, true) == asked.end()) return Diagram::no;
  const PathReach found =
      reach(world_.walk(program_), path, d.conj(as_new(world_, first_packets()), within),
            {.wanted = asked, .is_exact = is_exact_});
  for (const RuleReach& row : found.rules) {
    // Rules that lead to others have rows, too.
    if (row.matches == Diagram::no || !asked[row.rule.index()]) continue;
    all.push_back(world_.flow_of(row.matches));
  }
  return d.any_of(std::move(all));
}

// Of what this host sends, what a rule names by few source ports.
Ref Flows::naming_few_sources(Ref within) {
  constexpr std::array named = {Field::source_port, Field::either_port};
  const Ruleset& ruleset = program().ruleset();
  return matching_rules_with(Path::out, named, within, [&](const FieldTest& test) {
    return std::ranges::all_of(slice(ruleset.intervals, test.values), is_one_by_one);
  });
}

Ref Flows::assumed_sources(Path path) {
  if (!assumptions_.has(Assumption::client_ports)) return Diagram::yes;
  Diagram& d = world_.diagram();
  const Interval& usual = path == Path::out ? assumptions_.host_ports : assumptions_.other_ports;
  Ref sources = world_.range(Field::source_port, usual);
  // Where a rule names the service: resolvers choose their ports themselves, so that they are hard
  // to guess, and some services are asked from the port that they answer on.
  Ref special = d.conj(world_.range(Field::destination_port, {53, 53}),
                       world_.range(Field::source_port, {1024, 65535}));
  for (const Number port : catalog::symmetric_ports()) {
    const Ref both = d.conj(world_.range(Field::destination_port, {port, port}),
                            world_.range(Field::source_port, {port, port}));
    special = d.disj(special, d.conj(both, world_.protocol(ip_protocol::udp)));
  }
  constexpr std::array services = {Field::destination_port, Field::either_port};
  const auto& ruleset = world_.walk(program_).program().ruleset();
  const auto may_be_special = [&](const FieldTest& test) {
    return names_special(test, ruleset, world_.version());
  };
  Ref is_named = matching_rules_with(path, services, special, may_be_special);
  if (path == Path::out) {
    is_named = d.disj(is_named, d.conj(special, listed()));
    sources = d.disj(sources, listed_with_source());
  }
  sources = d.disj(sources, is_named);
  const Ref has_ports = world_.walk(program_).encoder().has(Field::source_port);
  sources = d.disj(sources, d.negate(has_ports));
  constexpr std::array named = {Field::source_port, Field::either_port};
  return d.disj(sources, matching_rules_with(path, named, d.negate(sources),
                                             [](const FieldTest&) { return true; }));
}

Ref Flows::assumed_protocols(Path path) {
  if (!assumptions_.has(Assumption::tcp_udp_icmp_only)) return Diagram::yes;
  Diagram& d = world_.diagram();
  const Ref usual =
      d.disj(d.disj(world_.protocol(ip_protocol::tcp), world_.protocol(ip_protocol::udp)),
             world_.protocol(icmp_of(world_.version())));
  constexpr std::array named = {Field::protocol};
  const Ref of_list = path == Path::out ? listed() : Diagram::no;
  const auto& ruleset = world_.walk(program_).program().ruleset();
  const auto may_be_other = [&](const FieldTest& test) {
    return names_other_protocol(test, ruleset, world_.version());
  };
  return d.disj(d.disj(usual, of_list),
                matching_rules_with(path, named, d.negate(usual), may_be_other));
}

Ref Flows::permitted(Path path) {
  auto& known = memo(path).permitted;
  if (!known) {
    Diagram& d = world_.diagram();
    // Those that ask little first: each is a copy of what there is already.
    Ref all = d.conj(first_packets(), world_.on_way(path));
    all = d.conj(all, helpers_idle());
    all = d.conj(all, assumed_to_start(path));
    all = d.conj(all, assumed_protocols(path));
    all = d.conj(all, assumed_sources(path));
    if (path == Path::out) all = d.minus(all, from_service_ports());
    known = d.conj(all, world_.may_accept(program_, path, CtState::new_));
  }
  return *known;
}

Ref Flows::flows(Path path) {
  auto& known = memo(path).flows;
  if (!known) known = world_.flow_of(permitted(path));
  return *known;
}

Ref Flows::continuing(Path path) {
  return world_.diagram().conj(flows(path), world_.continuations());
}

Ref Flows::answer_direction(Path path) {
  auto& known = memo(path).answer_direction;
  if (!known) known = world_.mirrored(flows(opposite(path)));
  return *known;
}

Ref Flows::answering(Path path) {
  Diagram& d = world_.diagram();
  return d.minus(d.conj(answer_direction(path), world_.replies()), world_.from_groups());
}

Ref Flows::errors(Path path) {
  auto& known = memo(path).errors;
  if (!known) {
    Diagram& d = world_.diagram();
    const Ref about = world_.errors_about(path, [&](Path way) { return flows(way); });
    known = d.conj(about, world_.related_errors());
  }
  return *known;
}

Ref Flows::stateless(Path path, bool certain) {
  Diagram& d = world_.diagram();
  const auto accepted = [&](CtState state) {
    return certain ? world_.accepts(program_, path, state)
                   : world_.may_accept(program_, path, state);
  };
  const Program& program = world_.walk(program_).program();
  if (!program.tracks()) return accepted(CtState::new_);
  const Ref can_be_new = world_.can_be_new();
  const Ref can_be_invalid = world_.can_be_invalid();
  if (!certain) {
    return d.disj(d.conj(can_be_new, accepted(CtState::new_)),
                  d.conj(can_be_invalid, accepted(CtState::invalid)));
  }
  const Ref as_new = d.ite(can_be_new, accepted(CtState::new_), Diagram::yes);
  const Ref as_invalid = d.ite(can_be_invalid, accepted(CtState::invalid), Diagram::yes);
  return d.conj(d.conj(as_new, as_invalid), d.disj(can_be_new, can_be_invalid));
}

Ref Flows::accepts_stateless(Path path) {
  auto& known = memo(path).accepts;
  if (!known) known = stateless(path, true);
  return *known;
}

Ref Flows::may_accept_stateless(Path path) {
  auto& known = memo(path).may_accept;
  if (!known) known = stateless(path, false);
  return *known;
}

std::optional<std::size_t> Flows::deciding_run(Path path) const {
  const Program& program = world_.walk(program_).program();
  const Ruleset& ruleset = program.ruleset();
  const auto runs = program.runs(path);
  std::optional<std::size_t> last;
  std::optional<std::size_t> in_filter;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].is_nat || runs[i].hook == Hook::prerouting ||
        (path == Path::out && runs[i].hook != Hook::output) || runs[i].hook == Hook::postrouting) {
      continue;
    }
    last = i;
    if (ruleset[ruleset[runs[i].chain].table].name == "filter") in_filter = i;
  }
  return in_filter ? in_filter : last;
}

void Flows::find_bound_rules(Path path, std::vector<BoundRule>& found) {
  Diagram& d = world_.diagram();
  SymbolicWalk& walk = world_.walk(program_);
  const Program& program = walk.program();
  const Ruleset& ruleset = program.ruleset();
  for (const RuleReach& row : reach_of_naming(path).rules) {
    const Rule& rule = ruleset[row.rule];
    const ConstructId bound = binding_construct(ruleset, rule);
    if (!bound.names_something() || *row.reaches == Diagram::no) continue;
    const Run& run = program.runs(path)[row.run];
    Ref packets = *row.reaches;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const RulePart& part = ruleset.parts[rule.parts.first + i];
      if (!std::holds_alternative<Match>(part.what)) continue;
      if (!looks_at_entry(ruleset, part)) {
        packets = d.conj(packets, walk.where_true(rule.parts.first + i, path, run));
      }
    }
    // What comes in over lo has its entry from its way out (xt_ct_target, xt_CT.c; nft_ct.c, 6.1;
    // measured).
    if (path == Path::in && run.is_before_conntrack && gives_template(ruleset, bound)) {
      packets = d.minus(packets, world_.loopback(path));
    }
    // Only where NOTRACK stands, too, is it known whether another CT target came first.
    if (const FreeId id = program.template_variable(); id != no_free_variable) {
      std::vector<bool> gone(d.level_count());
      gone[world_.layout().level_of_free(id)] = true;
      packets = d.exists(packets, gone);
    }
    if (packets != Diagram::no) {
      found.push_back({row.rule, bound, path, packets, world_.flow_of(packets), row.run});
    }
  }
}

const std::vector<BoundRule>& Flows::bound_rules() {
  if (!bound_) {
    // Kept only when it is whole: a limit reached on the way must not leave a part behind.
    std::vector<BoundRule> found;
    const RuleSet binding = binding_rules(world_.walk(program_).program().ruleset());
    const bool is_any = std::ranges::find(binding, true) != binding.end();
    for (const Path path : all_paths) {
      if (is_any) find_bound_rules(path, found);
    }
    bound_ = std::move(found);
  }
  return *bound_;
}

}  // namespace untrack
