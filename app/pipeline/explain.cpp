#include "app/pipeline/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/packet/packet_words.hpp"
#include "app/pipeline/loaded.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_cases = 64;

// `verdict`: what a verdict map of the rule gave; nullptr for none.
std::string action_of(const Ruleset& ruleset, const Rule& rule, const Statement* verdict) {
  std::string action = "next rule";
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    if (verdict != nullptr && std::holds_alternative<VerdictMapStatement>(*statement)) {
      statement = verdict;
    }
    action = std::visit(
        Overloaded{
            [](const VerdictStatement& s) { return std::string(to_text(s.verdict)); },
            [](const JumpStatement& s) {
              return fmt::format("{} {}", s.is_goto ? "goto" : "jump", s.chain_name);
            },
            [](const RejectStatement& s) {
              return s.with.empty() ? "reject" : fmt::format("reject with {}", s.with);
            },
            [](const NatStatement& s) { return std::string(to_text(s.kind)); },
            [](const NotrackStatement&) { return std::string("notrack"); },
            [](const MarkStatement& s) {
              return fmt::format("mark 0x{:x}/0x{:x}", s.value, s.mask);
            },
            [](const ConntrackStatement& s) { return fmt::format("conntrack {}", s.what); },
            [](const PassiveStatement& s) { return fmt::format("{}, next rule", s.what); },
            [](const VerdictMapStatement&) { return std::string("what the map says"); },
            [](const OpaqueStatement& s) {
              return fmt::format("{} {}", s.key,
                                 s.value.count == 1 ? "is done, next rule" : "(not modelled)");
            },
        },
        *statement);
  }
  return action;
}

class Explainer {
 public:
  Explainer(const Ruleset& ruleset, const Sources& sources, IpVersion version, bool tracks)
      : ruleset_(ruleset),
        sources_(sources),
        program_(ruleset, version, tracks, variables_, NotrackUse::obeyed,
                 AddressWrites::followed) {}

  Explained explain(const PacketToExplain& asked) {
    packet_ = asked.packet;
    Explained explained;
    explained.packet = packet_;
    explained.assumed = asked.assumed;
    const Trace trace = walk(program_, packet_, {});
    explained.decision = trace.decision;
    explained.is_translated = trace.is_translated;
    // What is not known to the end is shown as far as somebody may read it.
    constexpr std::size_t most_of_cut = 100;
    const std::span steps(trace.steps.data(), trace.is_cut
                                                  ? std::min(most_of_cut, trace.steps.size())
                                                  : trace.steps.size());
    for (const TraceStep& step : steps) {
      const Run& run = program_.runs(packet_.path)[step.run];
      if (run.is_before_conntrack) ++explained.steps_before_conntrack;
      explained.steps.push_back(step_of(step, run));
    }
    explained.is_state_assumed = std::ranges::any_of(
        asked.assumed, [](const std::string& what) { return what.starts_with("no state"); });
    explain_state(trace, explained);
    explained.decided_by = decider_of(trace);
    explained.is_cut = trace.is_cut;
    if (!trace.is_cut) find_cases(explained);
    if (!trace.guessed.empty()) {
      explained.guessed = trace.guessed;
      explained.decision = Decision::unknown;
      explained.cases.clear();
      explained.has_all_cases = false;
    }
    return explained;
  }

 private:
  ExplainStep step_of(const TraceStep& step, const Run& run) {
    ExplainStep shown;
    const Chain& chain = ruleset_[step.chain];
    shown.hook = run.hook;
    shown.table = ruleset_[chain.table].name;
    shown.chain = chain.name;
    shown.rule = step.rule;
    shown.matched = step.matched;
    for (const FreeId id : step.asked) shown.asked.push_back(variables_[id].text);
    if (!step.rule.names_something()) {
      shown.span = chain.span;
      shown.action = chain.base && chain.base->policy == Policy::drop ? "drop" : "accept";
      return shown;
    }
    const Rule& rule = ruleset_[step.rule];
    shown.span = rule.text;
    shown.action = action_of(ruleset_, rule, step.verdict);
    if (!step.matched) {
      shown.failed = sources_.text(ruleset_.parts[step.failed_part].span_in(rule));
    }
    return shown;
  }

  void explain_state(const Trace& trace, Explained& explained) const {
    if (!program_.tracks()) {
      explained.state_why =
          fmt::format("nothing here makes the kernel track {}", display_name(program_.version()));
      return;
    }
    if (!trace.state) return;
    explained.state = to_text(*trace.state);
    if (!trace.is_untracked) {
      explained.state_why = explained.is_state_assumed ? "assumed" : "as given";
      return;
    }
    explained.state_why = "the kernel never tracks neighbour discovery and multicast listeners";
    for (const TraceStep& step : trace.steps) {
      const Run& run = program_.runs(packet_.path)[step.run];
      if (!step.matched || !step.rule.names_something() || !run.is_before_conntrack) continue;
      if (find_statement<NotrackStatement>(ruleset_, ruleset_[step.rule]) == nullptr) continue;
      const Span& span = ruleset_[step.rule].text;
      explained.state_why = fmt::format("by NOTRACK at {}:{}", sources_[span.source].path(),
                                        sources_.locate(span).line);
      return;
    }
    if (packet_.in_interface == "lo") {
      explained.state_why = "by NOTRACK on its way out over lo";
    }
  }

  std::string decider_of(const Trace& trace) const {
    if (trace.decided_by.names_something()) {
      const Span& span = ruleset_[trace.decided_by].text;
      const Location place = sources_.locate(span);
      return fmt::format("{}:{}:{}", sources_[span.source].path(), place.line, place.column);
    }
    if (!trace.decided_in.names_something()) return {};
    const Chain& chain = ruleset_[trace.decided_in];
    return fmt::format("the policy of {} in {}", chain.name, ruleset_[chain.table].name);
  }

  // Every outcome of the conditions that are met on the way, each only where it is met.
  void find_cases(Explained& explained) {
    std::vector<std::map<FreeId, bool>> open{{}};
    while (!open.empty()) {
      if (explained.cases.size() + open.size() > most_cases) {
        explained.has_all_cases = false;
        return;
      }
      const std::map<FreeId, bool> known = std::move(open.back());
      open.pop_back();
      Choices choices;
      choices.free.assign(variables_.size(), false);
      for (const auto& [id, value] : known) choices.free[id] = value;
      const Trace trace = walk(program_, packet_, choices);
      const FreeId next = first_unknown(trace, known);
      if (next != no_free_variable) {
        for (const bool value : {false, true}) {  // what holds is told first
          open.push_back(known);
          open.back()[next] = value;
        }
        continue;
      }
      ExplainCase found;
      found.decision = trace.decision;
      for (const auto& [id, value] : known) {
        found.conditions.push_back({variables_[id].text, variables_[id].first_use, value});
      }
      explained.cases.push_back(std::move(found));
    }
    merge(explained.cases);
  }

  // Cases that end alike and differ in one condition do not depend on it.
  static void merge(std::vector<ExplainCase>& cases) {
    const auto without_difference = [](const ExplainCase& a, const ExplainCase& b) {
      std::optional<std::size_t> difference;
      if (a.decision != b.decision || a.conditions.size() != b.conditions.size()) return difference;
      for (std::size_t i = 0; i < a.conditions.size(); ++i) {
        if (a.conditions[i].text != b.conditions[i].text ||
            a.conditions[i].first_use != b.conditions[i].first_use) {
          return std::optional<std::size_t>();
        }
        if (a.conditions[i].holds == b.conditions[i].holds) continue;
        if (difference) return std::optional<std::size_t>();
        difference = i;
      }
      return difference;
    };
    for (std::size_t i = 0; i < cases.size();) {
      bool is_merged = false;
      for (std::size_t k = i + 1; k < cases.size() && !is_merged; ++k) {
        const auto difference = without_difference(cases[i], cases[k]);
        if (!difference) continue;
        cases[i].conditions.erase(cases[i].conditions.begin() +
                                  static_cast<std::ptrdiff_t>(*difference));
        cases.erase(cases.begin() + static_cast<std::ptrdiff_t>(k));
        is_merged = true;
      }
      i = is_merged ? 0 : i + 1;
    }
  }

  static FreeId first_unknown(const Trace& trace, const std::map<FreeId, bool>& known) {
    for (const TraceStep& step : trace.steps) {
      for (const FreeId id : step.asked) {
        if (!known.contains(id)) return id;
      }
    }
    return no_free_variable;
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  FreeVariables variables_;
  Program program_;
  Packet packet_;
};

}  // namespace

ExplainReport explain(std::vector<AuditInput> inputs, const std::vector<PacketToExplain>& packets,
                      const ExplainPolicy& policy) {
  Loaded loaded = load(std::move(inputs), policy.format, policy.ip_version);
  ExplainReport report;
  report.is_fully_understood = loaded.is_fully_understood();
  report.sources = std::move(loaded.sources);
  report.ruleset = std::move(loaded.ruleset);
  std::array<std::unique_ptr<Explainer>, 2> explainers;
  for (const PacketToExplain& asked : packets) {
    const IpVersion version = asked.packet.version;
    auto& explainer = explainers.at(static_cast<std::size_t>(version));
    if (!explainer) {
      explainer = std::make_unique<Explainer>(report.ruleset, *report.sources, version,
                                              may_track(report.ruleset, version, policy.kernel));
    }
    const bool is_of_other_family = !loaded.given.has(version);
    if (is_of_other_family) report.is_fully_understood = false;
    const auto add = [&](const PacketToExplain& one) {
      report.packets.push_back(explainer->explain(one));
      report.packets.back().is_of_other_family = is_of_other_family;
    };
    if (!policy.every_state) {
      add(asked);
      continue;
    }
    PacketToExplain one = asked;
    // Nothing is assumed of what is tried in every state.
    std::erase_if(one.assumed, [](const std::string& what) {
      return what.starts_with("no state") || what.starts_with("no TCP flags");
    });
    for (const CtState state :
         {CtState::new_, CtState::established, CtState::related, CtState::invalid}) {
      one.packet.state = state;
      if (asked.has_usual_flags) one.packet[Field::tcp_flags] = usual_flags(state);
      add(one);
    }
  }
  return report;
}

}  // namespace untrack
