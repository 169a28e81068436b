#include "rewriter/stateless/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/conntrack/tracking.hpp"
#include "analysis/facts.hpp"
#include "analysis/flows/helpers.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/program/translated_status.hpp"
#include "rewriter/nft_rule_text.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/spell/rule_spelling.hpp"

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

// In nft, wherever the state is looked at; whether it is followed there shows when it is taken.
bool is_state(const Ruleset& ruleset, const Construct& construct) {
  if (construct.kind != catalog::ExtensionKind::match) return false;
  if (construct.language == Language::nft) return construct.extension->name == "ct state";
  const auto options = slice(ruleset.options, construct.options);
  return std::ranges::all_of(options, is_state_option) && !options.empty();
}

// A test of TCP flags, and whether the first packet of a connection passes it.
struct FlagUse {
  const OptionUse* option = nullptr;  // of iptables
  Span span = {};
  bool takes_first = false;
};

class Drafter {
 public:
  Drafter(const Ruleset& ruleset, const Sources& sources, IpVersion version, bool helpers_unused)
      : ruleset_(ruleset), sources_(sources), version_(version), helpers_unused_(helpers_unused) {}

  Draft draft() {
    for (const Table& table : ruleset_.tables) {
      if (!ip_versions(table.family).has(version_)) continue;
      for (const RuleId object : table.objects) (void)can_do_without(ruleset_[object]);
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
  Refusal& refuse(const Span& span, std::string reason, std::string instead) {
    return draft_.refusals.emplace_back(Refusal{span, std::move(reason), std::move(instead)});
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
      if (is_state(ruleset_, construct) ||
          find_statement<NotrackStatement>(ruleset_, rule) != nullptr)
        continue;
      const bool is_helper = only_assigns_helper(ruleset_, construct) || asks_for_helper(construct);
      Refusal& refusal = refuse(
          construct.span,
          fmt::format("{} works with the entries of the connection tracking table", construct.name),
          "--assume helpers_unused leaves it out, if nothing uses what the helper lets in; --mode "
          "notrack leaves it as it is");
      refusal.assumption = Assumption::helpers_unused;
      if (!is_helper) offer_notrack(refusal);
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
      if (!(test->states & translated).empty() && may_be_translated()) {
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

  bool may_be_translated() {
    if (!may_be_translated_) {
      may_be_translated_ = may_translate(ruleset_, version_, CtState::snat) ||
                           may_translate(ruleset_, version_, CtState::dnat);
    }
    return *may_be_translated_;
  }

  // It asks for flows that are translated, and no rule translates.
  bool is_never_met(const Rule& rule) {
    return std::ranges::any_of(slice(ruleset_.parts, rule.parts), [&](const RulePart& part) {
      return !translation_asked(ruleset_, part).empty() && !may_be_translated();
    });
  }

  std::optional<FlagUse> flag_use(const Rule& rule) const {
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* test = match_as<FieldTest>(part);
      if (test == nullptr || test->field != Field::tcp_flags) continue;
      const Number seen = tcp_flag::syn & test->mask;
      const bool is_in = std::ranges::any_of(
          slice(ruleset_.intervals, test->values),
          [&](const Interval& range) { return seen >= range.first && seen <= range.last; });
      const bool takes_first = is_in != test->negated;
      if (is_nft(rule)) return FlagUse{nullptr, part.span_in(rule), takes_first};
      for (const OptionUse& option : slice(ruleset_.options, ruleset_[part.construct].options)) {
        if (option.span.begin <= part.place.begin && part.place.end <= option.span.end) {
          return FlagUse{&option, option.span, takes_first};
        }
        if (option.row != nullptr &&
            (option.row->name == "syn" || option.row->name == "tcp-flags")) {
          return FlagUse{&option, option.span, takes_first};
        }
      }
    }
    return std::nullopt;
  }

  bool is_nft(const Rule& rule) const { return ruleset_.table_of(rule).language == Language::nft; }

  RuleSpelling spelling(const Rule& rule) const { return {ruleset_, ruleset_[rule.chain].table}; }

  // In nft the test says, too, that the packet is of TCP.
  Edit without_flags(RuleId id, const FlagUse& flags) const {
    const Rule& rule = ruleset_[id];
    if (!is_nft(rule)) return RuleText(ruleset_, sources_, id).without(*flags.option);
    const bool says_tcp =
        std::ranges::any_of(slice(ruleset_.parts, rule.parts), [&](const RulePart& part) {
          const bool is_apart =
              part.place.end <= flags.span.begin || part.place.begin >= flags.span.end;
          const std::string_view text = sources_.text(part.span_in(rule));
          return is_apart && (text.starts_with("tcp ") || text == "meta l4proto tcp" ||
                              text == "ip protocol tcp" || text == "ip6 nexthdr tcp");
        });
    if (says_tcp) return NftRuleText(ruleset_, sources_, id).without(flags.span);
    return {flags.span, "meta l4proto tcp"};
  }

  bool is_tcp(const Rule& rule) const {
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* test = match_as<FieldTest>(part);
      if (test == nullptr || test->field != Field::protocol || test->negated) continue;
      const auto values = slice(ruleset_.intervals, test->values);
      return values.size() == 1 && values.front() == Interval{ip_protocol::tcp, ip_protocol::tcp};
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
    if (is_needless(rule) || is_never_met(rule)) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    if (!can_do_without(rule)) return;
    if (find_statement<NotrackStatement>(ruleset_, rule) != nullptr) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    if (const auto map = state_map(ruleset_, rule)) {
      take_map(id, *map);
      return;
    }
    const auto use = state_use(rule);
    if (!use) {
      refuse_unseen_state(rule);
      return;
    }
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
    // A rule of nft says something.
    const bool says_more = !is_nft(rule) || slice(ruleset_.parts, rule.parts).size() > 1 ||
                           slice(ruleset_.constructs, rule.constructs).size() > 1;
    if (!says_more) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    std::vector<Edit> edits = text.without(*use.construct);
    if (flags && is_first_only && end == End::lets_pass && flags->takes_first) {
      // The later packets of what it lets pass came by the accept of ESTABLISHED.
      edits.push_back(without_flags(id, *flags));
      add(id, Treatment::without_flags, std::move(edits));
      return;
    }
    if (end == End::lets_pass || flags.has_value() == false) {
      const bool would_refuse_later = end == End::refuses && is_first_only && !is_behind_place_;
      const bool would_log_later = end == End::goes_on && is_first_only;
      if ((would_refuse_later || would_log_later) && is_tcp(rule)) {
        add(id, Treatment::as_syn, text.replaced(*use.construct, spelling(rule).first_packet()));
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
        use.states.has(CtState::invalid) &&
        (end == End::refuses || find_statement<JumpStatement>(ruleset_, rule) != nullptr) &&
        !is_guarded_ && !flag_use(rule) && (is_tcp(rule) || !asks_for_protocol(rule));
    if (!is_guard) {
      add(id, Treatment::removed, {text.removed()});
      return;
    }
    is_guarded_ = true;
    add(id, Treatment::as_flags,
        text.replaced(*use.construct, spelling(rule).odd_flags(!is_tcp(rule))));
  }

  // Its construct looks at the state, and no part says how.
  void refuse_unseen_state(const Rule& rule) {
    if (!draft_.refusals.empty()) return;
    for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
      if (!is_state(ruleset_, construct)) continue;
      refuse(rule.text, "the state is asked for together with something else",
             "ask for the state by itself, as in `ct state established accept`");
      return;
    }
  }

  // A verdict map of states: what each of its elements does, one after the other.
  void take_map(RuleId id, const StateMap& map) {
    const Rule& rule = ruleset_[id];
    const NftRuleText text(ruleset_, sources_, id);
    const Statement* passes = map.passes_later();
    Place place{id, {}, passes == nullptr ? "" : text.target(nft_verdict(*passes))};
    const std::string head = text.head_of(map.span);
    for (const CtState state : StateMap::states) {
      const Statement* verdict = map[state];
      if (verdict == nullptr) continue;
      const bool passes_here = lets_pass(*verdict);
      const std::string words = nft_verdict(*verdict);
      if (!passes_here && words != "drop" && words != "continue") {
        refuse(rule.text, "what its map does with a state is not followed",
               "name accept, drop or a chain for each state");
        return;
      }
      if (state == CtState::invalid) {
        const bool is_guard = words != "accept" && words != "continue" && !is_guarded_;
        if (!is_guard) continue;
        is_guarded_ = true;
        place.ahead.push_back(
            text.beside(in_front(head, spelling(rule).odd_flags(true)), text.target(words)));
      } else if (state == CtState::new_) {
        if (words != "continue") place.behind.push_back(text.beside(head, text.target(words)));
      } else if (state == CtState::untracked && map[CtState::new_] != nullptr &&
                 words == nft_verdict(*map[CtState::new_])) {
        continue;  // Nothing is tracked any more, and first packets go there.
      } else if (passes_here && words != nft_verdict(*passes)) {
        refuse(rule.text, "its map sends the packets of a connection to different chains",
               "send established and related packets to one chain");
        return;
      } else if (passes_here) {
        place.states = place.states | CtStates(state);
      }
    }
    draft_.rules.push_back({id, passes == nullptr ? Treatment::removed : Treatment::as_replies});
    draft_.places.push_back(std::move(place));
    is_behind_place_ = true;
  }

  static std::string in_front(const std::string& head, std::string_view words) {
    return head.empty() ? std::string(words) : fmt::format("{} {}", head, words);
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  IpVersion version_;
  bool helpers_unused_;
  std::optional<bool> may_be_translated_;
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
