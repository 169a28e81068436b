#include "analysis/chain_shadows.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>

#include "analysis/overlap_index.hpp"
#include "analysis/plain_rules.hpp"
#include "analysis/walk/symbolic.hpp"

namespace untrack {
namespace {

// By which rules are told apart before anything is made of them.
constexpr std::array key_fields = {Field::source_address, Field::destination_address,
                                   Field::destination_port, Field::source_port};
using Key = std::array<Interval, key_fields.size()>;

// More than that overlap rules for everything, which are the last to be shadowed by single rules.
constexpr std::size_t most_candidates = 2'000;

constexpr std::size_t most_steps_of_a_rule = 50'000;

constexpr Interval everything{0, ~Number{0}};

bool overlap(const Interval& a, const Interval& b) {
  return a.first <= b.last && b.first <= a.last;
}

class Search {
 public:
  Search(const Program& program, std::size_t most_steps)
      : program_(program), ruleset_(program.ruleset()), most_steps_(most_steps) {
    const Program* programs[] = {&program};
    layout_ = std::make_unique<Layout>(programs, Distinctions{}, Order::source_first);
    found_.of_rule.resize(ruleset_.rules.size());
    lives_.resize(ruleset_.rules.size());
  }

  Shadows run() {
    renew();
    for (const Path path : all_paths) {
      for (const Run& run : program_.runs(path)) {
        View view = walk_->view_of(path, run);
        for (const bool is_seen : {false, true}) {
          if (is_seen && !run.is_before_conntrack) continue;
          view.is_seen = is_seen;
          for (const ChainId chain : walk_->called_first(run.chain)) visit(chain, view);
        }
      }
    }
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      if (lives_[i]) found_.of_rule[i].reset();
    }
    return std::move(found_);
  }

 private:
  // What tests mean in a chain depends on no more of its view than this.
  using Place = std::tuple<ChainId, bool, bool, bool>;
  static Place place_of(ChainId chain, const View& view) {
    return {chain, view.has_out_interface, view.is_before_conntrack, view.is_seen};
  }

  void renew() {
    diagram_ =
        std::make_unique<Diagram>(layout_->sizes(), DiagramLimits{.steps = most_steps_of_a_rule});
    walk_ = std::make_unique<SymbolicWalk>(program_, *layout_, *diagram_);
  }

  // Once for each place, behind what it calls.
  void visit(ChainId chain, const View& view) {
    const auto [at, is_new] = changes_packets_.try_emplace(place_of(chain, view), true);
    if (!is_new) return;
    if (changes_packets(chain, view)) {
      for (const RuleId rule : ruleset_[chain].rules) lives_[rule.index()] = true;
      return;
    }
    at->second = false;
    search_chain(chain, view);
  }

  // Something on the way through the chain changes what later rules test.
  bool changes_packets(ChainId chain, const View& view) {
    for (const RuleId rule : ruleset_[chain].rules) {
      const auto parts = ruleset_[rule].parts;
      for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) {
        const JumpStatement* jump = walk_->jump_of(i);
        if (jump != nullptr) {
          // Of a loop, which the kernel refuses, one chain comes before what it calls.
          const auto called = changes_packets_.find(place_of(jump->chain, view));
          if (called == changes_packets_.end() || called->second) return true;
        }
        const auto* statement = std::get_if<Statement>(&ruleset_.parts[i].what);
        // What is translated has left the chain.
        if (statement == nullptr || std::holds_alternative<NatStatement>(*statement)) continue;
        if (!walk_->effects_of(i, view).empty()) return true;
      }
    }
    return false;
  }

  Key key_of(const Rule& rule) const {
    Key key;
    key.fill(everything);
    for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
      const auto at =
          test == nullptr ? key_fields.end() : std::ranges::find(key_fields, test->field);
      if (at == key_fields.end() || test->negated || test->values.count == 0) continue;
      // A mask with holes says nothing of first and last.
      if (test->mask != FieldTest{}.mask) continue;
      const auto values = slice(ruleset_.intervals, test->values);
      Interval hull = values.front();
      for (const Interval& range : values) {
        hull = {std::min(hull.first, range.first), std::max(hull.last, range.last)};
      }
      key[static_cast<std::size_t>(at - key_fields.begin())] = hull;
    }
    return key;
  }

  void search_chain(ChainId chain, const View& view) {
    const std::vector<RuleId>& rules = ruleset_[chain].rules;
    std::vector<Key> keys;
    keys.reserve(rules.size());
    for (const RuleId rule : rules) keys.push_back(key_of(ruleset_[rule]));
    std::vector<OverlapIndex> indexes;
    for (std::size_t k = 0; k < key_fields.size(); ++k) {
      std::vector<Interval> column;
      column.reserve(keys.size());
      for (const Key& key : keys) column.push_back(key[k]);
      indexes.emplace_back(column);
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (lives_[rules[i].index()]) continue;
      const Rule& rule = ruleset_[rules[i]];
      if (!is_plain(ruleset_, rule) || differs_by_packet(program_, rule)) {
        lives_[rules[i].index()] = true;
        continue;
      }
      if (spent_ >= most_steps_) {
        lives_[rules[i].index()] = true;
        continue;
      }
      const std::vector<std::uint32_t> earlier = candidates(i, keys, indexes);
      // An arena keeps all that was made in it.
      constexpr std::size_t worn = 200'000;
      if (diagram_->node_count() > worn) renew();
      const auto shadow = within_budget([&] { return shadow_of(i, earlier, rules, view); });
      spent_ += diagram_->steps();
      diagram_->allow({.steps = most_steps_of_a_rule});
      if (shadow && *shadow) {
        merge_shadow(ruleset_, rules[i], **shadow, found_);
      } else {
        lives_[rules[i].index()] = true;
      }
    }
  }

  // Earlier rules that have something of each key field in common with it, in the order of the
  // chain; none if too many have.
  std::vector<std::uint32_t> candidates(std::size_t i, const std::vector<Key>& keys,
                                        const std::vector<OverlapIndex>& indexes) const {
    std::size_t best = 0;
    std::size_t fewest = ~std::size_t{0};
    for (std::size_t k = 0; k < indexes.size(); ++k) {
      const std::size_t count = indexes[k].count(keys[i][k]);
      if (count < fewest) {
        fewest = count;
        best = k;
      }
    }
    std::vector<std::uint32_t> earlier;
    if (fewest > most_candidates) return earlier;
    indexes[best].for_each(keys[i][best], [&](std::uint32_t place) {
      if (place >= i) return;
      for (std::size_t k = 0; k < key_fields.size(); ++k) {
        if (!overlap(keys[i][k], keys[place][k])) return;
      }
      earlier.push_back(place);
    });
    std::ranges::sort(earlier);
    return earlier;
  }

  Ref asked(RuleId id, const View& view) {
    Ref all = Diagram::yes;
    const auto parts = ruleset_[id].parts;
    for (std::uint32_t i = parts.count; i-- > 0;) {
      if (!std::holds_alternative<Match>(ruleset_.parts[parts.first + i].what)) continue;
      all = diagram_->conj(walk_->encoder().encode(parts.first + i, view), all);
    }
    return all;
  }

  std::optional<Shadow> shadow_of(std::size_t i, const std::vector<std::uint32_t>& earlier,
                                  const std::vector<RuleId>& rules, const View& view) {
    if (earlier.empty()) return std::nullopt;
    const Ref all = asked(rules[i], view);
    Ref left = all;
    // What matches nothing at all is another matter than being shadowed.
    if (left == Diagram::no) return std::nullopt;
    Shadow shadow;
    for (const std::uint32_t place : earlier) {
      if (!is_plain(ruleset_, ruleset_[rules[place]])) continue;
      const Ref taken = asked(rules[place], view);
      // One rule that asks for all of it says more than the many that take a piece before it.
      if (diagram_->implies(all, taken)) {
        shadow.takers = {rules[place]};
        return shadow;
      }
      const Ref rest = diagram_->minus(left, taken);
      if (rest == left) continue;
      left = rest;
      shadow.takers.push_back(rules[place]);
    }
    if (left != Diagram::no) return std::nullopt;
    return shadow;
  }

  const Program& program_;
  const Ruleset& ruleset_;
  std::size_t most_steps_;
  std::size_t spent_ = 0;
  std::map<Place, bool> changes_packets_;
  std::unique_ptr<Layout> layout_;
  std::unique_ptr<Diagram> diagram_;
  std::unique_ptr<SymbolicWalk> walk_;
  Shadows found_;
  std::vector<bool> lives_;  // by RuleId: something may match it, or that is not known
};

}  // namespace

Shadows find_chain_shadows(const Program& program, std::size_t most_steps) {
  return Search(program, most_steps).run();
}

}  // namespace untrack
