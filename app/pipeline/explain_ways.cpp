#include "app/pipeline/explain_ways.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analysis/walk/unknowns.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_cases = 64;
// More are not tried: which of them it is is not known then.
constexpr std::size_t most_interfaces = 1000;
// Of marks, and of ways to choose them where several statements do.
constexpr std::size_t most_marks = 256;

bool is_same_condition(const ExplainCondition& a, const ExplainCondition& b) {
  return a.text == b.text && a.first_use == b.first_use;
}

// Cases that end alike and differ in one condition do not depend on it.
void merge(std::vector<ExplainCase>& cases) {
  const auto without_difference = [](const ExplainCase& a, const ExplainCase& b) {
    std::optional<std::size_t> difference;
    if (a.decision != b.decision || a.conditions.size() != b.conditions.size()) return difference;
    for (std::size_t i = 0; i < a.conditions.size(); ++i) {
      if (!is_same_condition(a.conditions[i], b.conditions[i])) return std::optional<std::size_t>();
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

bool are_same(const std::vector<ExplainCase>& a, const std::vector<ExplainCase>& b) {
  return std::ranges::equal(a, b, [](const ExplainCase& one, const ExplainCase& other) {
    return one.decision == other.decision &&
           std::ranges::equal(one.conditions, other.conditions,
                              [](const ExplainCondition& x, const ExplainCondition& y) {
                                return is_same_condition(x, y) && x.holds == y.holds;
                              });
  });
}

bool end_alike(const PacketWays::Route& a, const PacketWays::Route& b) {
  return a.decision == b.decision && a.followed.trace.guessed == b.followed.trace.guessed &&
         a.followed.trace.decided_by == b.followed.trace.decided_by &&
         a.followed.trace.decided_in == b.followed.trace.decided_in && are_same(a.cases, b.cases);
}

FreeId first_unknown(const Trace& trace, const std::map<FreeId, bool>& known) {
  for (const TraceStep& step : trace.steps) {
    for (const FreeId id : step.asked) {
      if (!known.contains(id)) return id;
    }
  }
  return no_free_variable;
}

}  // namespace

std::vector<InterfaceApart> interfaces_apart(const Program& program) {
  const std::array<const Program*, 1> programs{&program};
  const Layout layout(programs, {}, Order::source_first);
  const NameDomain& names = layout.names();
  std::vector<InterfaceApart> all;
  std::vector<InterfaceApart> others;
  for (NameDomain::Atom atom = NameDomain::absent() + 1; atom < names.size(); ++atom) {
    if (atom == names.loopback()) continue;
    const std::string example = names.example(atom);
    const std::string text = names.text(atom);
    if (text == example) {
      all.push_back({example, text});
    } else {
      others.push_back({example, text.ends_with('+') ? "another of " + text : "another"});
    }
  }
  all.insert(all.end(), others.rbegin(), others.rend());  // "another" comes last
  return all;
}

// The first packet of a flow, to which a rule on its way has given another destination: conntrack
// says of its flow from there on that it is translated (nf_nat_setup_info sets IPS_DST_NAT where
// the tuple changes, nf_nat_core.c, 6.1). Those that ask it need no choice.
std::vector<FreeId> PacketWays::settled_by(const Trace& trace) {
  const bool is_changed = trace.led.by.names_something() && !trace.led.is_here &&
                          (trace.led.address != packet_[Field::destination_address] ||
                           trace.led.port != packet_[Field::destination_port]);
  if (packet_.state != CtState::new_ || trace.is_untracked || !is_changed) return {};
  if (!asks_of_dnat_) {
    asks_of_dnat_.emplace();
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      const auto id = static_cast<FreeId>(i);
      if (id == program_.status_variable(CtState::dnat) ||
          variables_[id].text == "ct status == dnat") {
        asks_of_dnat_->push_back(id);
      }
    }
  }
  std::vector<FreeId> settled = *asks_of_dnat_;
  // In front of the translation nothing is translated yet.
  for (const TraceStep& step : trace.steps) {
    if (step.rule == trace.led.by) break;
    for (const FreeId id : step.asked) std::erase(settled, id);
  }
  return settled;
}

Trace PacketWays::walk_settled(const Packet& packet, Choices choices,
                               const std::vector<FreeId>& settled) const {
  if (settled.empty()) return walk(program_, packet, choices);
  choices.free.resize(std::max(choices.free.size(), variables_.size()), false);
  for (const FreeId id : settled) choices.free[id] = true;
  Trace trace = walk(program_, packet, choices);
  if (trace.guessed == guessed_status) trace.guessed = {};
  for (TraceStep& step : trace.steps) {
    std::erase_if(step.asked,
                  [&](FreeId id) { return std::ranges::find(settled, id) != settled.end(); });
  }
  return trace;
}

PacketWays::Followed PacketWays::follow(const Choices& choices) {
  Followed followed = follow_once(choices);
  if (followed.trace.guessed == guessed_mark && is_for_any_mark(followed, choices)) {
    followed.is_for_any_mark = true;
    followed.trace.guessed = {};
  }
  return followed;
}

// Of marks that rules do not tell apart one may be turned into one that they do.
bool PacketWays::turns_bits_over() const {
  return std::ranges::any_of(program_.ruleset().parts, [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* mark = statement == nullptr ? nullptr : std::get_if<MarkStatement>(statement);
    return mark != nullptr && (mark->value & ~mark->mask) != 0;
  });
}

bool PacketWays::is_for_any_mark(const Followed& followed, const Choices& choices) {
  if (turns_bits_over()) return false;
  const std::array<const Program*, 1> programs{&program_};
  const std::vector<std::uint32_t> marks =
      Layout(programs, {}, Order::source_first).marks().one_of_each(most_marks);
  if (marks.empty()) return false;
  // Statements that leave it open, as walks come to them.
  std::vector<std::uint32_t> open;
  const auto add_open = [&](const Trace& trace) {
    const std::size_t before = open.size();
    for (const TraceStep& step : trace.steps) {
      if (!step.rule.names_something()) continue;
      const auto parts = program_.ruleset()[step.rule].parts;
      for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
        const bool is_known = std::ranges::find(open, part) != open.end();
        if (!is_known && program_.leaves_mark_open(part)) open.push_back(part);
      }
    }
    return open.size() > before;
  };
  (void)add_open(followed.trace);
  for (std::size_t n = 0, all = 1; n < all; ++n) {
    all = 1;
    for (std::size_t i = 0; i < open.size(); ++i) {
      all *= marks.size();
      if (all > most_marks) return false;
    }
    Choices chosen = choices;
    std::size_t rest = n;
    for (const std::uint32_t part : open) {
      chosen.marks[part] = marks[rest % marks.size()];
      rest /= marks.size();
    }
    const Followed other = follow_once(chosen);
    const Trace& trace = other.trace;
    const bool is_guessed = !trace.guessed.empty() && trace.guessed != guessed_mark;
    if (is_guessed || trace.is_cut || trace.decision != followed.trace.decision ||
        other.packet.path != followed.packet.path) {
      return false;
    }
    // Once more, with what this one may choose.
    if (add_open(trace)) n = std::size_t{0} - 1;
  }
  return true;
}

PacketWays::Followed PacketWays::follow_once(const Choices& choices) {
  Followed followed;
  followed.packet = packet_;
  followed.trace = walk(program_, packet_, choices);
  followed.led = followed.trace.led;
  const std::vector<FreeId> settled = settled_by(followed.trace);
  if (!settled.empty()) followed.trace = walk_settled(packet_, choices, settled);
  if (followed.trace.is_cut) return followed;
  followed.way = led_on(packet_, followed.trace, host_.locals);
  if (!followed.way) return followed;
  std::string leaves_by;
  if (followed.way->path == Path::forward) {
    const auto at = std::ranges::find_if(host_.networks, [&](const ConnectedNetwork& network) {
      return network.version == packet_.version &&
             followed.led.address >= network.addresses.first &&
             followed.led.address <= network.addresses.last;
    });
    const bool is_told = at != host_.networks.end();
    leaves_by = is_told ? at->interface : out_interface_;
    if (!is_told) is_led_out_ = true;
  }
  followed.packet = sent_on(packet_, followed.way->path, std::move(leaves_by));
  followed.trace = walk_settled(followed.packet, choices, settled);
  return followed;
}

PacketWays::Route PacketWays::route() {
  Route route;
  route.followed = follow({});
  const Trace& trace = route.followed.trace;
  route.decision = trace.guessed.empty() ? trace.decision : Decision::unknown;
  if (!trace.is_cut) find_cases(route);
  if (!trace.guessed.empty()) {
    route.cases.clear();
    route.has_all_cases = false;
  }
  return route;
}

// Every outcome of the conditions that are met on the way, each only where it is met.
void PacketWays::find_cases(Route& route) {
  std::vector<std::map<FreeId, bool>> open{{}};
  while (!open.empty()) {
    if (route.cases.size() + open.size() > most_cases) {
      route.has_all_cases = false;
      return;
    }
    const std::map<FreeId, bool> known = std::move(open.back());
    open.pop_back();
    Choices choices;
    choices.free.assign(variables_.size(), false);
    for (const auto& [id, value] : known) choices.free[id] = value;
    const Trace trace = follow(choices).trace;
    const FreeId next = first_unknown(trace, known);
    if (next != no_free_variable) {
      for (const bool value : {false, true}) {  // what holds is told first
        open.push_back(known);
        open.back()[next] = value;
      }
      continue;
    }
    ExplainCase found;
    found.decision = trace.guessed.empty() ? trace.decision : Decision::unknown;
    for (const auto& [id, value] : known) {
      found.conditions.push_back({variables_[id].text, variables_[id].first_use, value});
    }
    route.cases.push_back(std::move(found));
  }
  merge(route.cases);
}

std::vector<PacketWays::Route> PacketWays::routes() {
  is_led_out_ = false;
  out_interface_.clear();
  std::vector<Route> found{route()};
  if (!is_led_out_) return found;
  found.clear();
  if (interfaces_.size() > most_interfaces) return found;
  for (const InterfaceApart& interface : interfaces_) {
    out_interface_ = interface.example;
    Route next = route();
    const auto same =
        std::ranges::find_if(found, [&](const Route& known) { return end_alike(known, next); });
    if (same == found.end()) {
      next.interfaces.push_back(interface.text);
      found.push_back(std::move(next));
    } else {
      same->interfaces.push_back(interface.text);
    }
  }
  if (found.size() == 1) found.front().interfaces.clear();
  return found;
}

bool PacketWays::depends_on_translation() {
  if (packet_.state != CtState::established || !program_.tracks()) return false;
  Choices choices;
  choices.is_translated_as_first = true;
  if (!walk(program_, packet_, choices).is_translated) return false;
  const Decision as_it_is = as_asked().decision;
  is_led_out_ = false;
  if (follow(choices).trace.decision != as_it_is && !is_led_out_) return true;
  if (!is_led_out_) return false;
  return interfaces_.size() > most_interfaces ||
         std::ranges::any_of(interfaces_, [&](const InterfaceApart& interface) {
           out_interface_ = interface.example;
           return follow(choices).trace.decision != as_it_is;
         });
}

}  // namespace untrack
