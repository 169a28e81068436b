#include "analysis/difference/changed_rules.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/text_hash.hpp"

namespace untrack {
namespace {

class RulePairs {
 public:
  RulePairs(const Program& before, const Program& after)
      : old_(before), new_(after), partners_(before.ruleset().chains.size()) {
    changed_[0].resize(before.ruleset().rules.size());
    changed_[1].resize(after.ruleset().rules.size());
  }

  std::optional<RulesOfBoth> find() {
    const bool is_judged_alike = old_.tracks() == new_.tracks() &&
                                 old_.reassembles() == new_.reassembles() &&
                                 old_.obeys_notrack() == new_.obeys_notrack() &&
                                 old_.template_variable() == new_.template_variable();
    if (!is_judged_alike || !pair_chains() || !has_same_runs()) return std::nullopt;
    for (std::size_t i = 0; i < partners_.size(); ++i) {
      if (partners_[i].names_something()) compare(ChainId(i), partners_[i]);
    }
    return std::move(changed_);
  }

 private:
  // A table, by what tells it from others.
  using TableKey = std::tuple<Family, Language, std::string_view>;

  [[nodiscard]] static bool is_seen(const Table& table, const Program& program) {
    return !table.is_dormant && ip_versions(table.family).has(program.version());
  }

  // False: a name is of two tables, or of two chains of one table.
  bool pair_chains() {
    std::map<TableKey, const Table*> old_tables;
    for (const Table& table : old_.ruleset().tables) {
      if (!is_seen(table, old_)) continue;
      if (!old_tables.try_emplace({table.family, table.language, table.name}, &table).second) {
        return false;
      }
    }
    std::map<TableKey, bool> known;
    for (const Table& table : new_.ruleset().tables) {
      if (!is_seen(table, new_)) continue;
      const TableKey key{table.family, table.language, table.name};
      if (!known.try_emplace(key, true).second) return false;
      const auto old = old_tables.find(key);
      if (old != old_tables.end() && !pair_chains(*old->second, table)) return false;
    }
    return true;
  }

  bool pair_chains(const Table& old_table, const Table& new_table) {
    std::unordered_map<std::string_view, ChainId> by_name;
    by_name.reserve(old_table.chains.size());
    for (const ChainId chain : old_table.chains) {
      if (!by_name.try_emplace(old_.ruleset()[chain].name, chain).second) return false;
    }
    for (const ChainId chain : new_table.chains) {
      const auto at = by_name.find(new_.ruleset()[chain].name);
      if (at == by_name.end()) continue;
      ChainId& partner = partners_[at->second.index()];
      if (partner.names_something()) return false;
      partner = chain;
    }
    return true;
  }

  // The same base chains in the same order on each way, with the same policies.
  [[nodiscard]] bool has_same_runs() const {
    return std::ranges::all_of(all_paths, [&](Path path) {
      return std::ranges::equal(old_.runs(path), new_.runs(path), [&](const Run& a, const Run& b) {
        return partners_[a.chain.index()] == b.chain && a.hook == b.hook &&
               a.is_before_conntrack == b.is_before_conntrack && a.is_nat == b.is_nat &&
               old_.ruleset()[a.chain].base->policy == new_.ruleset()[b.chain].base->policy;
      });
    });
  }

  using Rules = std::span<const RuleId>;

  void compare(ChainId old_chain, ChainId new_chain) {
    Rules left(old_.ruleset()[old_chain].rules);
    Rules right(new_.ruleset()[new_chain].rules);
    take_equal_ends(left, right);
    if (left.empty() || right.empty()) return mark(left, right);
    // Rules of which there is one in each, as far as they stand in one order; between them the ends
    // that are equal.
    struct Twin {
      std::size_t left = 0;
      std::size_t right = 0;
    };
    std::unordered_map<std::uint64_t, std::array<std::vector<std::size_t>, 2>> places;
    for (std::size_t i = 0; i < left.size(); ++i) {
      places[hash_of(old_.ruleset(), left[i])][0].push_back(i);
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
      places[hash_of(new_.ruleset(), right[i])][1].push_back(i);
    }
    std::vector<Twin> twins;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto& [here, there] = places[hash_of(old_.ruleset(), left[i])];
      if (here.size() == 1 && there.size() == 1 && is_same(left[i], right[there.front()])) {
        twins.push_back({i, there.front()});
      }
    }
    // The longest run of twins that rises on both sides.
    std::vector<std::size_t> tails;  // of twins: the last of the best run of each length
    std::vector<std::size_t> before(twins.size());
    for (std::size_t i = 0; i < twins.size(); ++i) {
      const auto at = std::ranges::lower_bound(tails, twins[i].right, {},
                                               [&](std::size_t t) { return twins[t].right; });
      before[i] = at == tails.begin() ? i : *(at - 1);
      if (at == tails.end()) {
        tails.push_back(i);
      } else {
        *at = i;
      }
    }
    std::vector<Twin> kept(tails.size());
    std::size_t twin = tails.empty() ? 0 : tails.back();
    for (std::size_t i = kept.size(); i-- > 0; twin = before[twin]) kept[i] = twins[twin];
    kept.push_back({left.size(), right.size()});
    Twin from;
    for (const Twin& next : kept) {
      Rules a = left.subspan(from.left, next.left - from.left);
      Rules b = right.subspan(from.right, next.right - from.right);
      take_equal_ends(a, b);
      mark(a, b);
      from = {next.left + 1, next.right + 1};
    }
  }

  void take_equal_ends(Rules& left, Rules& right) {
    while (!left.empty() && !right.empty() && is_same(left.front(), right.front())) {
      left = left.subspan(1);
      right = right.subspan(1);
    }
    while (!left.empty() && !right.empty() && is_same(left.back(), right.back())) {
      left = left.first(left.size() - 1);
      right = right.first(right.size() - 1);
    }
  }

  void mark(Rules left, Rules right) {
    for (const RuleId rule : left) changed_[0][rule.index()] = true;
    for (const RuleId rule : right) changed_[1][rule.index()] = true;
  }

  // Equal for most rules that are the same; what it says is looked at again.
  static std::uint64_t hash_of(const Ruleset& ruleset, RuleId rule) {
    std::uint64_t hash = 0;
    const auto add = [&](std::uint64_t value) {
      hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 29U;
    };
    for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
      add(part.what.index());
      if (const auto* match = std::get_if<Match>(&part.what)) {
        add(match->index());
        if (const auto* test = std::get_if<FieldTest>(match)) {
          add(static_cast<std::uint64_t>(test->field));
          for (const Interval& values : slice(ruleset.intervals, test->values)) {
            for (const Number end : {values.first, values.last}) {
              add(static_cast<std::uint64_t>(end));
              add(static_cast<std::uint64_t>(end >> 64U));
            }
          }
        } else if (const auto* names = std::get_if<NameTest>(match)) {
          for (const NamePattern& name : slice(ruleset.names, names->names)) {
            add(text_hash(name.text));
          }
        }
      } else {
        const auto& statement = std::get<Statement>(part.what);
        add(statement.index());
        if (const auto* jump = std::get_if<JumpStatement>(&statement)) {
          add(text_hash(jump->chain_name));
        }
      }
    }
    return hash;
  }

  bool is_same(RuleId left, RuleId right) {
    const auto a = old_.ruleset()[left].parts;
    const auto b = new_.ruleset()[right].parts;
    if (a.count != b.count) return false;
    for (std::uint32_t i = 0; i < a.count; ++i) {
      if (!is_same_part(a.first + i, b.first + i)) return false;
    }
    return true;
  }

  bool is_same_part(std::uint32_t left, std::uint32_t right) {
    const RulePart& a = old_.ruleset().parts[left];
    const RulePart& b = new_.ruleset().parts[right];
    if (a.what.index() != b.what.index() || old_.kind(left) != new_.kind(right) ||
        old_.variable(left) != new_.variable(right)) {
      return false;
    }
    if (a.construct.names_something() != b.construct.names_something()) return false;
    if (a.construct.names_something()) {
      const Construct& of_a = old_.ruleset()[a.construct];
      const Construct& of_b = new_.ruleset()[b.construct];
      if (of_a.extension != of_b.extension || of_a.language != of_b.language) return false;
    }
    if (const auto* match = std::get_if<Match>(&a.what)) {
      return is_same_match(*match, std::get<Match>(b.what));
    }
    return is_same_statement(std::get<Statement>(a.what), std::get<Statement>(b.what));
  }

  bool is_same_match(const Match& left, const Match& right) {
    if (left.index() != right.index()) return false;
    return std::visit(
        [&](const auto& test) {
          return is_same(test, std::get<std::decay_t<decltype(test)>>(right));
        },
        left);
  }

  bool is_same_statement(const Statement& left, const Statement& right) {
    if (left.index() != right.index()) return false;
    return std::visit(
        [&](const auto& what) {
          return is_same(what, std::get<std::decay_t<decltype(what)>>(right));
        },
        left);
  }

  [[nodiscard]] bool is_same(const PoolRange<Interval>& a, const PoolRange<Interval>& b) const {
    return std::ranges::equal(slice(old_.ruleset().intervals, a),
                              slice(new_.ruleset().intervals, b));
  }
  [[nodiscard]] bool is_same(const FieldTest& a, const FieldTest& b) const {
    return a.field == b.field && a.negated == b.negated && a.mask == b.mask &&
           is_same(a.values, b.values);
  }
  [[nodiscard]] bool is_same(const NameTest& a, const NameTest& b) const {
    return a.field == b.field && a.negated == b.negated &&
           std::ranges::equal(slice(old_.ruleset().names, a.names),
                              slice(new_.ruleset().names, b.names),
                              [](const NamePattern& x, const NamePattern& y) {
                                return x.text == y.text && x.is_prefix == y.is_prefix;
                              });
  }
  static bool is_same(const StateTest& a, const StateTest& b) {
    return a.states == b.states && a.negated == b.negated;
  }
  bool is_same(const SetTest& a, const SetTest& b) {
    return a.set_name == b.set_name && a.fields == b.fields && a.field_count == b.field_count &&
           a.negated == b.negated && a.dimension_count == b.dimension_count &&
           a.destination_dimensions == b.destination_dimensions && is_same(a.set, b.set);
  }
  static bool is_same(const FamilyTest& a, const FamilyTest& b) {
    return a.ip_versions == b.ip_versions;
  }
  static bool is_same(const OpaqueTest& a, const OpaqueTest& b) {
    return a.key == b.key && a.negated == b.negated && a.has_history == b.has_history;
  }
  static bool is_same(const VerdictStatement& a, const VerdictStatement& b) {
    return a.verdict == b.verdict;
  }
  [[nodiscard]] bool is_same(const JumpStatement& a, const JumpStatement& b) const {
    if (a.is_goto != b.is_goto || a.chain_name != b.chain_name) return false;
    if (!a.chain.names_something() || !b.chain.names_something()) return a.chain == b.chain;
    return partners_[a.chain.index()] == b.chain;
  }
  static bool is_same(const RejectStatement& a, const RejectStatement& b) {
    return a.with == b.with;
  }
  [[nodiscard]] bool is_same(const NatStatement& a, const NatStatement& b) const {
    return a.kind == b.kind && is_same(a.addresses, b.addresses) && is_same(a.ports, b.ports);
  }
  static bool is_same(const NotrackStatement&, const NotrackStatement&) { return true; }
  static bool is_same(const MarkStatement& a, const MarkStatement& b) {
    return a.value == b.value && a.mask == b.mask;
  }
  static bool is_same(const ConntrackStatement& a, const ConntrackStatement& b) {
    return a.what == b.what && a.value == b.value;
  }
  static bool is_same(const PassiveStatement&, const PassiveStatement&) { return true; }
  bool is_same(const VerdictMapStatement& a, const VerdictMapStatement& b) {
    return a.opaque_key == b.opaque_key && a.has_history == b.has_history && is_same(a.key, b.key);
  }
  [[nodiscard]] bool is_same(const OpaqueStatement& a, const OpaqueStatement& b) const {
    return a.key == b.key && a.may_end == b.may_end && a.writes == b.writes &&
           is_same(a.value, b.value);
  }

  // Whatever looks into the one finds the same in the other.
  bool is_same(SetId a, SetId b) {
    if (!a.names_something() || !b.names_something()) return a == b;
    const auto known = sets_.find({a, b});
    if (known != sets_.end()) return known->second;
    const NamedSet& x = old_.ruleset()[a];
    const NamedSet& y = new_.ruleset()[b];
    const auto is_same_verdict = [&](const Statement& p, const Statement& q) {
      return is_same_statement(p, q);
    };
    const bool is_equal = x.kind == y.kind && x.type == y.type && x.family == y.family &&
                          x.fields == y.fields && x.is_dynamic == y.is_dynamic &&
                          x.contents_known == y.contents_known && x.keys == y.keys &&
                          x.words == y.words && x.is_exception == y.is_exception &&
                          std::ranges::equal(x.verdicts, y.verdicts, is_same_verdict) &&
                          x.otherwise.has_value() == y.otherwise.has_value() &&
                          (!x.otherwise || is_same_statement(*x.otherwise, *y.otherwise));
    sets_[{a, b}] = is_equal;
    return is_equal;
  }

  const Program& old_;
  const Program& new_;
  std::vector<ChainId> partners_;  // in the new ruleset, by ChainId of the old one
  RulesOfBoth changed_;
  std::map<std::pair<SetId, SetId>, bool> sets_;
};

}  // namespace

std::optional<RulesOfBoth> changed_rules(const Program& before, const Program& after) {
  return RulePairs(before, after).find();
}

}  // namespace untrack
