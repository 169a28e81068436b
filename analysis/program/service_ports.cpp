#include "analysis/program/service_ports.hpp"

#include <algorithm>
#include <optional>

#include "analysis/packet/packet.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

bool holds(const Interval& range, Number value) {
  return value >= range.first && value <= range.last;
}

bool is_port_of_destination(Field field) {
  return field == Field::destination_port || field == Field::either_port;
}

class Finder {
 public:
  Finder(const Ruleset& ruleset, IpVersion version, const Interval& clients)
      : ruleset_(ruleset), version_(version), clients_(clients), seen_(ruleset.chains.size()) {}

  ServicePorts find() {
    for (const Table& table : ruleset_.tables) {
      if (table.is_dormant || !ip_versions(table.family).has(version_)) continue;
      for (const ChainId chain : table.chains) {
        const auto& base = ruleset_[chain].base;
        if (base && base->hook == Hook::input && base->type != ChainType::nat) enter(chain);
      }
    }
    while (!open_.empty()) {
      const ChainId chain = open_.back();
      open_.pop_back();
      for (const RuleId rule : ruleset_[chain].rules) look_at(ruleset_[rule]);
    }
    ServicePorts found;
    found.few = joined(std::move(few_));
    Number count = 0;
    for (const Interval& range : found.few) count += range.last - range.first + 1;
    more_.insert(more_.end(), found.few.begin(), found.few.end());
    found.all = joined(std::move(more_));
    if (count > most_service_ports) found.few.clear();
    return found;
  }

 private:
  void enter(ChainId chain) {
    if (!chain.names_something() || seen_[chain.index()]) return;
    seen_[chain.index()] = true;
    open_.push_back(chain);
  }

  // The words of a rule, as far as they are about ports.
  struct Names {
    std::vector<Interval> ports;
    bool is_about_services = true;  // else about answers, or about nothing of UDP
    bool lets_in = false;           // itself, or where it leads
  };

  void look_at(const Rule& rule) {
    Names names;
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      if (const auto* match = std::get_if<Match>(&part.what)) {
        look_at(*match, names);
        continue;
      }
      const auto& statement = std::get<Statement>(part.what);
      for_each_jump(ruleset_, statement, [&](const JumpStatement& jump) {
        enter(jump.chain);
        names.lets_in = true;
      });
      if (const auto* verdict = std::get_if<VerdictStatement>(&statement)) {
        names.lets_in = names.lets_in || verdict->verdict == Verdict::accept;
      }
      if (const auto* map = std::get_if<VerdictMapStatement>(&statement)) {
        names.lets_in = true;
        look_at(ruleset_[*map].key, names);
      }
    }
    if (!names.is_about_services) return;
    for (const Interval& range : names.ports) add(range, names.lets_in);
  }

  void add(const Interval& range, bool lets_in) {
    const Interval here{std::max(range.first, clients_.first), std::min(range.last, clients_.last)};
    if (here.first > here.last) return;
    // Most of what clients use is no service.
    const auto count = [](const Interval& ports) { return ports.last - ports.first + 1; };
    if (2 * count(here) > count(clients_)) return;
    if (is_one_by_one(range)) {
      few_.push_back(here);
    } else if (lets_in) {
      more_.push_back(here);
    }
  }

  void look_at(const Match& match, Names& names) const {
    if (const auto* test = std::get_if<FieldTest>(&match)) {
      look_at(*test, names);
    } else if (const auto* set = std::get_if<SetTest>(&match)) {
      if (!set->negated) look_at(*set, names);
    } else if (const auto* state = std::get_if<StateTest>(&match)) {
      const bool has_new =
          state->states.has(CtState::new_) || state->states.has(CtState::untracked);
      if (has_new == state->negated) names.is_about_services = false;
    }
  }

  void look_at(const FieldTest& test, Names& names) const {
    const auto values = slice(ruleset_.intervals, test.values);
    if (test.field == Field::protocol) {
      const bool has_udp = std::ranges::any_of(
          values, [](const Interval& range) { return holds(range, ip_protocol::udp); });
      if (has_udp == test.negated) names.is_about_services = false;
      return;
    }
    if (test.negated || (test.mask & 0xffffU) != 0xffffU) return;
    if (test.field == Field::source_port) names.is_about_services = false;
    if (!is_port_of_destination(test.field)) return;
    names.ports.insert(names.ports.end(), values.begin(), values.end());
  }

  // Elements of a set; what rules put there at run time is not known, and names nothing.
  void look_at(const SetTest& test, Names& names) const {
    if (!test.set.names_something()) return;
    const NamedSet& set = ruleset_[test.set];
    const bool has_protocol = set.kind == SetKind::ipset && !set.type.starts_with("bitmap:port");
    for (std::size_t i = 0; i < set.keys.size() && !set.fields.empty(); ++i) {
      const std::size_t field = i % set.fields.size();
      if (field >= test.field_count || !is_port_of_destination(test.fields[field])) continue;
      Interval key = set.keys[i];
      if (has_protocol) {
        if (key.first >> 16U != ip_protocol::udp) continue;
        key = {key.first & 0xffffU, key.last & 0xffffU};
      }
      names.ports.push_back(key);
    }
  }

  static std::vector<Interval> joined(std::vector<Interval> ranges) {
    std::ranges::sort(ranges, {}, &Interval::first);
    std::vector<Interval> all;
    for (const Interval& range : ranges) {
      if (!all.empty() && range.first <= all.back().last + 1) {
        all.back().last = std::max(all.back().last, range.last);
      } else {
        all.push_back(range);
      }
    }
    return all;
  }

  const Ruleset& ruleset_;
  IpVersion version_;
  Interval clients_;
  std::vector<bool> seen_;  // by ChainId
  std::vector<ChainId> open_;
  std::vector<Interval> few_, more_;
};

}  // namespace

ServicePorts service_ports(const Ruleset& ruleset, IpVersion version, const Interval& clients) {
  return Finder(ruleset, version, clients).find();
}

std::vector<Interval> without_ports(const Interval& clients, const std::vector<Interval>& ports) {
  std::vector<Interval> left;
  Number next = clients.first;
  for (const Interval& range : ports) {
    if (range.last < next || range.first > clients.last) continue;
    if (range.first > next) left.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= clients.last) left.push_back({next, clients.last});
  return left;
}

}  // namespace untrack
