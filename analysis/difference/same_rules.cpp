#include "analysis/difference/same_rules.hpp"

#include <algorithm>

#include "analysis/program/deeds.hpp"
#include "model/text_hash.hpp"

namespace untrack {

namespace {

// Targets whose words alone say what they do.
bool is_told_by_words(const Construct& construct) {
  if (is_deed(construct)) return true;
  return construct.extension != nullptr &&
         (construct.extension->name == "SET" || construct.extension->name == "set update");
}

bool have_same_words(const Ruleset& before, const Construct& a, const Ruleset& after,
                     const Construct& b) {
  const bool is_same_letter_by_letter =
      std::ranges::equal(slice(before.options, a.options), slice(after.options, b.options),
                         [](const OptionUse& one, const OptionUse& other) {
                           return one.row == other.row && one.name == other.name &&
                                  one.negated == other.negated && one.value == other.value;
                         });
  return is_same_letter_by_letter || deed_text(before, a) == deed_text(after, b);
}

}  // namespace

class SameRules::Comparison {
 public:
  explicit Comparison(SameRules& all)
      : old_(all.old_),
        new_(all.new_),
        old_ipsets_(all.old_ipsets_),
        new_ipsets_(all.new_ipsets_),
        partners_(all.partners_),
        sets_(all.sets_) {}

  bool is_same(RuleId left, RuleId right) {
    const auto a = old_[left].parts;
    const auto b = new_[right].parts;
    if (a.count != b.count) return false;
    for (std::uint32_t i = 0; i < a.count; ++i) {
      if (!is_same_part(old_.parts[a.first + i], new_.parts[b.first + i])) return false;
    }
    return true;
  }

 private:
  bool is_same_part(const RulePart& a, const RulePart& b) {
    if (a.what.index() != b.what.index()) return false;
    if (a.construct.names_something() != b.construct.names_something()) return false;
    if (a.construct.names_something()) {
      const Construct& of_a = old_[a.construct];
      const Construct& of_b = new_[b.construct];
      if (of_a.extension != of_b.extension || of_a.language != of_b.language) return false;
      if (is_told_by_words(of_a) && !have_same_words(old_, of_a, new_, of_b)) return false;
      if (!is_same_ipset(ipset_question(old_, a).name, ipset_question(new_, b).name)) return false;
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
    return std::ranges::equal(slice(old_.intervals, a), slice(new_.intervals, b));
  }
  [[nodiscard]] bool is_same(const FieldTest& a, const FieldTest& b) const {
    return a.field == b.field && a.negated == b.negated && a.mask == b.mask &&
           is_same(a.values, b.values);
  }
  [[nodiscard]] bool is_same(const NameTest& a, const NameTest& b) const {
    return a.field == b.field && a.negated == b.negated &&
           std::ranges::equal(slice(old_.names, a.names), slice(new_.names, b.names),
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
  static bool is_same(const PassiveStatement& a, const PassiveStatement& b) {
    return a.what == b.what;
  }
  bool is_same(const VerdictMapStatement& p, const VerdictMapStatement& q) {
    const MapLookup& a = old_[p];
    const MapLookup& b = new_[q];
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
    const NamedSet& x = old_[a];
    const NamedSet& y = new_[b];
    const auto is_same_verdict = [&](const Statement& p, const Statement& q) {
      return is_same_statement(p, q);
    };
    const bool is_equal =
        x.kind == y.kind && x.type == y.type && x.family == y.family && x.fields == y.fields &&
        x.is_dynamic == y.is_dynamic && x.bounds == y.bounds &&
        x.contents_known == y.contents_known && x.keys == y.keys && x.words == y.words &&
        x.is_exception == y.is_exception &&
        std::ranges::equal(x.verdicts, y.verdicts, is_same_verdict) &&
        x.otherwise.has_value() == y.otherwise.has_value() &&
        (!x.otherwise || is_same_statement(*x.otherwise, *y.otherwise)) && have_same_members(x);
    sets_[{a, b}] = is_equal;
    return is_equal;
  }

  // Of two sets of sets with the same words. None is a member of another.
  bool have_same_members(const NamedSet& list) {
    return list.type != "list:set" || std::ranges::all_of(list.words, [&](std::string_view name) {
             const SetId id = old_ipsets_.find(name);
             if (id.names_something() && old_[id].type == "list:set") return false;
             return is_same_ipset(name, name);
           });
  }

  bool is_same_ipset(std::string_view a, std::string_view b) {
    return a == b && is_same(old_ipsets_.find(a), new_ipsets_.find(b));
  }

  const Ruleset& old_;
  const Ruleset& new_;
  const IpsetNames& old_ipsets_;
  const IpsetNames& new_ipsets_;
  const std::vector<ChainId>& partners_;
  std::map<std::pair<SetId, SetId>, bool>& sets_;
};

bool SameRules::are_same(RuleId before, RuleId after) {
  return Comparison(*this).is_same(before, after);
}

std::uint64_t SameRules::hash_of(const Ruleset& ruleset, RuleId rule) {
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

}  // namespace untrack
