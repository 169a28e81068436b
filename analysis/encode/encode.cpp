#include "analysis/encode/encode.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/encode/atom_runs.hpp"
#include "analysis/packet/field_protocols.hpp"
#include "analysis/program/entry_tests.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

// xt_conntrack.c and nft_ct.c, 6.1: neither state has an entry.
Ref lacks_entry(Diagram& diagram, const Layout& layout) {
  std::vector<bool> members(Layout::state_count);
  members[Layout::atom_of(CtState::invalid)] = true;
  members[Layout::atom_of(CtState::untracked)] = true;
  return diagram.atoms(layout.level_of(Field::ct_state), members);
}

}  // namespace

Ref Encoder::range(Field field, const Interval& values) const {
  const auto [first, last] = layout_.numbers(field).atoms_of(values);
  return diagram_.interval(layout_.level_of(field), first, last);
}

Ref Encoder::has(Field field) const {
  std::optional<Ref>& known = has_[static_cast<std::size_t>(field)];
  if (!known) known = made_has(field);
  return *known;
}

Ref Encoder::made_has(Field field) const {
  // Tests of these are free variables (analysis/program), which hold for whatever packet.
  if (field == Field::tcp_option || field == Field::sctp_chunks) return Diagram::yes;
  if (field == Field::source_mac) {
    // Nothing that this host sends has such a header, to itself or to others.
    const auto level = layout_.level_of(Field::in_interface);
    const auto absent = NameDomain::absent();
    const auto lo = layout_.names().loopback();
    const Ref own =
        diagram_.disj(diagram_.interval(level, absent, absent), diagram_.interval(level, lo, lo));
    return diagram_.minus(range(field, {no_mac + 1, (Number{1} << 48U) - 1}), own);
  }
  const auto protocols = protocols_with(field, layout_.version());
  if (protocols.empty()) return Diagram::yes;
  Ref any = Diagram::no;
  for (const Number number : protocols) {
    any = diagram_.disj(any, range(Field::protocol, {number, number}));
  }
  return diagram_.conj(any, range(Field::later_fragment, {0, 0}));
}

Ref Encoder::is_mark(std::uint32_t wanted, std::uint32_t mask) const {
  Ref all = (wanted & ~mask) == 0 ? Diagram::yes : Diagram::no;
  const auto& blocks = layout_.marks().blocks();
  for (std::size_t i = 0; i < blocks.size() && all != Diagram::no; ++i) {
    if ((blocks[i].mask & mask) == 0) continue;
    const auto atom = blocks[i].values.atom_of(MarkBlocks::press(wanted, blocks[i].mask));
    all = diagram_.conj(diagram_.interval(layout_.level_of_block(i), atom, atom), all);
  }
  return all;
}

Ref Encoder::encode_mark(const FieldTest& test) {
  Diagram& d = diagram_;
  Ref any = Diagram::no;
  for (const Interval& point : slice(program_.ruleset().intervals, test.values)) {
    any = d.disj(any, is_mark(static_cast<std::uint32_t>(point.first), test.mask));
  }
  return test.negated ? d.negate(any) : any;
}

Ref Encoder::made_value(const FieldTest& test) {
  Diagram& d = diagram_;
  if (test.field == Field::mark) return encode_mark(test);
  const auto values = values_of(test, program_.ruleset(), width_of(test.field, layout_.version()));
  if (!values) throw BudgetExhausted();
  if (test.field == Field::tcp_flags) {
    FlagSet set;
    for (const Interval& numbers : *values) {
      for (Number flags = numbers.first; flags <= numbers.last; ++flags) {
        set[static_cast<std::size_t>(flags)] = true;
      }
    }
    return d.atoms(layout_.level_of(test.field), layout_.flags().members(set));
  }
  const NumberDomain& domain = layout_.numbers(test.field);
  std::vector<std::pair<Diagram::Atom, Diagram::Atom>> runs;
  for (const Interval& numbers : *values) runs.push_back(domain.atoms_of(numbers));
  if (test.field == Field::either_port) {
    // A packet has both ports or none; "none of them" asks it of both.
    const Ref source = d.ranges(layout_.level_of(Field::source_port), runs);
    const Ref destination = d.ranges(layout_.level_of(Field::destination_port), runs);
    return test.negated ? d.conj(source, destination) : d.disj(source, destination);
  }
  return d.ranges(layout_.level_of(test.field), runs);
}

Ref Encoder::value_of(const FieldTest& test, std::uint32_t part) {
  std::optional<Ref>& known = tests_[part];
  if (!known) known = made_value(test);
  return *known;
}

Ref Encoder::encode(const NameTest& test, const View& view) {
  AtomRuns runs;
  for (const NamePattern& pattern : slice(program_.ruleset().names, test.names)) {
    if (const auto run = layout_.names().atoms_of(pattern)) runs.push_back(*run);
  }
  join(runs);
  const bool has_absent = !runs.empty() && runs.front().first == NameDomain::absent();
  if (test.field == Field::out_interface && !view.has_out_interface) {
    return has_absent != test.negated ? Diagram::yes : Diagram::no;
  }
  const Ref named = diagram_.ranges(layout_.level_of(test.field), runs);
  return test.negated ? diagram_.negate(named) : named;
}

// `members`: by the atoms of the state.
Ref Encoder::states(const std::vector<bool>& members, const View& view) {
  Diagram& d = diagram_;
  const Layout::Level level = layout_.level_of(Field::ct_state);
  const Ref now = d.atoms(level, members);
  if (!view.is_before_conntrack || view.is_seen) return now;
  // No state yet: INVALID, NEW with a template, or UNTRACKED behind a NOTRACK, which is what the
  // variable says then.
  const auto has = [&](CtState state) {
    return members[Layout::atom_of(state)] ? Diagram::yes : Diagram::no;
  };
  const auto untracked = Layout::atom_of(CtState::untracked);
  Ref none = has(CtState::invalid);
  if (program_.template_variable() != no_free_variable) {
    none = d.ite(free(program_.template_variable()), has(CtState::new_), none);
  }
  return d.ite(d.interval(level, untracked, untracked), has(CtState::untracked), none);
}

Ref Encoder::encode(const StateTest& test, std::uint32_t part, const View& view) {
  Diagram& d = diagram_;
  std::vector<bool> members(Layout::state_count);
  for (Layout::Atom atom = 0; atom < Layout::state_count; ++atom) {
    members[atom] = test.states.has(static_cast<CtState>(atom));
  }
  Ref all = states(members, view);
  if (program_.kind(part) == PartKind::status_test) {
    for (const CtState status : {CtState::snat, CtState::dnat}) {
      if (test.states.has(status)) {
        all = d.disj(all, free(program_.status_variable(status)));
      }
    }
  }
  return test.negated ? d.negate(all) : all;
}

Ref Encoder::key_in(Field field, const Interval& key, const NamedSet& set, const View& view) {
  Diagram& d = diagram_;
  if (field == Field::in_interface || field == Field::out_interface) {
    const auto run = layout_.names().atoms_of(interface_in(set, key));
    if (!run) return Diagram::no;
    if (field == Field::out_interface && !view.has_out_interface) {
      return run->first == NameDomain::absent() ? Diagram::yes : Diagram::no;
    }
    return d.interval(layout_.level_of(field), run->first, run->second);
  }
  if (field == Field::family) {
    const Number family = nf_proto(layout_.version());
    return key.first <= family && family <= key.last ? Diagram::yes : Diagram::no;
  }
  if (field == Field::mark) return is_mark(static_cast<std::uint32_t>(key.first), ~0U);
  if (field == Field::ct_state) {
    std::vector<bool> members(Layout::state_count);
    for (Layout::Atom atom = 0; atom < Layout::state_count; ++atom) {
      members[atom] = key.first <= atom && atom <= key.last;
    }
    return states(members, view);
  }
  if (field == Field::tcp_flags) {
    FlagSet flags;
    for (Number value = key.first; value <= key.last && value < 256; ++value) {
      flags[static_cast<std::size_t>(value)] = true;
    }
    return d.conj(d.atoms(layout_.level_of(field), layout_.flags().members(flags)), has(field));
  }
  const bool is_port = field == Field::source_port || field == Field::destination_port;
  if (!is_port || set.kind != SetKind::ipset) return d.conj(range(field, key), has(field));
  using namespace ip_protocol;
  const auto is_protocol = [&](Number number) { return range(Field::protocol, {number, number}); };
  if (set.type.starts_with("bitmap:port")) {
    // bitmap:port knows TCP and UDP alone (ip_set_bitmap_port.c, 6.1).
    const Ref known = d.disj(is_protocol(tcp), is_protocol(udp));
    return d.conj(d.conj(range(field, key), has(field)), known);
  }
  // Of other protocols than these the port is 0 (get_port, ip_set_getport.c, 6.1).
  const Number protocol = key.first >> 16U;
  const Interval low{key.first & 0xffffU, key.last & 0xffffU};
  const bool is_icmp = protocol == icmp_of(layout_.version());
  const bool is_ported = has_ports(protocol) && protocol != dccp;
  if (!is_icmp && !is_ported) {
    return low.first == 0 ? is_protocol(protocol) : Diagram::no;
  }
  const Field what = is_icmp ? Field::icmp_type_code : field;
  return d.conj(d.conj(is_protocol(protocol), range(what, low)), has(what));
}

Ref Encoder::encode_element(const SetTest& test, std::size_t element, const View& view) {
  const NamedSet& set = program_.ruleset()[test.set];
  const std::size_t width = set.fields.size();
  Ref all = Diagram::yes;
  for (std::size_t k = std::min<std::size_t>(width, test.field_count); k-- > 0;) {
    all = diagram_.conj(key_in(test.fields[k], set.keys[element * width + k], set, view), all);
  }
  return all;
}

Ref Encoder::has_key(const SetTest& test) const {
  Ref all = Diagram::yes;
  for (std::size_t i = 0; i < test.field_count; ++i) {
    all = diagram_.conj(has(test.fields[i]), all);
  }
  return all;
}

Ref Encoder::encode(const SetTest& test, const View& view) {
  Diagram& d = diagram_;
  const NamedSet& set = program_.ruleset()[test.set];
  SetKey key{test.set, {}, {}};
  for (std::size_t i = 0; i < test.field_count; ++i) {
    key.fields[i] = test.fields[i];
    const bool asks_place =
        test.fields[i] == Field::ct_state || test.fields[i] == Field::out_interface;
    if (asks_place) key.view = view;
  }
  auto at = sets_.find(key);
  if (at == sets_.end()) {
    // Only when it is whole: a limit reached on the way must not leave a part behind.
    const Ref whole = encode_elements(test, view);
    at = sets_.emplace(key, whole).first;
  }
  if (!test.negated) return at->second;
  // A packet without one of the fields is in no ipset, so that "not in it" is true of it
  // (ip_set_test and match_set, xt_set.c, 6.1); in nft it does not match the rule.
  if (set.kind == SetKind::ipset) return d.negate(at->second);
  return d.minus(has_key(test), at->second);
}

Ref Encoder::encode(std::uint32_t part, const View& view) {
  const RulePart& row = program_.ruleset().parts[part];
  const Match& match = std::get<Match>(row.what);
  if (program_.kind(part) == PartKind::free_test) {
    const Ref is_true = free(program_.variable(part));
    const bool negated = std::visit([](const auto& test) { return test.negated; }, match);
    const Ref asked = negated ? diagram_.negate(is_true) : is_true;
    const auto without = without_entry(program_.ruleset(), row);
    if (!without || (view.is_before_conntrack && !view.is_seen)) return asked;
    return diagram_.ite(lacks_entry(diagram_, layout_), *without ? Diagram::yes : Diagram::no,
                        asked);
  }
  const auto of_field = [&](const FieldTest& test) {
    return diagram_.conj(value_of(test, part), has(test.field));
  };
  return std::visit(Overloaded{of_field, [&](const NameTest& test) { return encode(test, view); },
                               [&](const StateTest& test) { return encode(test, part, view); },
                               [&](const SetTest& test) { return encode(test, view); },
                               [&](const FamilyTest& test) {
                                 return test.ip_versions.has(layout_.version()) ? Diagram::yes
                                                                                : Diagram::no;
                               },
                               [&](const OpaqueTest&) { return Diagram::yes; }},
                    match);
}

void Encoder::encode_apart(std::uint32_t part, const View& view, std::vector<Ref>& sets) {
  const Match& match = std::get<Match>(program_.ruleset().parts[part].what);
  const auto* test = std::get_if<FieldTest>(&match);
  if (test == nullptr || program_.kind(part) == PartKind::free_test) {
    sets.push_back(encode(part, view));
    return;
  }
  sets.push_back(value_of(*test, part));
  if (const Ref needed = has(test->field); needed != Diagram::yes) sets.push_back(needed);
}

}  // namespace untrack
