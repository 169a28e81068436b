#include "analysis/local/rule_boxes.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "analysis/packet/field_protocols.hpp"
#include "analysis/packet/layout.hpp"
#include "analysis/program/entry_tests.hpp"
#include "analysis/program/rule_survey.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

// Of more elements than that in several dimensions no boxes are made.
constexpr std::size_t most_boxes = 64;

// Nor of more in one.
constexpr std::size_t most_elements = 256;

constexpr Number last_of(unsigned width) {
  return width >= 128 ? ~Number{0} : (Number{1} << width) - 1;
}

// The protocols whose packets have the field, if not all have it. Kept, since every test of every
// rule asks.
const Ranges* ranges_of_protocols_with(Field field, IpVersion version) {
  static const auto all = [] {
    std::array<std::array<Ranges, field_count>, 2> made;
    for (const IpVersion v : {IpVersion::ipv4, IpVersion::ipv6}) {
      for (std::size_t i = 0; i < field_count; ++i) {
        std::vector<Interval> ranges;
        for (const Number number : protocols_with(static_cast<Field>(i), v)) {
          ranges.push_back({number, number});
        }
        if (!ranges.empty()) made[static_cast<std::size_t>(v)][i] = Ranges(std::move(ranges));
      }
    }
    return made;
  }();
  const Ranges& found = all[static_cast<std::size_t>(version)][static_cast<std::size_t>(field)];
  return found.empty() ? nullptr : &found;
}

bool may_write_mark(const Program& program, std::uint32_t part) {
  const auto* statement = std::get_if<Statement>(&program.ruleset().parts[part].what);
  if (statement == nullptr) return false;
  const PartKind kind = program.kind(part);
  return kind == PartKind::free_mark || kind == PartKind::free_end ||
         kind == PartKind::free_accept || std::holds_alternative<MarkStatement>(*statement);
}

Ranges as_ranges(const std::vector<bool>& members) {
  std::vector<Interval> ranges;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i]) continue;
    if (!ranges.empty() && ranges.back().last + 1 == i) {
      ranges.back().last = i;
    } else {
      ranges.push_back({i, i});
    }
  }
  return Ranges(std::move(ranges));
}

// Sorted and without anything in common; neighbours are one.
std::vector<Interval> joined(std::vector<Interval> all) {
  std::ranges::sort(all, {}, &Interval::first);
  std::vector<Interval> merged;
  for (const Interval& next : all) {
    if (!merged.empty() &&
        (next.first <= merged.back().last || next.first == merged.back().last + 1)) {
      merged.back().last = std::max(merged.back().last, next.last);
    } else {
      merged.push_back(next);
    }
  }
  return merged;
}

}  // namespace

RuleBoxes::RuleBoxes(const Program& program, const Ruleset* also, const RuleSurvey* survey)
    : program_(&program) {
  const Ruleset& ruleset = program.ruleset();
  for (const Ruleset* each : {&ruleset, also}) {
    if (each == nullptr) continue;
    for (const NamePattern& pattern : each->names) {
      if (named_[pattern.is_prefix ? 1 : 0].try_emplace(pattern.text).second) names_.add(pattern);
    }
  }
  names_.finish();
  for (const bool is_prefix : {false, true}) {
    for (auto& [text, ranges] : named_[is_prefix ? 1 : 0]) {
      const auto atoms = names_.atoms_of(NamePattern{text, is_prefix});
      if (atoms) ranges = Ranges(Interval{atoms->first, atoms->second});
    }
  }
  bool has_notrack = false;
  const auto look_at = [&](std::uint32_t part) {
    writes_marks_ = writes_marks_ || may_write_mark(program, part);
    const auto* statement = std::get_if<Statement>(&ruleset.parts[part].what);
    has_notrack = has_notrack ||
                  (statement != nullptr && std::holds_alternative<NotrackStatement>(*statement));
  };
  if (survey == nullptr) {
    for (std::uint32_t part = 0; part < ruleset.parts.size(); ++part) look_at(part);
  } else {
    for (const RuleId rule : survey->special) {
      const auto parts = ruleset[rule].parts;
      for (std::uint32_t i = 0; i < parts.count; ++i) look_at(parts.first + i);
    }
  }
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    const unsigned width = width_of(field, program.version());
    if (width > 0) domains_[i] = Ranges(Interval{0, last_of(width)});
  }
  const auto domain = [&](Field field) -> Ranges& {
    return domains_[static_cast<std::size_t>(field)];
  };
  domain(Field::in_interface) = Ranges(Interval{0, names_.size() - 1});
  domain(Field::out_interface) = domain(Field::in_interface);
  if (program.reassembles()) domain(Field::later_fragment) = Ranges(Interval{0, 0});
  // Nothing makes a packet of IPv4 untracked but a rule.
  const bool can_be_untracked = has_notrack || program.version() == IpVersion::ipv6;
  const CtState last = can_be_untracked ? CtState::untracked : CtState::related;
  domain(Field::ct_state) = Ranges(Interval{0, static_cast<Number>(last)});
}

const Ranges& RuleBoxes::named(const NamePattern& pattern) const {
  return named_[pattern.is_prefix ? 1 : 0].at(pattern.text);
}

class RuleBoxes::Maker {
 public:
  Maker(const RuleBoxes& all, const BoxView& view, RuleRegion& region)
      : all_(all),
        program_(*all.program_),
        ruleset_(program_.ruleset()),
        view_(view),
        region_(region) {
    if (region_.boxes.empty()) region_.boxes.emplace_back();
    region_.boxes.resize(1);
    region_.boxes.front().clear();
    region_.is_exact = true;
    region_.needs.clear();
    region_.hints.clear();
  }

  void make(RuleId id) {
    const auto parts = ruleset_[id].parts;
    for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
      const auto* match = std::get_if<Match>(&ruleset_.parts[part].what);
      if (match != nullptr) {
        add(part, *match);
      } else if (std::holds_alternative<VerdictMapStatement>(
                     std::get<Statement>(ruleset_.parts[part].what))) {
        region_.is_exact = false;  // what the map does not name does not match
      }
    }
  }

 private:
  void add(std::uint32_t part, const Match& match) {
    if (program_.kind(part) == PartKind::free_test) {
      region_.is_exact = false;
      const bool negated = std::visit([](const auto& test) { return test.negated; }, match);
      region_.needs.emplace_back(program_.variable(part), !negated);
      const auto without = without_entry(ruleset_, ruleset_.parts[part]);
      // There is no state yet, or, over loopback, there is one.
      if (without && !*without && !view_.is_before_conntrack) {
        restrict(Field::ct_state, as_ranges({false, true, true, true, false}));
      }
      return;
    }
    std::visit(Overloaded{[&](const FieldTest& test) { add(test); },
                          [&](const NameTest& test) { add(test); },
                          [&](const StateTest& test) { add(test, part); },
                          [&](const SetTest& test) { add(test); },
                          [&](const FamilyTest& test) {
                            if (!test.ip_versions.has(program_.version())) region_.boxes.clear();
                          },
                          [&](const OpaqueTest&) { region_.is_exact = false; }},
               match);
  }

  [[nodiscard]] const Ranges& domain(Field field) const {
    return all_.domains_[static_cast<std::size_t>(field)];
  }

  void restrict(Field field, const Ranges& values) {
    const auto keep = [&](const Ranges& possible) {
      std::erase_if(region_.boxes, [&](RangeBox& box) { return !box.restrict(field, possible); });
    };
    const auto all = domain(field).all();
    const bool is_within = !values.empty() && all.size() == 1 &&
                           all.front().first <= values.hull().first &&
                           values.hull().last <= all.front().last;
    if (is_within) {
      keep(values);
    } else {
      keep(intersection(values, domain(field)));
    }
  }

  // Only packets that have the field match, whatever the test says of it.
  void require(Field field) {
    const Ranges* protocols = ranges_of_protocols_with(field, program_.version());
    if (protocols == nullptr) return;
    restrict(Field::protocol, *protocols);
    restrict(Field::later_fragment, Ranges(Interval{0, 0}));
  }

  void add(const FieldTest& test) {
    const unsigned width = width_of(test.field, program_.version());
    const auto given = slice(ruleset_.intervals, test.values);
    const bool is_mark = test.field == Field::mark;
    if (is_mark && !given.empty()) {
      region_.hints.emplace_back(Field::mark, test.negated ? Number{0} : given.front().first);
    }
    require(test.field);
    if (is_mark && all_.writes_marks_) {
      region_.is_exact = false;
      return;
    }
    if (test.field == Field::either_port) return add_either(test);
    const bool is_masked = width <= 32 && test.mask != FieldTest{}.mask;
    if (!is_masked && !test.negated && given.size() == 1 && given.front().last <= last_of(width)) {
      return restrict(test.field, Ranges(given.front()));
    }
    if (auto values = values_of(test, ruleset_, width)) {
      restrict(test.field, Ranges(std::move(*values)));
    } else {
      region_.is_exact = false;
    }
  }

  void add_either(const FieldTest& test) {
    auto values = values_of(test, ruleset_, width_of(test.field, program_.version()));
    if (!values) {
      region_.is_exact = false;
      return;
    }
    const Ranges ports(std::move(*values));
    if (test.negated) {  // of neither
      restrict(Field::source_port, ports);
      restrict(Field::destination_port, ports);
      return;
    }
    std::vector<RangeBox> with_source = region_.boxes;
    restrict(Field::destination_port, ports);
    std::swap(region_.boxes, with_source);
    restrict(Field::source_port, ports);
    std::ranges::move(with_source, std::back_inserter(region_.boxes));
  }

  void add(const NameTest& test) {
    std::vector<Interval> named;
    for (const NamePattern& pattern : slice(ruleset_.names, test.names)) {
      for (const Interval& atoms : all_.named(pattern).all()) named.push_back(atoms);
    }
    Ranges values(joined(std::move(named)));
    if (test.negated) values = difference(domain(test.field), values);
    if (test.field == Field::out_interface && !view_.has_out_interface) {
      if (!values.has(NameDomain::absent())) region_.boxes.clear();
      return;
    }
    restrict(test.field, values);
  }

  void add(const StateTest& test, std::uint32_t part) {
    // There is no state yet, or, over loopback, there is one.
    if (view_.is_before_conntrack || program_.kind(part) == PartKind::status_test) {
      region_.is_exact = false;
      return;
    }
    std::vector<bool> members(5);
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i] = test.states.has(static_cast<CtState>(i)) != test.negated;
    }
    restrict(Field::ct_state, as_ranges(members));
  }

  // A set whose keys are numbers that mean the same in every packet.
  static bool is_simple(const SetTest& test, const NamedSet& set) {
    return std::ranges::all_of(std::span(test.fields).first(test.field_count), [&](Field field) {
      const bool is_port = field == Field::source_port || field == Field::destination_port;
      return field == Field::source_address || field == Field::destination_address ||
             field == Field::protocol || (is_port && set.kind != SetKind::ipset);
    });
  }

  void add(const SetTest& test) {
    const NamedSet& set = ruleset_[test.set];
    const bool is_other_family =
        set.kind == SetKind::ipset && !ip_versions(set.family).has(program_.version());
    if (is_other_family || !is_simple(test, set) || test.field_count != set.fields.size() ||
        (test.field_count > 1 && (test.negated || set.element_count() > most_boxes))) {
      region_.is_exact = false;
      return;
    }
    for (std::size_t i = 0; i < test.field_count; ++i) require(test.fields[i]);
    if (test.field_count == 1 && set.element_count() > most_elements) {
      region_.is_exact = false;
      if (!test.negated) region_.hints.emplace_back(test.fields[0], set.keys.front().first);
      return;
    }
    if (test.field_count == 1) {
      // As a test of the one field.
      Ranges values(joined(set.keys));
      if (test.negated) values = difference(domain(test.fields[0]), values);
      return restrict(test.fields[0], values);
    }
    std::vector<RangeBox> all;
    for (const RangeBox& box : region_.boxes) {
      for (std::size_t element = 0; element < set.element_count(); ++element) {
        RangeBox one = box;
        bool is_possible = true;
        for (std::size_t i = 0; i < test.field_count && is_possible; ++i) {
          is_possible =
              one.restrict(test.fields[i], Ranges(set.keys[element * test.field_count + i]));
        }
        if (is_possible) all.push_back(std::move(one));
      }
    }
    region_.boxes = std::move(all);
    if (region_.boxes.size() > most_boxes) {
      region_.boxes.assign(1, RangeBox());
      region_.is_exact = false;
    }
  }

  const RuleBoxes& all_;
  const Program& program_;
  const Ruleset& ruleset_;
  const BoxView& view_;
  RuleRegion& region_;
};

void RuleBoxes::region_of(RuleId rule, const BoxView& view, RuleRegion& region) const {
  Maker(*this, view, region).make(rule);
}

}  // namespace untrack
