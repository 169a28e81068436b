#include "analysis/local/rule_search.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "analysis/local/proposal.hpp"
#include "analysis/stand_in.hpp"

namespace untrack {

RuleSearch::RuleSearch(const Program& program, const RuleBoxes& boxes, const ChainWays& ways,
                       const RulesByPacket& index, const std::vector<RuleLife>& known,
                       bool keeps_packets)
    : program_(program),
      ruleset_(program.ruleset()),
      boxes_(boxes),
      ways_(ways),
      regions_(ways, boxes),
      index_(index),
      known_(known),
      keeps_packets_(keeps_packets),
      live_in_(known.size()) {}

void RuleSearch::begin(const RuleLivesLimits& allowed) {
  found_ = {};
  ++share_;
  index_.allow(allowed.most_met);
  may_cut_ = cut_left_ = allowed.most_cut;
}

ShareFound RuleSearch::end() {
  found_.met = index_.work();
  found_.cut = may_cut_ - cut_left_;
  return std::move(found_);
}

bool RuleSearch::is_open(RuleId rule) const {
  return known_[rule.index()] == RuleLife::not_known && live_in_[rule.index()] != share_;
}

// Whether the rule matches. Every rule that does is live.
bool RuleSearch::matches(RuleId wanted, const Packet& packet) {
  index_.begin_walk();
  trace_ = walk(program_, packet, choices_, index_);
  // What no packet does, or what rests on something that is no condition of a rule.
  if (index_.is_exhausted() || trace_.decision == Decision::elsewhere || !trace_.guessed.empty())
    return false;
  bool is_found = false;
  for (const TraceStep& step : trace_.steps) {
    if (!step.matched || !step.rule.names_something()) continue;
    is_found = is_found || step.rule == wanted;
    if (!is_open(step.rule)) continue;
    live_in_[step.rule.index()] = share_;
    found_.live.push_back(step.rule);
    if (keeps_packets_) found_.packets.push_back({step.rule, packet, choices_});
  }
  return is_found;
}

// The last rule that matched the last packet; nullptr if none did.
const TraceStep* RuleSearch::last_match() const {
  for (auto step = trace_.steps.rbegin(); step != trace_.steps.rend(); ++step) {
    if (step->matched && step->rule.names_something()) return &*step;
  }
  return nullptr;
}

void RuleSearch::propose(const ChainWay& way, std::size_t first, std::size_t last) {
  const auto rules = std::span(ruleset_[way.chain].rules).subspan(first, last - first);
  if (std::ranges::none_of(rules, [&](RuleId rule) { return is_open(rule); })) return;
  const WayRegion& entering = regions_.of(way);
  if (entering.boxes.empty()) return;
  const BoxView view = ways_.view_of(way);
  for (const RuleId rule : rules) {
    if (!is_open(rule)) continue;
    if (index_.is_tired()) return;
    boxes_.region_of(rule, view, region_);
    constexpr std::size_t most_tries = 4;
    std::size_t tries = 0;
    for (const RangeBox& box : region_.boxes) {
      for (const RangeBox& entry : entering.boxes) {
        if (++tries > most_tries || !is_open(rule)) break;
        if (entry.sides().empty()) {
          (void)try_box(rule, box, way, entering);
          continue;
        }
        RangeBox both = box;
        if (both.restrict(entry)) (void)try_box(rule, both, way, entering);
      }
    }
  }
}

// region_ is the rule's.
bool RuleSearch::try_box(RuleId rule, const RangeBox& box, const ChainWay& way,
                         const WayRegion& entering) {
  const auto packet =
      packet_in(box, boxes_.names(), program_.version(), way.path, entering.hints, region_.hints);
  if (!packet) {
    trace_ = {};  // no packet was followed for what is asked next
    return false;
  }
  choices_.free.clear();
  choose(entering.needs);
  choose(region_.needs);
  return matches(rule, *packet);
}

void RuleSearch::choose(const std::vector<std::pair<FreeId, bool>>& needs) {
  for (const auto& [id, value] : needs) {
    if (!value) continue;
    if (choices_.free.size() <= id) choices_.free.resize(id + 1);
    choices_.free[id] = true;
  }
}

void RuleSearch::settle(ChainId chain, std::size_t first, std::size_t last) {
  const std::vector<RuleId>& rules = ruleset_[chain].rules;
  const std::vector<BoxView> views = ways_.views_of(chain);
  if (views.empty()) {
    for (std::size_t i = first; i < last; ++i) {
      if (is_open(rules[i])) found_.never.push_back({rules[i], {}});
    }
    return;
  }
  const std::vector<const ChainWay*> ways = ways_.to(chain);
  std::vector<ChainCover> covers;
  covers.reserve(views.size());
  for (const BoxView& view : views) covers.emplace_back(ruleset_, boxes_, index_, chain, view);
  for (std::size_t i = first; i < last; ++i) {
    if (is_open(rules[i])) settle(rules[i], i, ways, views, covers);
  }
}

void RuleSearch::settle(RuleId rule, std::size_t place, std::span<const ChainWay* const> ways,
                        std::span<const BoxView> views, std::vector<ChainCover>& covers) {
  bool is_covered = true;
  Shadow shadow;
  bool is_asked_for = false;
  for (std::size_t v = 0; v < views.size(); ++v) {
    const Covered found = covers[v].of(place, cut_left_);
    if (!found.is_known) {
      is_covered = false;
    } else if (!found.left.empty()) {
      is_covered = false;
      if (!is_open(rule)) break;
      for (const ChainWay* way : ways) {
        if (ways_.view_of(*way) == views[v] && search_left(rule, *way, found.left)) break;
      }
    } else {
      is_asked_for = is_asked_for || found.is_asked_for;
      for (const RuleId taker : found.takers) shadow.takers.push_back(taker);
    }
  }
  if (!is_covered || !is_open(rule)) return;
  FoundNever never{rule, {}};
  // What matches nothing at all is another matter than being shadowed.
  const Rule& row = ruleset_[rule];
  if (is_asked_for && only_decides(ruleset_, row) && !asks_beyond_packet(program_, row)) {
    never.shadow = std::move(shadow);
  }
  found_.never.push_back(std::move(never));
}

// Whether a packet of what earlier plain rules of the chain leave comes to the rule. What takes
// one elsewhere is cut out before the next try.
bool RuleSearch::search_left(RuleId rule, const ChainWay& way, const std::vector<RangeBox>& left) {
  const WayRegion entering = regions_.of(way);
  std::vector<RangeBox> pieces;
  constexpr std::size_t most_pieces = 64;
  for (const RangeBox& box : left) {
    for (const RangeBox& entry : entering.boxes) {
      RangeBox both = box;
      if (pieces.size() < most_pieces && both.restrict(entry)) pieces.push_back(std::move(both));
    }
  }
  constexpr std::size_t most_tries = 12;
  for (std::size_t tries = 0; tries < most_tries && !pieces.empty(); ++tries) {
    if (index_.is_tired()) return false;
    boxes_.region_of(rule, ways_.view_of(way), region_);
    const RangeBox tried = pieces.back();
    if (try_box(rule, tried, way, entering)) return true;
    const TraceStep* taker = last_match();
    if (taker == nullptr || pieces.size() > most_pieces) {
      pieces.pop_back();
      continue;
    }
    const Run& run = program_.runs(way.path)[taker->run];
    boxes_.region_of(taker->rule, {run.sees_out_interface(), run.is_before_conntrack}, taking_);
    bool is_cut = false;
    for (const RangeBox& box : taking_.boxes) {
      is_cut = intersects(tried, box) || is_cut;
      (void)cut_out(pieces, box, boxes_.domains());
    }
    if (!is_cut) pieces.pop_back();
  }
  return false;
}

}  // namespace untrack
