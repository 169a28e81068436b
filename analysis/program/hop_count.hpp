// TTL and hop limit are one less behind routing, for what is forwarded (ip_forward, ip_forward.c;
// ip6_forward, ip6_output.c, 6.1; seen on 6.18). Used by Program, for which a packet has one of
// them alone.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "model/jumps.hpp"
#include "model/ruleset.hpp"

namespace untrack {

class HopCount {
 public:
  HopCount(const Ruleset& ruleset, IpVersion version) : ruleset_(ruleset), version_(version) {}

  // Whether rules ask for it both ahead of routing and where packets are that were forwarded.
  [[nodiscard]] bool is_asked_on_both_sides() const {
    const bool is_asked_at_all =
        std::ranges::any_of(ruleset_.parts, [&](const RulePart& part) { return asks(part); });
    return is_asked_at_all && is_asked_behind([](Hook hook) { return hook == Hook::prerouting; }) &&
           is_asked_behind(
               [](Hook hook) { return hook == Hook::forward || hook == Hook::postrouting; });
  }

 private:
  static bool has_hops(const SetTest& key) {
    const auto fields = std::span(key.fields).first(key.field_count);
    return std::ranges::find(fields, Field::ttl) != fields.end();
  }

  [[nodiscard]] bool asks(const RulePart& part) const {
    if (const auto* statement = std::get_if<Statement>(&part.what)) {
      const auto* map = std::get_if<VerdictMapStatement>(statement);
      return map != nullptr && has_hops(ruleset_[*map].key);
    }
    const auto& match = std::get<Match>(part.what);
    if (const auto* field = std::get_if<FieldTest>(&match)) return field->field == Field::ttl;
    const auto* set = std::get_if<SetTest>(&match);
    return set != nullptr && has_hops(*set);
  }

  // In the base chains of such hooks, or in what they call.
  template <class Wanted>
  [[nodiscard]] bool is_asked_behind(Wanted wanted) const {
    std::vector<bool> met(ruleset_.chains.size());
    std::vector<ChainId> open;
    const auto add = [&](ChainId chain) {
      if (!chain.names_something() || met[chain.index()]) return;
      met[chain.index()] = true;
      open.push_back(chain);
    };
    for (const Table& table : ruleset_.tables) {
      if (table.is_dormant || !ip_versions(table.family).has(version_)) continue;
      for (const ChainId chain : table.chains) {
        const auto& base = ruleset_[chain].base;
        if (base && wanted(base->hook)) add(chain);
      }
    }
    while (!open.empty()) {
      const ChainId chain = open.back();
      open.pop_back();
      for (const RuleId rule : ruleset_[chain].rules) {
        for (const RulePart& part : slice(ruleset_.parts, ruleset_[rule].parts)) {
          if (asks(part)) return true;
          const auto* statement = std::get_if<Statement>(&part.what);
          if (statement == nullptr) continue;
          for_each_jump(ruleset_, *statement, [&](const JumpStatement& jump) { add(jump.chain); });
        }
      }
    }
    return false;
  }

  const Ruleset& ruleset_;
  IpVersion version_;
};

[[nodiscard]] inline bool asks_hops_on_both_sides(const Ruleset& ruleset, IpVersion version) {
  return HopCount(ruleset, version).is_asked_on_both_sides();
}

}  // namespace untrack
