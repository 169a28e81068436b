#include "analysis/program/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "analysis/program/ahead_of_translation.hpp"
#include "analysis/program/changed_ipsets.hpp"
#include "analysis/program/entry_tests.hpp"
#include "analysis/program/field_test_key.hpp"
#include "analysis/program/filled_memories.hpp"
#include "analysis/program/hook_order.hpp"
#include "analysis/program/hop_count.hpp"
#include "analysis/program/late_sources.hpp"
#include "analysis/program/met_twice.hpp"
#include "analysis/program/queue_words.hpp"
#include "analysis/program/rule_survey.hpp"
#include "analysis/program/set_facts.hpp"
#include "analysis/program/tracking_place.hpp"
#include "analysis/program/unsteady_facts.hpp"
#include "analysis/program/written_fields.hpp"
#include "model/overloaded.hpp"
#include "model/set_rates.hpp"

namespace untrack {
class Program::Maker {
 public:
  Maker(Program& program, FreeVariables& variables, const RuleSurvey* survey)
      : program_(program), ruleset_(*program.ruleset_), variables_(variables), survey_(survey) {}

  void make() {
    if (survey_ != nullptr) {
      program_.kinds_ = survey_->kinds;
      program_.rules_with_work_ = survey_->with_work;
    } else {
      program_.kinds_.assign(ruleset_.parts.size(), PartKind::statement);
    }
    program_.part_variables_ = PartVariables(ruleset_.parts.size());
    note_what_is_written();
    changed_sets_.finish();
    if (asks_hops_on_both_sides(ruleset_, program_.version_)) written_.push_back(Field::ttl);
    for (std::size_t way = 0; way < program_.runs_.size(); ++way) order_runs(all_paths[way]);
    filled_.emplace(program_);
    has_source_nat_ = has_source_nat_ && has_chains_behind_sources(ruleset_);
    ahead_ = chains_ahead_of_translation(ruleset_, program_.version_);
    for (const Table& table : ruleset_.tables) {
      if (table.is_dormant || !ip_versions(table.family).has(program_.version_)) continue;
      for (const ChainId id : table.chains) look_at(id, table);
    }
    std::ranges::sort(program_.not_kept_);
    if (has_template_ && (has_notrack_ || asks_state_ahead(ruleset_))) {
      program_.template_variable_ =
          variables_.of("a template", "another CT target came first", FreeScope::packet, {});
    }
  }

 private:
  void note_what_is_written() {
    if (survey_ == nullptr) {
      for (const Construct& construct : ruleset_.constructs) note(construct);
      for (const RulePart& part : ruleset_.parts) note(part);
      return;
    }
    has_special_.resize(ruleset_.chains.size());
    for (const RuleId rule : survey_->special) {
      const ChainId chain = ruleset_[rule].chain;
      if (chain.names_something()) has_special_[chain.index()] = true;
      for (const Construct& each : slice(ruleset_.constructs, ruleset_[rule].constructs)) {
        note(each);
      }
      for (const RulePart& part : slice(ruleset_.parts, ruleset_[rule].parts)) note(part);
    }
  }

  void note(const Construct& construct) {
    if (construct.kind != catalog::ExtensionKind::target || construct.extension == nullptr) return;
    for (const WrittenField& row : written_fields) {
      if (construct.extension->name == row.target) written_.push_back(row.field);
    }
    changed_sets_.note(construct);
  }

  void note(const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    has_source_nat_ = has_source_nat_ || (statement != nullptr && translates_source(*statement));
    const auto* opaque = statement == nullptr ? nullptr : std::get_if<OpaqueStatement>(statement);
    // What becomes of the mark is followed.
    if (opaque == nullptr || !opaque->writes || opaque->writes == Field::mark) return;
    if (program_.followed_address(*statement)) return;
    written_.push_back(*opaque->writes);
  }

  void look_at(ChainId id, const Table& table) {
    if (survey_ != nullptr && !has_special_[id.index()]) return;
    occurrences_.clear();
    place_.clear();
    chain_ = id;
    table_ = &table;
    is_late_ = has_source_nat_ && is_behind_sources(ruleset_, table, id);
    for (const RuleId rule_id : ruleset_[id].rules) {
      if (survey_ != nullptr && !survey_->is_special[rule_id.index()]) continue;
      const Rule& rule = ruleset_[rule_id];
      rule_ = &rule;
      for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
        if (construct.extension != nullptr && loads_defragmentation(*construct.extension)) {
          program_.reassembles_ = true;
        }
      }
      for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
        const std::uint32_t part = rule.parts.first + i;
        std::visit(Overloaded{[&](const Match& match) { judge(part, match); },
                              [&](const Statement& statement) { judge(part, statement); }},
                   ruleset_.parts[part].what);
      }
    }
  }

  [[nodiscard]] const catalog::Extension* extension_of(std::uint32_t part) const {
    const ConstructId id = ruleset_.parts[part].construct;
    return id.names_something() ? ruleset_[id].extension : nullptr;
  }

  // A condition that is the same wherever it stands, or one of this place alone: then the k-th of
  // its kind in its chain, so that a rewrite which keeps it keeps its variable.
  FreeId variable(std::uint32_t part, const std::string& text, FreeScope scope, bool is_of_place) {
    const Span span = ruleset_.parts[part].span_in(*rule_);
    if (!is_of_place) return variables_.of(text, text, scope, span);
    const unsigned nth = occurrences_[text]++;
    if (place_.empty())
      place_ = std::string(table_->name).append("/").append(ruleset_[chain_].name);
    return variables_.of(fmt::format("{} @ {} #{}", text, place_, nth), text, scope, span);
  }

  void make_free_test(std::uint32_t part, std::string key, FreeScope scope, bool is_of_place) {
    const bool is_ahead = !ahead_.empty() && ahead_[chain_.index()];
    key += side_of_translation(ruleset_, ruleset_.parts[part], is_ahead, is_late_);
    if (!is_of_place && filled_->are_asked_by(part)) {
      is_of_place = true;
      scope = FreeScope::packet;
    }
    program_.kinds_[part] = PartKind::free_test;
    program_.part_variables_.set(part, variable(part, key, scope, is_of_place));
    if (!is_of_place || !decides(ruleset_, *rule_)) return;
    if (!is_met_twice_) is_met_twice_ = chains_met_twice(program_);
    if ((*is_met_twice_)[chain_.index()]) program_.not_kept_.push_back(part);
  }

  [[nodiscard]] bool has_range(const FieldTest& test) const {
    return std::ranges::any_of(slice(ruleset_.intervals, test.values),
                               [](const Interval& values) { return values.first != values.last; });
  }

  void judge(std::uint32_t part, const Match& match) {
    program_.kinds_[part] = PartKind::test;
    std::visit(
        Overloaded{
            [&](const FieldTest& test) {
              // The mark is split into groups of bits, which a range does not respect.
              const bool is_of_place =
                  is_written(test.field) || (test.field == Field::mark && has_range(test));
              if (is_of_place || test.field == Field::tcp_option ||
                  test.field == Field::sctp_chunks) {
                const bool is_late = is_late_ && is_of_source(test.field);
                make_free_test(part,
                               field_test_key(ruleset_, test, program_.version()) +
                                   (is_late ? " behind translation" : ""),
                               FreeScope::packet, is_of_place);
              }
            },
            [&](const NameTest&) {},
            [&](const StateTest& test) {
              for (const CtState status : {CtState::snat, CtState::dnat}) {
                if (!test.states.has(status)) continue;
                program_.kinds_[part] = PartKind::status_test;
                program_.status_variables_[status == CtState::snat ? 0 : 1] = variable(
                    part, fmt::format("--ctstate {}", to_text(status)), FreeScope::packet, false);
              }
            },
            [&](const SetTest& test) { judge(part, test); },
            [&](const FamilyTest&) {},
            [&](const OpaqueTest& test) {
              const catalog::Extension* row = extension_of(part);
              const bool is_of_flow = row != nullptr && row->role == catalog::Role::host_fact &&
                                      !test.has_history && !is_unsteady(row->name);
              // In front of connection tracking it asks of no entry, or of another one.
              const bool is_early =
                  row != nullptr &&
                  asks_of_entry(ruleset_, ruleset_[ruleset_.parts[part].construct]) &&
                  tracking_place(ruleset_, chain_) == TrackingPlace::ahead;
              const IpsetQuestion asked = ipset_question(ruleset_, ruleset_.parts[part]);
              const bool comes_and_goes = asked.asks_counters || changed_sets_.has(asked.name);
              make_free_test(part,
                             std::string(test.key) + (is_early ? " ahead of tracking" : "") +
                                 sets_.contents(asked.name),
                             is_of_flow && !comes_and_goes ? FreeScope::flow : FreeScope::packet,
                             test.has_history || comes_and_goes);
            },
        },
        match);
  }

  // Whether a look into the set is computed from the packet.
  [[nodiscard]] bool is_computed(const SetTest& test) {
    if (!test.set.names_something() || test.field_count == 0) return false;
    const NamedSet& set = ruleset_[test.set];
    const bool is_ipset = set.kind == SetKind::ipset;
    if (is_ipset && changed_sets_.has(test.set_name)) return false;
    for (std::size_t i = 0; i < test.field_count; ++i) {
      if (is_written(test.fields[i])) return false;
    }
    const SetFacts& facts = sets_[test.set];
    for (std::size_t k = 0; k < std::min(test.fields.size(), facts.has_range.size()); ++k) {
      // Marks are kept in blocks of bits, in which a range has no place.
      const bool is_mark = test.fields[k] == Field::mark && !set.keys.empty();
      if (is_mark && (is_ipset || facts.has_range[k])) return false;
    }
    // Of nested nets with nomatch the most specific one decides; that is left open.
    return set.contents_known && !set.is_dynamic && !facts.has_exceptions;
  }

  [[nodiscard]] bool is_written(Field field) const {
    if (is_late_ && is_of_source(field)) return true;
    return std::ranges::find(written_, field) != written_.end();
  }

  void judge(std::uint32_t part, const SetTest& test) {
    if (is_computed(test)) return;
    const bool is_of_nft = test.set.names_something() && ruleset_[test.set].kind != SetKind::ipset;
    const bool comes_and_goes =
        is_of_nft ? has_rates(ruleset_[test.set]) : changed_sets_.has(test.set_name);
    make_free_test(part, sets_.look_up_text(test),
                   comes_and_goes ? FreeScope::packet : FreeScope::flow, comes_and_goes);
  }

  void make_free_end(std::uint32_t part, const std::string& key) {
    program_.kinds_[part] = PartKind::free_end;
    // Two variables in a row, always made together: it ends, it accepts.
    program_.part_variables_.set(
        part, variable(part, fmt::format("{} ends the way", key), FreeScope::packet, true));
    variable(part, fmt::format("{} accepts", key), FreeScope::packet, true);
  }

  void judge(std::uint32_t part, const MapLookup& map) {
    const bool is_known = map.opaque_key.empty() && is_computed(map.key);
    bool is_followed = map.key.set.names_something();
    std::vector<const Statement*> verdicts;
    if (is_followed) {
      const NamedSet& set = ruleset_[map.key.set];
      for (const Statement& verdict : set.verdicts) verdicts.push_back(&verdict);
      if (set.otherwise) verdicts.push_back(&*set.otherwise);
      // What other elements may say is not known, nor what those say that were not understood; of a
      // map in the rule whose key is not computed, all verdicts are.
      const bool is_whole =
          set.contents_known || (map.key.set_name.empty() && !map.opaque_key.empty());
      if (!is_known && (verdicts.empty() || set.is_dynamic || !is_whole)) is_followed = false;
      if (set.verdicts.size() != set.element_count()) is_followed = is_followed && !is_known;
    }
    for (const Statement* verdict : verdicts) {
      const auto* jump = std::get_if<JumpStatement>(verdict);
      const auto* plain = std::get_if<VerdictStatement>(verdict);
      if (jump != nullptr && !jump->chain.names_something()) is_followed = false;
      if (plain != nullptr && plain->verdict == Verdict::queue) is_followed = false;
    }
    if (is_followed && is_known) return;
    std::string key = map.opaque_key.empty() ? fmt::format("map {}", map.key.set_name)
                                             : std::string(map.opaque_key);
    if (map.opaque_key.empty() && map.key.set.names_something()) {
      key += sets_.contents(map.key.set);
    }
    if (!is_followed) return make_free_end(part, key);
    program_.kinds_[part] = PartKind::free_map;
    // In a row, always made together.
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      const FreeId id =
          variable(part, fmt::format("{} gives verdict {} of {}", key, i + 1, verdicts.size()),
                   FreeScope::packet, true);
      if (i == 0) program_.part_variables_.set(part, id);
    }
  }

  void judge(std::uint32_t part, const Statement& statement) {
    std::visit(Overloaded{
                   [&](const VerdictStatement& verdict) {
                     if (verdict.verdict != Verdict::queue) return;
                     program_.kinds_[part] = PartKind::free_accept;
                     program_.part_variables_.set(
                         part, variable(part, queue_words(ruleset_, ruleset_.parts[part]),
                                        FreeScope::packet, true));
                   },
                   [&](const JumpStatement& jump) {
                     // A chain that is in no input: it may do anything.
                     if (!jump.chain.names_something()) {
                       make_free_end(part, fmt::format("-j {}", jump.chain_name));
                     }
                   },
                   [&](const RejectStatement&) {},
                   [&](const NatStatement&) {},
                   [&](const NotrackStatement&) { has_notrack_ = true; },
                   [&](const MarkStatement&) {},
                   [&](const ConntrackStatement& change) {
                     has_template_ = has_template_ || program_.gives_template(part);
                     if (change.what == "restore-mark") program_.kinds_[part] = PartKind::free_mark;
                   },
                   [&](const PassiveStatement&) {},
                   [&](const VerdictMapStatement& map) { judge(part, ruleset_[map]); },
                   [&](const OpaqueStatement& opaque) {
                     const catalog::Extension* row = extension_of(part);
                     if (opaque.may_end) {
                       make_free_end(part, std::string(opaque.key));
                     } else if (opaque.writes) {
                       if (opaque.writes == Field::mark)
                         program_.kinds_[part] = PartKind::free_mark;
                     } else if (row == nullptr || row->name == "MARK" || row->name == "HMARK" ||
                                row->name == "CONNMARK") {
                       program_.kinds_[part] = PartKind::free_mark;
                     }
                   },
               },
               statement);
  }

  void add_runs(Hook hook, Language language, std::vector<Run>& runs) const {
    for (const Table& table : ruleset_.tables) {
      const bool is_seen = !table.is_dormant && ip_versions(table.family).has(program_.version_);
      if (!is_seen || table.language != language) continue;
      for (const ChainId id : table.chains) {
        const auto& base = ruleset_[id].base;
        if (!base || base->hook != hook) continue;
        Run run{id, base->hook, base->priority, false, base->type == ChainType::nat};
        run.is_before_conntrack = (hook == Hook::prerouting || hook == Hook::output) &&
                                  place_among_chains(*base) < conntrack_priority;
        runs.push_back(run);
      }
    }
  }

  [[nodiscard]] std::pair<int, int> place_of(const Run& run) const {
    return {place_among_chains(*ruleset_[run.chain].base), run.is_nat ? run.priority : 0};
  }

  void order_runs(Path path) {
    std::vector<Run>& runs = program_.runs_[static_cast<std::size_t>(path)];
    for (const HookOrder& step : hooks_of_ways) {
      if (step.path != path) continue;
      const std::size_t first = runs.size();
      add_runs(step.hook, Language::iptables, runs);
      const auto of_nft = static_cast<std::ptrdiff_t>(runs.size());
      add_runs(step.hook, Language::nft, runs);
      // Of equal priorities the hook that was registered last runs first (nf_hook_entries_grow,
      // netfilter/core.c, 6.1); nft registers in the order of the text.
      std::reverse(runs.begin() + of_nft, runs.end());
      std::stable_sort(runs.begin() + static_cast<std::ptrdiff_t>(first), runs.end(),
                       [this](const Run& a, const Run& b) { return place_of(a) < place_of(b); });
    }
  }

  Program& program_;
  const Ruleset& ruleset_;
  FreeVariables& variables_;
  bool has_template_ = false;
  bool has_notrack_ = false;
  std::optional<FilledMemories> filled_;
  std::vector<Field> written_;
  SetFactsOf sets_{ruleset_};
  ChangedIpsets changed_sets_{ruleset_, sets_.names()};
  const RuleSurvey* survey_;                       // or nullptr
  std::vector<bool> has_special_;                  // by ChainId, with a survey: some rule of it is
  ChainId chain_;                                  // that is looked at
  std::vector<bool> ahead_;                        // chains_ahead_of_translation
  std::optional<std::vector<bool>> is_met_twice_;  // once something asks for it
  bool has_source_nat_ = false;                    // and chains that stand behind it
  bool is_late_ = false;                           // it stands behind the translation of sources
  const Rule* rule_ = nullptr;                     // that is looked at
  const Table* table_ = nullptr;
  std::string place_;                                      // its name, once something asks for it
  std::unordered_map<std::string, unsigned> occurrences_;  // in this chain
};

Program::Program(const Ruleset& ruleset, IpVersion version, bool tracks, FreeVariables& variables,
                 NotrackUse notrack, AddressWrites writes, const RuleSurvey* survey)
    : ruleset_(&ruleset),
      variables_(&variables),
      version_(version),
      tracks_(tracks),
      reassembles_(tracks),
      notrack_(notrack),
      writes_(writes),
      ipsets_(ruleset) {
  Maker(*this, variables, survey).make();
}

FreeId Program::status_variable(CtState snat_or_dnat) const {
  return status_variables_[snat_or_dnat == CtState::snat ? 0 : 1];
}

}  // namespace untrack
