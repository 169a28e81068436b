#include "analysis/program/rule_survey.hpp"

#include <algorithm>
#include <span>

#include "analysis/program/late_sources.hpp"
#include "analysis/program/written_fields.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr unsigned width_of_address(IpVersion version) {
  return version == IpVersion::ipv4 ? 32 : 128;
}

// Whether the target changes a field that tests behind it ask for.
bool changes_a_field(const Construct& construct) {
  return construct.kind == catalog::ExtensionKind::target &&
         std::ranges::any_of(written_fields, [&](const WrittenField& row) {
           return row.target == construct.extension->name;
         });
}

bool has_a_say(const Construct& construct) {
  return loads_defragmentation(*construct.extension) ||
         (construct.kind == catalog::ExtensionKind::target && construct.extension->name == "SET");
}

// Judged in the same way in every program, and of no effect on how other rules are.
bool is_ordinary(const Match& match) {
  return std::visit(
      Overloaded{[](const FieldTest& test) {
                   return test.field != Field::mark && test.field != Field::tcp_option &&
                          test.field != Field::sctp_chunks && test.field != Field::ttl;
                 },
                 [](const NameTest&) { return true; },
                 [](const StateTest& test) {
                   return !test.states.has(CtState::snat) && !test.states.has(CtState::dnat);
                 },
                 [](const SetTest&) { return false; }, [](const FamilyTest&) { return true; },
                 [](const OpaqueTest&) { return false; }},
      match);
}

bool is_ordinary(const Statement& statement) {
  if (const auto* verdict = std::get_if<VerdictStatement>(&statement)) {
    return verdict->verdict != Verdict::queue;
  }
  if (const auto* jump = std::get_if<JumpStatement>(&statement)) {
    return jump->chain.names_something();
  }
  return std::holds_alternative<RejectStatement>(statement) ||
         std::holds_alternative<PassiveStatement>(statement);
}

void narrow(const FieldTest& test, const Ruleset& ruleset, IpVersion version, AddressKey& key) {
  const bool is_source = test.field == Field::source_address;
  if (!is_source && test.field != Field::destination_address) return;
  // A mask with holes says nothing of first and last.
  if (test.negated || test.mask != FieldTest{}.mask || test.values.count == 0) return;
  const auto values = slice(ruleset.intervals, test.values);
  Interval hull = values.front();
  for (const Interval& range : values) {
    hull = {std::min(hull.first, range.first), std::max(hull.last, range.last)};
  }
  const unsigned width = width_of_address(version);
  // Of the other family: such a rule matches nothing, which its boxes say.
  if (width < 128 && (hull.last >> width) != 0) return;
  const auto upper = [width](Number address) {
    return static_cast<std::uint32_t>(address >> (width - 32));
  };
  std::uint32_t& first = is_source ? key.first_source : key.first_destination;
  std::uint32_t& last = is_source ? key.last_source : key.last_destination;
  first = std::max(first, upper(hull.first));
  last = std::min(last, upper(hull.last));
}

}  // namespace

AddressKey address_key(const Packet& packet) {
  const auto upper = [&](Field field) {
    return static_cast<std::uint32_t>(packet[field] >> (width_of_address(packet.version) - 32));
  };
  const std::uint32_t source = upper(Field::source_address);
  const std::uint32_t destination = upper(Field::destination_address);
  return {source, source, destination, destination};
}

RuleSurveyor::RuleSurveyor(const Ruleset& ruleset, IpVersion version)
    : ruleset_(ruleset), version_(version) {
  survey_.kinds.resize(ruleset.parts.size(), PartKind::statement);
  survey_.is_special.resize(ruleset.rules.size());
  has_work_.resize(ruleset.rules.size());
  survey_.keys.resize(ruleset.rules.size());
}

void RuleSurveyor::look_at(std::span<const Construct> constructs) {
  constructs_seen_ += constructs.size();
  for (const Construct& construct : constructs) {
    if (construct.extension == silent_[0] || construct.extension == silent_[1]) continue;
    if (construct.extension == nullptr) continue;
    if (changes_a_field(construct)) {
      changes_fields_ = true;
    } else if (has_a_say(construct)) {
      if (construct.rule.names_something()) survey_.is_special[construct.rule.index()] = true;
    } else {
      silent_[oldest_silent_] = construct.extension;
      oldest_silent_ = 1 - oldest_silent_;
    }
  }
}

RuleSurveyor::Found RuleSurveyor::look_at(RuleId id) {
  Found found;
  const auto parts = ruleset_[id].parts;
  for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
    const auto& what = ruleset_.parts[part].what;
    if (const auto* match = std::get_if<Match>(&what)) {
      survey_.kinds[part] = PartKind::test;
      found.is_special = found.is_special || !is_ordinary(*match);
      if (const auto* test = std::get_if<FieldTest>(match)) {
        narrow(*test, ruleset_, version_, found.key);
      }
      continue;
    }
    const auto& statement = std::get<Statement>(what);
    found.is_special = found.is_special || !is_ordinary(statement);
    if (const auto* jump = std::get_if<JumpStatement>(&statement)) found.jump = jump->chain;
    found.has_work = found.has_work || std::holds_alternative<PassiveStatement>(statement) ||
                     std::holds_alternative<RejectStatement>(statement);
    const auto* opaque = std::get_if<OpaqueStatement>(&statement);
    // What becomes of the mark is followed.
    if (opaque != nullptr && opaque->writes && opaque->writes != Field::mark) {
      found.changes_fields = true;
    }
    // Chains behind it may ask for the source.
    if (translates_source(statement) && has_chains_behind_sources(ruleset_)) {
      found.changes_fields = true;
    }
  }
  add(id, found);
  return found;
}

void RuleSurveyor::take_over(RuleId rule, const Found& found, const RuleSurvey& others,
                             RuleId other, const Ruleset& other_ruleset, ChainId jump) {
  const auto to = ruleset_[rule].parts;
  const auto from = other_ruleset[other].parts;
  std::copy_n(others.kinds.begin() + from.first, to.count, survey_.kinds.begin() + to.first);
  Found same = found;
  same.jump = jump;
  add(rule, same);
}

void RuleSurveyor::add(RuleId rule, const Found& found) {
  look_at(slice(ruleset_.constructs, ruleset_[rule].constructs));
  changes_fields_ = changes_fields_ || found.changes_fields;
  if (found.is_special) survey_.is_special[rule.index()] = true;
  if (found.has_work) has_work_[rule.index()] = true;
  survey_.keys[rule.index()] = found.key;
  if (found.jump.names_something()) survey_.jumps.emplace_back(rule, found.jump);
}

RuleSurvey RuleSurveyor::take() {
  // Should some be of no rule.
  if (constructs_seen_ != ruleset_.constructs.size()) look_at(ruleset_.constructs);
  if (changes_fields_) {
    survey_.is_special.assign(survey_.is_special.size(), true);
    survey_.keys.clear();
    survey_.jumps.clear();
  }
  std::erase_if(survey_.jumps,
                [&](const auto& jump) { return survey_.is_special[jump.first.index()]; });
  for (std::size_t i = 0; i < survey_.is_special.size(); ++i) {
    if (survey_.is_special[i]) survey_.special.emplace_back(i);
    if (survey_.is_special[i] || has_work_[i]) survey_.with_work.emplace_back(i);
  }
  return std::move(survey_);
}

}  // namespace untrack
