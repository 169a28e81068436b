#include "report/html/ways.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "analysis/program/program.hpp"
#include "model/jumps.hpp"

namespace untrack::html {
namespace {

constexpr std::size_t most_called = 7;
constexpr std::size_t most_base_chains = 24;  // of a hook
constexpr int tracking_priority = -200;       // NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h
constexpr int confirming_priority = std::numeric_limits<int>::max();

bool is_same(const MarkedRules& a, const MarkedRules& b) {
  return a.forcing == b.forcing && a.notrack == b.notrack;
}

bool is_same(const Station& a, const Station& b) {
  return a.kind == b.kind && a.priority == b.priority && a.seen == b.seen && a.chain == b.chain &&
         is_same(a.marks, b.marks) && a.further == b.further &&
         std::ranges::equal(a.called, b.called, [](const CalledChain& x, const CalledChain& y) {
           return x.chain == y.chain && is_same(x.marks, y.marks);
         });
}

bool is_same(const Ways& a, const Ways& b) {
  return a.state == b.state && a.elsewhere == b.elsewhere &&
         std::ranges::equal(a.hooks, b.hooks, [](const HookWay& x, const HookWay& y) {
           return x.hook == y.hook && x.further == y.further &&
                  std::ranges::equal(
                      x.stations, y.stations,
                      [](const Station& s, const Station& t) { return is_same(s, t); });
         });
}

class Finder {
 public:
  Finder(const AuditReport& report, const FamilyVerdict& family)
      : ruleset_(report.ruleset), family_(family) {
    ways_.versions = family.version;
    ways_.state = family.state;
    is_forcing_.resize(ruleset_.rules.size());
    is_drawn_.resize(ruleset_.chains.size());
    for (const std::size_t index : family.forced_by) {
      const ConstructId construct = report.findings[index].construct;
      if (!construct.names_something()) continue;
      const RuleId rule = ruleset_[construct].rule;
      if (rule.names_something()) is_forcing_[rule.index()] = true;
    }
  }

  Ways find() {
    // Its order of chains is the one by which all claims are proven.
    FreeVariables variables;
    const Program program(ruleset_, family_.version, family_.state != TrackingState::not_forced,
                          variables);
    add_devices(Hook::ingress);
    add_hook(Hook::prerouting, program.runs(Path::in));
    add_hook(Hook::input, program.runs(Path::in));
    add_hook(Hook::forward, program.runs(Path::forward));
    add_hook(Hook::output, program.runs(Path::out));
    add_hook(Hook::postrouting, program.runs(Path::out));
    add_devices(Hook::egress);
    find_what_is_seen();
    find_elsewhere();
    return std::move(ways_);
  }

 private:
  [[nodiscard]] bool is_unforced() const { return family_.state == TrackingState::not_forced; }

  void add_hook(Hook hook, std::span<const Run> runs) {
    HookWay way{hook, {}, 0};
    const bool begins = hook == Hook::prerouting || hook == Hook::output;
    const bool ends = hook == Hook::input || hook == Hook::postrouting;
    bool has_tracking = !begins || is_unforced();
    for (const Run& run : runs) {
      if (run.hook != hook) continue;
      if (!has_tracking && run.priority >= tracking_priority) {
        way.stations.push_back(tracking(Station::Kind::tracking, tracking_priority));
        has_tracking = true;
      }
      way.stations.push_back(station_of(run.chain, run.is_nat));
    }
    if (!has_tracking) {
      way.stations.push_back(tracking(Station::Kind::tracking, tracking_priority));
    }
    if (ends && !is_unforced()) {
      way.stations.push_back(tracking(Station::Kind::confirming, confirming_priority));
    }
    if (begins) {
      const bool has_notrack = std::ranges::any_of(way.stations, [](const Station& station) {
        return station.holds_notrack && station.priority < tracking_priority;
      });
      (hook == Hook::output ? notrack_from_here_ : notrack_from_outside_) = has_notrack;
    }
    fold(way);
    ways_.hooks.push_back(std::move(way));
  }

  // Of very many base chains the first ones that hold something marked, then the first ones.
  static void fold(HookWay& way) {
    const auto is_chain = [](const Station& station) {
      return station.kind == Station::Kind::chain;
    };
    const auto all = static_cast<std::size_t>(std::ranges::count_if(way.stations, is_chain));
    if (all <= most_base_chains) return;
    std::size_t left = most_base_chains;
    std::vector<bool> is_kept(way.stations.size());
    for (const bool wants_marks : {true, false}) {
      for (std::size_t i = 0; i < way.stations.size(); ++i) {
        const Station& station = way.stations[i];
        if (!is_chain(station)) is_kept[i] = true;
        if (is_kept[i] || left == 0 || (wants_marks && !has_marks(station))) continue;
        is_kept[i] = true;
        --left;
      }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < way.stations.size(); ++i) {
      if (!is_kept[i]) continue;
      if (kept != i) way.stations[kept] = std::move(way.stations[i]);
      ++kept;
    }
    way.stations.resize(kept);
    way.further = all - most_base_chains;
  }

  static bool has_marks(const Station& station) {
    return !station.marks.forcing.empty() || station.holds_notrack ||
           std::ranges::any_of(station.called, [](const CalledChain& called) {
             return !called.marks.forcing.empty();
           });
  }

  // Chains of devices, which no walk follows.
  void add_devices(Hook hook) {
    HookWay way{hook, {}, 0};
    for (const Table& table : ruleset_.tables) {
      const bool is_seen = table.family == Family::netdev || table.family == Family::inet ||
                           ip_versions(table.family).has(family_.version);
      if (table.is_dormant || !is_seen) continue;
      for (const ChainId chain : table.chains) {
        const auto& base = ruleset_[chain].base;
        if (base && base->hook == hook) way.stations.push_back(station_of(chain, false));
      }
    }
    std::ranges::stable_sort(way.stations, {}, &Station::priority);
    if (way.stations.empty()) return;
    fold(way);
    ways_.hooks.push_back(std::move(way));
  }

  static Station tracking(Station::Kind kind, int priority) {
    Station station;
    station.kind = kind;
    station.priority = priority;
    return station;
  }

  [[nodiscard]] MarkedRules marks_of(ChainId chain) const {
    MarkedRules marks;
    for (const RuleId id : ruleset_[chain].rules) {
      const Rule& rule = ruleset_[id];
      if (is_forcing_[id.index()]) marks.forcing.push_back(rule.text);
      const bool untracks =
          std::ranges::any_of(slice(ruleset_.parts, rule.parts), [](const RulePart& part) {
            const auto* statement = std::get_if<Statement>(&part.what);
            return statement != nullptr && std::holds_alternative<NotrackStatement>(*statement);
          });
      if (untracks) marks.notrack.push_back(rule.text);
    }
    return marks;
  }

  [[nodiscard]] Station station_of(ChainId chain, bool is_nat) const {
    Station station;
    station.priority = ruleset_[chain].base->priority;
    station.chain = chain;
    station.is_nat = is_nat;
    station.marks = marks_of(chain);
    for (const ChainId called : with_called_chains(ruleset_, {chain})) {
      if (called != chain) station.called.push_back({called, marks_of(called)});
    }
    station.holds_notrack = !station.marks.notrack.empty() ||
                            std::ranges::any_of(station.called, [](const CalledChain& called) {
                              return !called.marks.notrack.empty();
                            });
    if (station.called.size() > most_called + 1) fold(station);
    return station;
  }

  void fold(Station& station) const {
    std::ranges::stable_sort(station.called, {}, [](const CalledChain& called) {
      return called.marks.forcing.empty() && called.marks.notrack.empty();
    });
    for (std::size_t i = most_called; i < station.called.size(); ++i) {
      ++station.further;
      station.further_rules += ruleset_[station.called[i].chain].rules.size();
    }
    station.called.resize(most_called);
  }

  void find_elsewhere() {
    for (const HookWay& way : ways_.hooks) {
      for (const Station& station : way.stations) {
        if (station.kind != Station::Kind::chain) continue;
        is_drawn_[station.chain.index()] = true;
        for (const CalledChain& called : station.called) is_drawn_[called.chain.index()] = true;
      }
    }
    for (std::size_t i = 0; i < is_forcing_.size(); ++i) {
      if (!is_forcing_[i]) continue;
      const Rule& rule = ruleset_.rules[i];
      if (rule.chain.names_something() && is_drawn_[rule.chain.index()]) continue;
      ways_.elsewhere.push_back(rule.text);
    }
  }

  void find_what_is_seen() {
    for (HookWay& way : ways_.hooks) {
      const bool is_ahead = way.hook == Hook::ingress;
      const bool begins = way.hook == Hook::prerouting || way.hook == Hook::output;
      bool is_mixed = notrack_from_outside_ || notrack_from_here_;
      if (way.hook == Hook::output) is_mixed = notrack_from_here_;
      if (way.hook == Hook::prerouting || way.hook == Hook::input || way.hook == Hook::forward) {
        is_mixed = notrack_from_outside_;
      }
      for (Station& station : way.stations) {
        const bool is_before = is_ahead || (begins && station.priority < tracking_priority);
        if (is_unforced()) {
          station.seen = Seen::untracked;
        } else if (is_before) {
          station.seen = Seen::not_yet;
        } else if (family_.state == TrackingState::unknown) {
          station.seen = Seen::not_known;
        } else {
          station.seen = is_mixed ? Seen::mixed : Seen::tracked;
        }
      }
    }
  }

  const Ruleset& ruleset_;
  const FamilyVerdict& family_;
  std::vector<bool> is_forcing_;  // by RuleId
  std::vector<bool> is_drawn_;    // by ChainId
  // NOTRACK stands where it works: in front of connection tracking.
  bool notrack_from_outside_ = false;
  bool notrack_from_here_ = false;
  Ways ways_;
};

}  // namespace

const HookWay* find_hook(const Ways& ways, Hook hook) {
  const auto at = std::ranges::find(ways.hooks, hook, &HookWay::hook);
  return at == ways.hooks.end() ? nullptr : &*at;
}

std::vector<Ways> find_ways(const AuditReport& report) {
  std::vector<Ways> found;
  for (const FamilyVerdict& family : report.families) {
    Ways ways = Finder(report, family).find();
    if (!found.empty() && is_same(found.front(), ways)) {
      found.front().versions = found.front().versions | family.version;
    } else {
      found.push_back(std::move(ways));
    }
  }
  return found;
}

std::vector<std::string> not_on_the_way(const AuditReport& report) {
  std::vector<std::string> said;
  for (const Table& table : report.ruleset.tables) {
    const std::string name = fmt::format("{} {}", to_text(table.family), table.name);
    if (table.is_dormant) {
      said.push_back(fmt::format("Table {} is dormant: no packet meets it.", name));
    } else if (table.family == Family::bridge || table.family == Family::arp) {
      said.push_back(fmt::format("Table {} is of another way, which is not drawn.", name));
    }
  }
  return said;
}

}  // namespace untrack::html
