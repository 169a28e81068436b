#include "rewriter/stateless/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/facts.hpp"
#include "analysis/flows/helpers.hpp"
#include "analysis/packet/packet.hpp"
#include "rewriter/rule_text.hpp"

namespace untrack {
namespace {

constexpr CtStates translated = CtStates(CtState::snat) | CtStates(CtState::dnat);

// What a rule does with what it matches, as far as its treatment depends on it.
enum class End : std::uint8_t { lets_pass, refuses, goes_on };

// A rule's one test of the state.
struct StateUse {
  const Construct* construct = nullptr;
  CtStates states;  // the negation resolved
};

bool is_state_option(const OptionUse& option) {
  return option.row != nullptr && (option.row->name == "state" || option.row->name == "ctstate");
}

// A test of TCP flags, and whether the first packet of a connection passes it.
struct FlagUse {
  const OptionUse* option = nullptr;
  bool takes_first = false;
};

class Drafter {
 public:
  Drafter(const Ruleset& ruleset, const Sources& sources, IpVersion version, bool helpers_unused)
      : ruleset_(ruleset), sources_(sources), version_(version), helpers_unused_(helpers_unused) {}

  Draft draft() {
    for (const Table& table : ruleset_.tables) {
      if (!ip_versions(table.family).has(version_)) continue;
      for (const ChainId chain : table.chains) {
        is_behind_place_ = !ruleset_[chain].base;
        is_guarded_ = false;
        for (const RuleId rule : ruleset_[chain].rules) take(rule);
      }
    }
    std::ranges::sort(draft_.rules, {},
                      [&](const DraftedRule& row) { return ruleset_[row.rule].text; });
    return std::move(draft_);
  }

 private:
  void refuse(const Span& span, std::string reason, std::string instead) {
    draft_.refusals.push_back({span, std::move(reason), std::move(instead)});
  }

  void add(RuleId rule, Treatment treatment, std::vector<Edit> edits) {
    draft_.rules.push_back({rule, treatment});
    for (Edit& edit : edits) draft_.edits.push_back(std::move(edit));
  }

  // It assigns a helper, or matches what one expects, which never comes.
  bool is_needless(const Rule& rule) const {
    return helpers_unused_ &&
           std::ranges::any_of(slice(ruleset_.constructs, rule.constructs),
                               [&](const Construct& construct) {
                                 const auto options = slice(ruleset_.options, construct.options);
                                 return only_assigns_helper(ruleset_, construct) ||
                                        (asks_for_helper(construct) &&
                                         std::ranges::none_of(options, &OptionUse::negated));
                               });
  }

  // False: the rule cannot do without tracking, and that has been said.
  bool can_do_without(const Rule& rule) {
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      if (!takes_reference(ruleset_, construct)) continue;
      const auto options = slice(ruleset_.options, construct.options);
      const bool is_state = construct.kind == catalog::ExtensionKind::match &&
                            std::ranges::all_of(options, is_state_option) && !options.empty();
      if (is_state || find_statement<NotrackStatement>(ruleset_, rule) != nullptr) continue;
      const bool is_helper = only_assigns_helper(ruleset_, construct) || asks_for_helper(construct);
      refuse(
          construct.span,
          fmt::format("{} works with the entries of the connection tracking table", construct.name),
          is_helper ? "--assume helpers_unused leaves it out, if nothing uses what the helper lets "
                      "in; --mode notrack leaves it as it is"
                    : "untrack rewrite --mode notrack leaves it as it is, and untracks what does "
                      "not need it");
      return false;
    }
    return true;
  }

  // None if the rule does not ask for the state. Refuses where it asks twice, or for translation.
  std::optional<StateUse> state_use(const Rule& rule) {
    std::optional<StateUse> use;
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* test = match_as<StateTest>(part);
      if (test == nullptr) continue;
      const Construct& construct = ruleset_[part.construct];
      if (use) {
        refuse(rule.text, "the rule asks for the state twice", "ask once");
        return std::nullopt;
      }
      if (!(test->states & translated).empty()) {
        refuse(construct.span, "only connection tracking knows which packets are translated", "");
        return std::nullopt;
      }
      CtStates states = test->states;
      if (test->negated) {
        states = {};
        for (const CtState state : {CtState::invalid, CtState::new_, CtState::established,
                                    CtState::related, CtState::untracked}) {
          if (!test->states.has(state)) states = states | CtStates(state);
        }
      }
      use = StateUse{&construct, states};
    }
    return use;
  }

  std::optional<FlagUse> flag_use(const Rule& rule) const {
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* test = match_as<FieldTest>(part);
      if (test == nullptr || test->field != Field::tcp_flags) continue;
      const Number seen = tcp_flag::syn & test->mask;
      const bool is_in = std::ranges::any_of(
          slice(ruleset_.intervals, test->values),
          [&](const Interval& range) { return seen >= range.first && seen <= range.last; });
      for (const OptionUse& option : slice(ruleset_.options, ruleset_[part.construct].options)) {
        if (option.span.begin <= part.span.begin && part.span.end <= option.span.end) {
          return FlagUse{&option, is_in != test->negated};
        }
        if (option.row != nullptr &&
            (option.row->name == "syn" || option.row->name == "tcp-flags")) {
          return FlagUse{&option, is_in != test->negated};
        }
      }
    }
    return std::nullopt;
  }

  bool is_tcp(const Rule& rule) const {
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* test = match_as<FieldTest>(part);
      if (test == nullptr || test->field != Field::protocol || test->negated) continue;
      const auto values = slice(ruleset_.intervals, test->values);
      return values.size() == 1 && values.front() == Interval{6, 6};
    }
    return false;
  }

  bool asks_for_protocol(const Rule& rule) const {
    return std::ranges::any_of(slice(ruleset_.parts, rule.parts), [](const RulePart& part) {
      const auto* test = match_as<FieldTest>(part);
      return test != nullptr && test->field == Field::protocol;
    });
  }

  End end_of(const Rule& rule) const {
    if (accepts(ruleset_, rule) || find_statement<JumpStatement>(ruleset_, rule) != nullptr) {
      return End::lets_pass;
    }
    return drops(ruleset_, rule) ? End::refuses : End::goes_on;
  }

  void take(RuleId id) {
    const Rule& rule = ruleset_[id];
    const RuleText text(ruleset_, sources_, id);
    if (is_needless(rule)) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    if (!can_do_without(rule)) return;
    if (find_statement<NotrackStatement>(ruleset_, rule) != nullptr) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    const auto use = state_use(rule);
    if (!use) return;
    const End end = end_of(rule);
    if (use->states.has(CtState::new_)) {
      take_new(id, *use, end);
    } else if (!use->states.has(CtState::established) && !use->states.has(CtState::related) &&
               !(use->states.has(CtState::untracked) && end == End::lets_pass)) {
      take_invalid(id, *use, end);
    } else if (end == End::lets_pass) {
      draft_.rules.push_back({id, Treatment::as_replies});
      draft_.places.push_back({id, use->states, text.target()});
      is_behind_place_ = true;
    } else {
      add(id, Treatment::removed, {text.removed()});
    }
  }

  void take_new(RuleId id, const StateUse& use, End end) {
    const Rule& rule = ruleset_[id];
    const RuleText text(ruleset_, sources_, id);
    const bool is_first_only = !use.states.has(CtState::established);
    const auto flags = flag_use(rule);
    std::vector<Edit> edits = text.without(*use.construct);
    if (flags && is_first_only && end == End::lets_pass && flags->takes_first) {
      // The later packets of what it lets pass came by the accept of ESTABLISHED.
      edits.push_back(text.without(*flags->option));
      add(id, Treatment::without_flags, std::move(edits));
      return;
    }
    if (end == End::lets_pass || flags.has_value() == false) {
      const bool would_refuse_later = end == End::refuses && is_first_only && !is_behind_place_;
      const bool would_log_later = end == End::goes_on && is_first_only;
      if ((would_refuse_later || would_log_later) && is_tcp(rule)) {
        add(id, Treatment::as_syn,
            text.replaced(*use.construct, "-m tcp --tcp-flags FIN,SYN,RST,ACK SYN"));
        return;
      }
      add(id, Treatment::without_state, std::move(edits));
      return;
    }
    // Refuses, or logs, by flags: what is no first packet and yet NEW has nothing behind it, and
    // without state it looks like any later packet.
    if (!flags->takes_first) {
      add(id, Treatment::removed, {text.removed()});
    } else {
      add(id, Treatment::without_state, std::move(edits));
    }
  }

  void take_invalid(RuleId id, const StateUse& use, End end) {
    const Rule& rule = ruleset_[id];
    const RuleText text(ruleset_, sources_, id);
    const bool is_guard =
        (end == End::refuses || find_statement<JumpStatement>(ruleset_, rule) != nullptr) &&
        !is_guarded_ && !flag_use(rule) && (is_tcp(rule) || !asks_for_protocol(rule));
    if (!is_guard) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    is_guarded_ = true;
    add(id, Treatment::as_flags,
        text.replaced(*use.construct, is_tcp(rule) ? "-m tcp --tcp-flags FIN,SYN FIN,SYN"
                                                   : "-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN"));
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  IpVersion version_;
  bool helpers_unused_;
  Draft draft_;
  bool is_behind_place_ = false;  // within the chain
  bool is_guarded_ = false;       // the chain has a test of flags in place of INVALID
};

}  // namespace

Draft draft_stateless(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                      const Assumptions& assumptions) {
  const bool helpers_unused = assumptions.has(Assumption::helpers_unused);
  return Drafter(ruleset, sources, version, helpers_unused).draft();
}

}  // namespace untrack
