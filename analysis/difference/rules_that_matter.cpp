// Which rules bear on what two rulesets decide differently: those that may match a packet that a
// changed rule may match, told by boxes. Apart from changed_rules.cpp, which says what has changed.
#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/local/rule_boxes.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_boxes = 512;         // of the changed rules
constexpr std::size_t most_tests = 50'000'000;  // of boxes against boxes

// What rules on the way may have changed of a packet before it meets the rule: its boxes say
// nothing of that then. (Not the state: behind conntrack every rule sees the same one, and a rule
// that decides which one it is stands in front of conntrack, where boxes say nothing of states.)
enum Forgotten : unsigned {
  interfaces = 1,
  destination = 2,
  addresses = 4,  // with everything that comes with them
};

struct Sight {
  BoxView view;
  unsigned forgotten = 0;
  friend bool operator==(const Sight&, const Sight&) = default;
};

constexpr Field interface_fields[] = {Field::in_interface, Field::out_interface};
constexpr Field destination_fields[] = {Field::destination_address, Field::destination_port,
                                        Field::destination_type};
constexpr Field address_fields[] = {
    Field::source_address, Field::destination_address, Field::source_port,  Field::destination_port,
    Field::source_type,    Field::destination_type,    Field::out_interface};

void forget(unsigned what, RangeBox& box) {
  const auto remove = [&](unsigned bit, std::span<const Field> fields) {
    if ((what & bit) == 0) return;
    for (const Field field : fields) box.forget(field);
  };
  remove(Forgotten::interfaces, interface_fields);
  remove(Forgotten::destination, destination_fields);
  remove(Forgotten::addresses, address_fields);
}

// How the rules of each chain of a program may meet a packet.
class ChainSights {
 public:
  ChainSights(const Program& program, const RuleSurvey& survey, bool has_notrack)
      : program_(program), has_notrack_(has_notrack), sights_(program.ruleset().chains.size()) {
    collect(survey);
    for (const Path path : all_paths) follow(path);
  }

  [[nodiscard]] std::span<const Sight> of(ChainId chain) const { return sights_[chain.index()]; }
  // The rules that may send packets to the chain.
  [[nodiscard]] std::span<const RuleId> callers_of(ChainId chain) const {
    return callers_[chain.index()];
  }

 private:
  void collect(const RuleSurvey& survey) {
    const Ruleset& ruleset = program_.ruleset();
    calls_.resize(ruleset.chains.size());
    changes_destination_.resize(ruleset.chains.size());
    callers_.resize(ruleset.chains.size());
    const auto add = [&](RuleId rule, ChainId to) {
      const ChainId from = ruleset[rule].chain;
      if (!from.names_something() || !to.names_something()) return;
      calls_[from.index()].push_back(to);
      callers_[to.index()].push_back(rule);
    };
    for (const auto& [rule, to] : survey.jumps) add(rule, to);
    for (const RuleId rule : survey.special) {
      const ChainId chain = ruleset[rule].chain;
      if (!chain.names_something()) continue;
      for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        if (statement == nullptr) continue;
        sets_addresses_ = sets_addresses_ || program_.followed_address(*statement).has_value();
        if (std::holds_alternative<NatStatement>(*statement)) {
          changes_destination_[chain.index()] = true;
        }
        for_each_jump(ruleset, *statement,
                      [&](const JumpStatement& jump) { add(rule, jump.chain); });
      }
    }
  }

  void follow(Path path) {
    bool is_translated = false;
    for (const Run& run : program_.runs(path)) {
      Sight sight{{run.sees_out_interface(), run.is_before_conntrack}, 0};
      // Over loopback, what NOTRACK did on the way out counts on the way in.
      if (has_notrack_ && run.is_before_conntrack) sight.forgotten |= interfaces;
      if (is_translated) sight.forgotten |= destination;
      if (sets_addresses_) sight.forgotten |= addresses;
      // A translated packet has left the chain.
      is_translated = reach(run.chain, sight) || is_translated;
    }
  }

  // Whether something there translates.
  bool reach(ChainId base, const Sight& sight) {
    bool translates = false;
    std::vector<bool> is_seen(calls_.size());
    std::vector<ChainId> open{base};
    is_seen[base.index()] = true;
    while (!open.empty()) {
      const ChainId chain = open.back();
      open.pop_back();
      auto& sights = sights_[chain.index()];
      if (std::ranges::find(sights, sight) == sights.end()) sights.push_back(sight);
      translates = translates || changes_destination_[chain.index()];
      for (const ChainId next : calls_[chain.index()]) {
        if (is_seen[next.index()]) continue;
        is_seen[next.index()] = true;
        open.push_back(next);
      }
    }
    return translates;
  }

  const Program& program_;
  bool has_notrack_;
  bool sets_addresses_ = false;
  std::vector<std::vector<ChainId>> calls_;
  std::vector<std::vector<RuleId>> callers_;
  std::vector<bool> changes_destination_;
  std::vector<std::vector<Sight>> sights_;
};

bool has_notrack(const Ruleset& ruleset, const RuleSurvey& survey) {
  return std::ranges::any_of(survey.special, [&](RuleId rule) {
    return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), [](const RulePart& part) {
      const auto* statement = std::get_if<Statement>(&part.what);
      return statement != nullptr && std::holds_alternative<NotrackStatement>(*statement);
    });
  });
}

// The least range of a field that holds what the box asks of it.
Interval hull_of(const RangeBox& box, Field field, unsigned width) {
  const Number last = width >= 128 ? ~Number{0} : (Number{1} << width) - 1;
  const Ranges* side = box.side(field);
  return side == nullptr || side->empty() ? Interval{0, last} : side->hull();
}

AddressKey key_of(const RangeBox& box, IpVersion version) {
  const unsigned width = width_of(Field::source_address, version);
  const auto upper = [&](Number address) {
    return static_cast<std::uint32_t>(address >> (width - 32));
  };
  const Interval source = hull_of(box, Field::source_address, width);
  const Interval destination = hull_of(box, Field::destination_address, width);
  return {upper(source.first), upper(source.last), upper(destination.first),
          upper(destination.last)};
}

// One program with what is asked of its rules.
class Side {
 public:
  Side(const Program& program, const RuleSurvey& survey, const Program& other, bool has_notrack)
      : ruleset_(program.ruleset()),
        survey_(survey),
        boxes_(program, &other.ruleset(), &survey),
        sights_(program, survey, has_notrack) {}

  // The keys of rules where they are also those of packets as they enter their way; or nullptr.
  [[nodiscard]] const AddressKey* keys_of(std::span<const Sight> sights) const {
    const bool is_kept =
        !survey_.keys.empty() && std::ranges::all_of(sights, [](const Sight& sight) {
          return (sight.forgotten & (Forgotten::destination | Forgotten::addresses)) == 0;
        });
    return is_kept ? survey_.keys.data() : nullptr;
  }

  // Some of the packets of `box` may come to the chain, as far as the rules tell that lead to it.
  // Into `coming` go boxes that hold those that do.
  void come_to(ChainId chain, const Sight& sight, const RangeBox& box,
               std::vector<RangeBox>& coming) {
    for (const RangeBox& entry : entering(chain, sight, 0)) {
      RangeBox both = box;
      if (both.restrict(entry)) coming.push_back(std::move(both));
    }
  }

  // Calls visit(rule, chain, sight, box) for each box of each rule that `wanted(rule, key)` holds
  // true of; boxes hold every packet, as it enters its way, that the rule may match. Ends as soon
  // as it returns false.
  template <class Wanted, class Visit>
  bool for_each_box(Wanted&& wanted, Visit&& visit) {
    for (std::size_t i = 0; i < ruleset_.chains.size(); ++i) {
      const auto sights = sights_.of(ChainId(i));
      if (sights.empty()) continue;
      const AddressKey* const keys = keys_of(sights);
      for (const RuleId rule : ruleset_.chains[i].rules) {
        if (!wanted(rule, keys == nullptr ? nullptr : keys + rule.index())) continue;
        for (const Sight& sight : sights) {
          boxes_.region_of(rule, sight.view, region_);
          for (RangeBox& box : region_.boxes) {
            forget(sight.forgotten, box);
            if (!visit(rule, ChainId(i), sight, box)) return false;
          }
        }
      }
    }
    return true;
  }

 private:
  // Boxes that hold every packet that may come to the chain; they may overlap. Made once for each
  // chain and sight.
  const std::vector<RangeBox>& entering(ChainId chain, const Sight& sight, std::size_t depth) {
    constexpr std::size_t most_entries = 8;
    constexpr std::size_t deepest = 16;
    const EntryKey key{chain, sight.view.has_out_interface, sight.view.is_before_conntrack,
                       sight.forgotten};
    const auto known = entries_.find(key);
    if (known != entries_.end()) return known->second;
    // Chains that come back to each other, which the kernel refuses, end here.
    entries_.emplace(key, std::vector<RangeBox>(1));
    std::vector<RangeBox> all;
    const auto callers = sights_.callers_of(chain);
    bool is_told = !ruleset_[chain].base && callers.size() <= most_entries && depth < deepest;
    RuleRegion region;
    for (std::size_t i = 0; i < callers.size() && is_told; ++i) {
      boxes_.region_of(callers[i], sight.view, region);
      // By value: more entries are made.
      const std::vector<RangeBox> before = entering(ruleset_[callers[i]].chain, sight, depth + 1);
      for (RangeBox& box : region.boxes) {
        forget(sight.forgotten, box);
        for (const RangeBox& entry : before) {
          RangeBox both = box;
          if (both.restrict(entry)) all.push_back(std::move(both));
        }
      }
      is_told = all.size() <= most_entries;
    }
    if (!is_told) all.assign(1, RangeBox());
    return entries_[key] = std::move(all);
  }

  using EntryKey = std::tuple<ChainId, bool, bool, unsigned>;

  std::map<EntryKey, std::vector<RangeBox>> entries_;
  const Ruleset& ruleset_;
  const RuleSurvey& survey_;
  RuleBoxes boxes_;
  ChainSights sights_;
  RuleRegion region_;
};

}  // namespace

std::optional<RulesOfBoth> rules_that_matter(const Program& before, const Program& after,
                                             const PairedRules& pairs) {
  auto changed = changed_rules(before, after, pairs);
  if (!changed) return std::nullopt;
  const auto& [old_survey, new_survey] = pairs.surveys;
  const bool notrack =
      has_notrack(before.ruleset(), old_survey) || has_notrack(after.ruleset(), new_survey);
  std::array<Side, 2> sides{Side(before, old_survey, after, notrack),
                            Side(after, new_survey, before, notrack)};
  std::vector<RangeBox> region;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    const RuleSet& rules = (*changed)[side];
    Side& here = sides[side];
    const bool is_worth_it = here.for_each_box(
        [&](RuleId rule, const AddressKey*) { return rules[rule.index()]; },
        [&](RuleId, ChainId chain, const Sight& sight, const RangeBox& box) {
          const std::size_t known = region.size();
          here.come_to(chain, sight, box, region);
          return region.size() <= most_boxes &&
                 std::ranges::none_of(std::span(region).subspan(known), [](const RangeBox& each) {
                   return each.sides().empty();  // any packet may be decided otherwise
                 });
        });
    if (!is_worth_it) return std::nullopt;
  }
  // Which boxes a rule cannot meet is mostly told by its addresses alone.
  std::vector<AddressKey> keys;
  keys.reserve(region.size());
  for (const RangeBox& box : region) keys.push_back(key_of(box, before.version()));
  std::size_t tests = 0;
  RulesOfBoth matter = *changed;
  std::vector<RangeBox> coming;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    RuleSet& rules = matter[side];
    Side& here = sides[side];
    const bool is_done = here.for_each_box(
        [&](RuleId rule, const AddressKey* key) {
          tests += key == nullptr ? 0 : keys.size();
          const bool may_meet =
              key == nullptr ||
              std::ranges::any_of(keys, [&](const AddressKey& each) { return key->meets(each); });
          return may_meet && !rules[rule.index()];
        },
        [&](RuleId rule, ChainId chain, const Sight& sight, const RangeBox& box) {
          tests += region.size();
          for (const RangeBox& changed_box : region) {
            if (rules[rule.index()]) break;
            if (!intersects(box, changed_box)) continue;
            RangeBox both = box;
            coming.clear();
            if (both.restrict(changed_box)) here.come_to(chain, sight, both, coming);
            if (!coming.empty()) rules[rule.index()] = true;
          }
          return tests <= most_tests;
        });
    if (!is_done) return std::nullopt;
  }
  // Where a chain is called otherwise, a rule may meet such packets in one ruleset alone; all other
  // packets have to find it in both, or in neither.
  for (const auto& [left, right] : pairs.twins) {
    const bool matters = matter[0][left.index()] || matter[1][right.index()];
    matter[0][left.index()] = matter[1][right.index()] = matters;
  }
  return matter;
}

bool RulesByKey::rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) {
  if (survey_.keys.empty()) return false;
  const AddressKey key = address_key(packet);
  rules.clear();
  for (const RuleId rule : ruleset_[chain].rules) {
    if (survey_.keys[rule.index()].meets(key)) rules.push_back(rule);
  }
  return true;
}

}  // namespace untrack
