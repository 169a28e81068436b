#include "app/pipeline/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/packet/packet_words.hpp"
#include "analysis/walk/evaluate.hpp"
#include "app/pipeline/loaded.hpp"
#include "model/address_text.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

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
  Explainer(const Ruleset& ruleset, const Sources& sources, IpVersion version, bool tracks,
            const ExplainedHost& host)
      : ruleset_(ruleset),
        sources_(sources),
        host_(host),
        program_(ruleset, version, tracks, variables_, NotrackUse::obeyed,
                 AddressWrites::followed) {}

  Explained explain(const PacketToExplain& asked) {
    packet_ = asked.packet;
    Explained explained;
    explained.packet = packet_;
    explained.assumed = asked.assumed;
    if (!interfaces_) interfaces_ = interfaces_apart(program_);
    PacketWays ways(program_, variables_, host_, packet_, *interfaces_);
    std::vector<PacketWays::Route> routes = ways.routes();
    // Those that let it pass are told first.
    std::ranges::stable_sort(routes, {}, &PacketWays::Route::decision);
    const bool is_told = !routes.empty();
    const PacketWays::Followed followed =
        is_told ? routes.front().followed
                : PacketWays::Followed{packet_, std::nullopt, {}, ways.as_asked()};
    const Trace& trace = followed.trace;
    explained.decision = trace.decision;
    explained.is_translated = trace.is_translated;
    explained.is_for_any_mark = followed.is_for_any_mark;
    add_steps(trace, followed.packet.path, explained);
    explained.is_state_assumed = std::ranges::any_of(
        asked.assumed, [](const std::string& what) { return what.starts_with("no state"); });
    explain_state(trace, followed.packet.path, explained);
    explained.decided_by = decider_of(trace);
    explained.is_cut = trace.is_cut;
    explain_translation(ways, followed, explained);
    if (routes.size() == 1) {
      explained.cases = std::move(routes.front().cases);
      explained.has_all_cases = routes.front().has_all_cases;
    } else {
      add_routes(routes, explained);
    }
    if (!trace.guessed.empty()) guess(std::string(trace.guessed), explained);
    note_local_address(trace, explained);
    if (ways.depends_on_translation()) {
      guess("the destination of its flow, which is translated if it began under these rules",
            explained);
    }
    return explained;
  }

 private:
  static void guess(std::string what, Explained& explained) {
    explained.guessed = std::move(what);
    explained.decision = Decision::unknown;
    explained.cases.clear();
    explained.has_all_cases = false;
  }

  void add_steps(const Trace& trace, Path path, Explained& explained) {
    // What is not known to the end is shown as far as somebody may read it.
    constexpr std::size_t most_of_cut = 100;
    const std::span steps(trace.steps.data(), trace.is_cut
                                                  ? std::min(most_of_cut, trace.steps.size())
                                                  : trace.steps.size());
    for (const TraceStep& step : steps) {
      const Run& run = program_.runs(path)[step.run];
      if (run.is_before_conntrack) ++explained.steps_before_conntrack;
      explained.steps.push_back(step_of(step, run));
    }
  }

  void explain_translation(const PacketWays& ways, const PacketWays::Followed& followed,
                           Explained& explained) const {
    const Led& led = followed.led;
    if (!led.by.names_something()) return;
    ExplainedTranslation& translation = explained.translation.emplace();
    translation.to = destination_of(led, followed.packet);
    translation.rule = place_of_rule(led.by);
    translation.way = followed.packet.path;
    if (!followed.way || !followed.way->is_assumed) return;
    const Trace here = ways.as_asked();
    const std::string decider = decider_of(here);
    explained.assumed.push_back(fmt::format(
        "{} is no address of this host; if it is, {}", address_text(led.address, packet_.version),
        decider.empty() ? std::string("no rule refuses it") : decider + " decides"));
  }

  static std::string destination_of(const Led& led, const Packet& packet) {
    const bool has_port = has_field(packet, Field::destination_port);
    const auto port = static_cast<unsigned>(led.port);
    if (led.is_here) return has_port ? fmt::format("port {} of this host", port) : "this host";
    std::string address = address_text(led.address, packet.version);
    if (!has_port) return address;
    return packet.version == IpVersion::ipv6 ? fmt::format("[{}]:{}", address, port)
                                             : fmt::format("{}:{}", address, port);
  }

  void add_routes(std::vector<PacketWays::Route>& routes, Explained& explained) const {
    for (PacketWays::Route& route : routes) {
      explained.routes.push_back({std::move(route.interfaces), route.decision,
                                  decider_of(route.followed.trace), std::move(route.cases)});
    }
    const auto is_like_first = [&](const ExplainedRoute& route) {
      return route.decision == explained.routes.front().decision && route.cases.size() <= 1;
    };
    if (!routes.empty() && std::ranges::all_of(explained.routes, is_like_first)) return;
    guess("where it leaves", explained);
    explained.decided_by.clear();  // each route tells its own
  }

  // Rules that look at the kind of address translate what is for this host alone.
  void note_local_address(const Trace& trace, Explained& explained) const {
    if (packet_.path != Path::forward || trace.led.by.names_something()) return;
    Packet local = packet_;
    local[Field::destination_type] = address_type::local;
    const Led led = walk(program_, local, {}).led;
    if (!led.by.names_something() || led.is_here) return;
    explained.assumed.push_back(fmt::format(
        "{} is no address of this host; if it is (dst-type local), {} translates it to {}",
        address_text(packet_[Field::destination_address], packet_.version), place_of_rule(led.by),
        destination_of(led, packet_)));
  }

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

  void explain_state(const Trace& trace, Path path, Explained& explained) const {
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
      const Run& run = program_.runs(path)[step.run];
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

  std::string place_of_rule(RuleId rule) const {
    const Span& span = ruleset_[rule].text;
    const Location place = sources_.locate(span);
    return fmt::format("{}:{}:{}", sources_[span.source].path(), place.line, place.column);
  }

  std::string decider_of(const Trace& trace) const {
    if (trace.decided_by.names_something()) return place_of_rule(trace.decided_by);
    if (!trace.decided_in.names_something()) return {};
    const Chain& chain = ruleset_[trace.decided_in];
    return fmt::format("the policy of {} in {}", chain.name, ruleset_[chain.table].name);
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  const ExplainedHost& host_;
  FreeVariables variables_;
  Program program_;
  std::optional<std::vector<InterfaceApart>> interfaces_;
  Packet packet_;
};

}  // namespace

ExplainReport explain(std::vector<InputText> inputs, const std::vector<PacketToExplain>& packets,
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
                                              may_track(report.ruleset, version, policy.kernel),
                                              policy.host);
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
