#include "rewriter/shorten/rule_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/packet/layout.hpp"
#include "analysis/program/program.hpp"

namespace untrack {
namespace {

constexpr std::array single_states = {CtState::invalid, CtState::new_, CtState::established,
                                      CtState::related, CtState::untracked};

// The others can be changed by a rule in between, a mark for one.
bool is_lasting(Field field) {
  using enum Field;
  static constexpr std::array lasting = {
      source_address, destination_address, protocol,     source_port,   destination_port,
      icmp_type_code, later_fragment,      packet_type,  source_mac,    length,
      source_type,    destination_type,    in_interface, out_interface, tcp_flags};
  return std::ranges::find(lasting, field) != lasting.end();
}

std::vector<Interval> common(const std::vector<Interval>& one, const std::vector<Interval>& other) {
  std::vector<Interval> all;
  for (const Interval& a : one) {
    for (const Interval& b : other) {
      const Interval both{std::max(a.first, b.first), std::min(a.last, b.last)};
      if (both.first <= both.last) all.push_back(both);
    }
  }
  return all;
}

bool is_within(const std::vector<Interval>& narrow, const std::vector<Interval>& wide) {
  auto at = wide.begin();
  for (const Interval& value : narrow) {
    while (at != wide.end() && at->last < value.first) ++at;
    if (at == wide.end() || at->first > value.first || at->last < value.last) return false;
  }
  return true;
}

// Some name fits both.
bool meets(const NamePattern& one, const NamePattern& other) {
  if (one.is_prefix && other.is_prefix) {
    return one.text.starts_with(other.text) || other.text.starts_with(one.text);
  }
  if (one.is_prefix) return other.text.starts_with(one.text);
  if (other.is_prefix) return one.text.starts_with(other.text);
  return one.text == other.text;
}

// Every name that fits `narrow` fits `wide`.
bool is_within(const NamePattern& narrow, const NamePattern& wide) {
  if (wide.is_prefix) return narrow.text.starts_with(wide.text);
  return !narrow.is_prefix && narrow.text == wide.text;
}

bool is_within(const NamesTest& narrow, const NamesTest& wide) {
  const auto any = [](const std::vector<NamePattern>& names, const auto& holds) {
    return std::ranges::any_of(names, holds);
  };
  if (!wide.negated) {
    return !narrow.negated && std::ranges::all_of(narrow.names, [&](const NamePattern& name) {
      return any(wide.names, [&](const NamePattern& each) { return is_within(name, each); });
    });
  }
  return std::ranges::all_of(wide.names, [&](const NamePattern& name) {
    return narrow.negated
               ? any(narrow.names, [&](const NamePattern& each) { return is_within(name, each); })
               : !any(narrow.names, [&](const NamePattern& each) { return meets(each, name); });
  });
}

template <class Test>
const Test* of_field(const std::vector<Test>& tests, Field field) {
  const auto at = std::ranges::find(tests, field, &Test::field);
  return at == tests.end() ? nullptr : &*at;
}

class Reading {
 public:
  Reading(const Ruleset& ruleset, IpVersion version) : ruleset_(ruleset), version_(version) {}

  std::optional<RuleTests> read(const Rule& rule) {
    bool has_end = false;
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      if (const auto* match = std::get_if<Match>(&part.what)) {
        std::visit([this](const auto& test) { add(test); }, *match);
        continue;
      }
      const auto& statement = std::get<Statement>(part.what);
      const auto* verdict = std::get_if<VerdictStatement>(&statement);
      if (has_end) return std::nullopt;
      has_end = true;
      if (verdict != nullptr && verdict->verdict == Verdict::accept) {
        tests_.end = RuleEnd::accepts;
      } else if (std::holds_alternative<NotrackStatement>(statement)) {
        tests_.end = RuleEnd::untracks;
      } else {
        return std::nullopt;
      }
    }
    if (!has_end) return std::nullopt;
    // NOTRACK is what changes the state.
    if (tests_.end == RuleEnd::untracks && !tests_.states.empty()) tests_.is_whole = false;
    std::ranges::sort(tests_.values, {}, &ValueTest::field);
    std::ranges::sort(tests_.names, {}, &NamesTest::field);
    std::ranges::sort(tests_.words);
    return std::move(tests_);
  }

 private:
  void add(const FieldTest& test) {
    if (!is_lasting(test.field)) {
      tests_.is_whole = false;
      return;
    }
    const auto values = values_of(test, ruleset_, width_of(test.field, version_));
    if (!values) {
      tests_.is_whole = false;
      return;
    }
    for (ValueTest& known : tests_.values) {
      if (known.field != test.field) continue;
      known.values = common(known.values, *values);
      return;
    }
    tests_.values.push_back({test.field, *values});
  }

  void add(const NameTest& test) {
    const auto names = slice(ruleset_.names, test.names);
    if (of_field(tests_.names, test.field) != nullptr) {
      tests_.is_whole = false;
      return;
    }
    tests_.names.push_back({test.field, test.negated, {names.begin(), names.end()}});
  }

  void add(const StateTest& test) {
    const bool is_translation = test.states.has(CtState::snat) || test.states.has(CtState::dnat);
    if (is_translation || !tests_.states.empty()) {
      tests_.is_whole = false;
      return;
    }
    for (const CtState state : single_states) {
      if (test.states.has(state) != test.negated) tests_.states = tests_.states | CtStates(state);
    }
    if (tests_.states.empty()) tests_.is_whole = false;
  }

  void add(const SetTest& /*test*/) { tests_.is_whole = false; }
  void add(const FamilyTest& test) {
    if (!test.ip_versions.has(version_)) tests_.is_whole = false;
  }

  // Even the same words may come out otherwise at another rule: an owner does not, a time does.
  void add(const OpaqueTest& test) {
    if (test.has_history) {
      tests_.is_whole = false;
    } else {
      tests_.words.push_back(fmt::format("{}{}", test.negated ? "! " : "", test.key));
    }
  }

  const Ruleset& ruleset_;
  IpVersion version_;
  RuleTests tests_;
};

}  // namespace

std::optional<RuleTests> tests_of(const Ruleset& ruleset, const Rule& rule, IpVersion version) {
  return Reading(ruleset, version).read(rule);
}

bool covers(const RuleTests& wide, const RuleTests& narrow) {
  if (!wide.is_whole || wide.end != narrow.end) return false;
  if (!wide.states.empty() &&
      (narrow.states.empty() || (narrow.states & wide.states) != narrow.states)) {
    return false;
  }
  const bool are_values_within = std::ranges::all_of(wide.values, [&](const ValueTest& test) {
    const ValueTest* other = of_field(narrow.values, test.field);
    return other != nullptr && is_within(other->values, test.values);
  });
  const bool are_names_within = std::ranges::all_of(wide.names, [&](const NamesTest& test) {
    const NamesTest* other = of_field(narrow.names, test.field);
    return other != nullptr && is_within(*other, test);
  });
  return are_values_within && are_names_within && std::ranges::includes(narrow.words, wide.words);
}

}  // namespace untrack
