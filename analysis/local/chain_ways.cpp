#include "analysis/local/chain_ways.hpp"

#include <algorithm>

#include "model/jumps.hpp"

namespace untrack {
namespace {

constexpr std::size_t most_ways = 3;  // to one chain from one base chain
constexpr std::size_t most_boxes = 8;

std::uint8_t bit_of(const BoxView& view) {
  return static_cast<std::uint8_t>(
      1U << ((view.has_out_interface ? 1U : 0U) + (view.is_before_conntrack ? 2U : 0U)));
}

}  // namespace

ChainWays::ChainWays(const Program& program)
    : program_(program), views_(program.ruleset().chains.size()) {
  collect_calls();
  can_be_followed_ = is_shallow();
  if (!can_be_followed_) return;
  for (const Path path : all_paths) {
    for (std::uint32_t run = 0; run < program.runs(path).size(); ++run) follow(path, run);
  }
  by_chain_.resize(ways_.size());
  for (std::uint32_t i = 0; i < by_chain_.size(); ++i) by_chain_[i] = i;
  std::ranges::stable_sort(by_chain_, {}, [&](std::uint32_t i) { return ways_[i].chain; });
}

void ChainWays::collect_calls() {
  const Ruleset& ruleset = program_.ruleset();
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    first_.push_back(static_cast<std::uint32_t>(calls_.size()));
    for (const RuleId rule : ruleset.chains[i].rules) {
      for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        const bool is_plain =
            statement != nullptr && std::holds_alternative<JumpStatement>(*statement);
        for_each_called_chain(ruleset, part, [&](ChainId called) {
          calls_.push_back({ChainId(i), rule, called, is_plain});
        });
      }
    }
  }
  first_.push_back(static_cast<std::uint32_t>(calls_.size()));
}

// Takes away chains that nothing is left to call, one after the other; of a loop none ever is.
bool ChainWays::is_shallow() const {
  constexpr std::uint32_t deepest = 200;
  std::vector<std::uint32_t> callers(views_.size());
  for (const Call& call : calls_) ++callers[call.to.index()];
  std::vector<ChainId> free;
  for (std::size_t i = 0; i < callers.size(); ++i) {
    if (callers[i] == 0) free.emplace_back(i);
  }
  std::vector<std::uint32_t> depth(views_.size());
  for (std::size_t next = 0; next < free.size(); ++next) {
    const ChainId chain = free[next];
    if (depth[chain.index()] > deepest) return false;
    for (const Call& call : calls_of(chain)) {
      std::uint32_t& below = depth[call.to.index()];
      below = std::max(below, depth[chain.index()] + 1);
      if (--callers[call.to.index()] == 0) free.push_back(call.to);
    }
  }
  return free.size() == views_.size();
}

std::span<const ChainWays::Call> ChainWays::calls_of(ChainId chain) const {
  const std::uint32_t first = first_[chain.index()];
  return std::span(calls_).subspan(first, first_[chain.index() + 1] - first);
}

void ChainWays::follow(Path path, std::uint32_t run) {
  const Run& base = program_.runs(path)[run];
  const std::uint8_t view = bit_of({base.sees_out_interface(), base.is_before_conntrack});
  std::vector<std::uint8_t> known(views_.size());  // how many ways to each chain
  auto next = static_cast<std::uint32_t>(ways_.size());
  ways_.push_back({base.chain, path, run, ChainWay::no_parent, {}});
  known[base.chain.index()] = most_ways;
  std::vector<bool> is_expanded(views_.size());
  for (; next < ways_.size(); ++next) {
    const ChainId chain = ways_[next].chain;
    if (is_expanded[chain.index()]) continue;
    is_expanded[chain.index()] = true;
    for (const Call& call : calls_of(chain)) {
      if (!call.is_plain || known[call.to.index()] == most_ways) continue;
      ++known[call.to.index()];
      ways_.push_back({call.to, path, run, next, call.rule});
    }
  }
  // By any jump.
  std::vector<ChainId> open = {base.chain};
  std::vector<bool> is_seen(views_.size());
  is_seen[base.chain.index()] = true;
  while (!open.empty()) {
    const ChainId chain = open.back();
    open.pop_back();
    views_[chain.index()] |= view;
    for (const Call& call : calls_of(chain)) {
      if (is_seen[call.to.index()]) continue;
      is_seen[call.to.index()] = true;
      open.push_back(call.to);
    }
  }
}

std::vector<const ChainWay*> ChainWays::to(ChainId chain) const {
  std::vector<const ChainWay*> found;
  const auto chain_of = [&](std::uint32_t i) { return ways_[i].chain; };
  const auto first = std::ranges::lower_bound(by_chain_, chain, {}, chain_of);
  for (auto at = first; at != by_chain_.end() && chain_of(*at) == chain; ++at) {
    found.push_back(&ways_[*at]);
  }
  return found;
}

std::vector<BoxView> ChainWays::views_of(ChainId chain) const {
  std::vector<BoxView> views;
  for (const bool has_out : {false, true}) {
    for (const bool is_before : {false, true}) {
      const BoxView view{has_out, is_before};
      if ((views_[chain.index()] & bit_of(view)) != 0) views.push_back(view);
    }
  }
  return views;
}

BoxView ChainWays::view_of(const ChainWay& way) const {
  const Run& run = program_.runs(way.path)[way.run];
  return {run.sees_out_interface(), run.is_before_conntrack};
}

const WayRegion& WayRegions::of(const ChainWay& way) {
  region_ = made(way);
  return region_;
}

WayRegion WayRegions::made(const ChainWay& way) {
  if (way.parent == ChainWay::no_parent) {
    WayRegion base;
    RangeBox box;
    const Run& run = ways_.program_.runs(way.path)[way.run];
    const auto is_new = static_cast<Number>(CtState::new_);
    // Only packets that begin a tracked flow meet it.
    if (run.is_nat && !ways_.program_.tracks()) return base;
    if (run.is_nat) (void)box.restrict(Field::ct_state, Ranges(Interval{is_new, is_new}));
    base.boxes.push_back(std::move(box));
    return base;
  }
  if (parent_ != way.parent) {
    WayRegion parent = made(ways_.ways_[way.parent]);
    parent_region_ = std::move(parent);
    parent_ = way.parent;
  }
  WayRegion region;
  boxes_.region_of(way.caller, ways_.view_of(way), caller_);
  for (const RangeBox& box : caller_.boxes) {
    for (const RangeBox& entry : parent_region_.boxes) {
      if (region.boxes.size() == most_boxes) break;
      RangeBox both = box;
      if (both.restrict(entry)) region.boxes.push_back(std::move(both));
    }
  }
  region.needs = parent_region_.needs;
  region.needs.insert(region.needs.end(), caller_.needs.begin(), caller_.needs.end());
  region.hints = parent_region_.hints;
  region.hints.insert(region.hints.end(), caller_.hints.begin(), caller_.hints.end());
  return region;
}

}  // namespace untrack
