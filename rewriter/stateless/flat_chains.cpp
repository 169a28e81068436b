#include "rewriter/stateless/flat_chains.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "analysis/facts.hpp"

namespace untrack {
namespace {

using Kind = MirrorItem::Kind;

constexpr std::size_t inlinable = 32;  // rules under the condition of a jump

// The conditions of both, where iptables can say them in one rule.
std::optional<MirroredRule> both_of(const MirroredRule& a, const MirroredRule& b) {
  MirroredRule both = a;
  Conditions& to = both.conditions;
  const auto join = [](std::string& words, const std::string& more) {
    if (!words.empty() && !more.empty() && words != more) return false;
    if (words.empty()) words = more;
    return true;
  };
  const Conditions& from = b.conditions;
  if (!join(to.source, from.source) || !join(to.destination, from.destination) ||
      !join(to.in, from.in) || !join(to.out, from.out) || !join(to.protocol, from.protocol)) {
    return std::nullopt;
  }
  for (const Conditions::Module& module : from.modules) {
    for (const Conditions::Module& known : a.conditions.modules) {
      if (known.name == module.name) return std::nullopt;
    }
    to.modules.push_back(module);
  }
  if (b.protocol) both.protocol = b.protocol;
  both.names_source_ports |= b.names_source_ports;
  both.services.insert(both.services.end(), b.services.begin(), b.services.end());
  return both;
}

}  // namespace

const FlatChain& FlatChains::chain(ChainId chain, bool only_accepts, bool from_named) {
  const std::tuple key(chain, only_accepts, from_named);
  const auto known = chains_.find(key);
  if (known != chains_.end()) return known->second;
  if (++depth_ > deepest_mirror) hinder("chains call each other too deep for that");
  FlatChain flat = obstacle_.why.empty() ? made(chain, only_accepts, from_named) : FlatChain();
  --depth_;
  return chains_.emplace(key, std::move(flat)).first->second;
}

FlatChain FlatChains::made(ChainId chain, bool only_accepts, bool from_named) {
  FlatChain flat;
  bool ends = false;
  for (const RuleId rule : (*ruleset_)[chain].rules) {
    if (!obstacle_.why.empty()) return flat;
    ends = add_rule(flat, rule, only_accepts, from_named);
    if (ends) break;
  }
  const auto& base = (*ruleset_)[chain].base;
  if (base && !ends && base->policy == Policy::accept) {
    if (reflection_ != Reflection::named_replies) flat.items.push_back({});
    ends = true;
  }
  flat.falls = !ends;
  for (MirrorItem& item : flat.items) {
    // RETURN of a base chain is its policy.
    if (base && item.kind == Kind::back) {
      item.kind = base->policy == Policy::accept ? Kind::accept : Kind::refuse;
    }
    flat.can_accept |= item.kind == Kind::accept;
    flat.can_refuse |= item.kind == Kind::refuse;
    flat.falls |= item.kind == Kind::back;
    if (item.kind != Kind::call && item.kind != Kind::go) continue;
    const FlatChain& callee = callee_of(item);
    flat.can_accept |= callee.can_accept;
    flat.can_refuse |= callee.can_refuse;
    flat.falls |= item.kind == Kind::go && callee.falls;
  }
  return flat;
}

// True: no packet comes to the rules behind it.
bool FlatChains::add_rule(FlatChain& flat, RuleId id, bool& only_accepts, bool from_named) {
  const Rule& rule = (*ruleset_)[id];
  const auto* jump = find_statement<JumpStatement>(*ruleset_, rule);
  const auto* verdict = find_statement<VerdictStatement>(*ruleset_, rule);
  const auto* opaque = find_statement<OpaqueStatement>(*ruleset_, rule);
  const bool may_end = opaque != nullptr && opaque->may_end;
  if (jump == nullptr && verdict == nullptr && !may_end && !drops(*ruleset_, rule)) return false;
  MirrorItem item;
  item.rule = mirrored(*ruleset_, *sources_, id, path_, reflection_);
  if (item.rule.is_never) return false;
  if (item.rule.is_to_group && !answers_of_groups_) {
    has_left_groups_ = true;
    return false;
  }
  const bool is_wider = item.rule.is_wider;
  if (!item.rule.obstacle.empty()) {
    hinder(item.rule.obstacle, id);
    return true;
  }
  const bool is_known = jump != nullptr || drops(*ruleset_, rule) ||
                        (verdict != nullptr && (verdict->verdict == Verdict::accept ||
                                                verdict->verdict == Verdict::return_));
  if (!is_known) {
    hinder("what this rule does with a packet is not known", id);
    return true;
  }
  const bool is_unconditional = item.rule.conditions.empty();
  if (jump != nullptr) {
    if (!jump->chain.names_something()) {
      hinder("this rule leads to a chain that is not here", id);
      return true;
    }
    const bool ends = add_call(flat, item, *jump, only_accepts, from_named);
    // Whoever did not meet what was left out comes to the rules behind it, too.
    if (jump->is_goto && is_wider) only_accepts = true;
    return ends;
  }
  if (accepts(*ruleset_, rule)) {
    const bool is_named = from_named || item.rule.names_source_ports;
    const bool is_wanted =
        !is_reply(reflection_) || is_named == (reflection_ == Reflection::named_replies);
    if (is_wanted) flat.items.push_back(std::move(item));
    return is_unconditional;
  }
  if (drops(*ruleset_, rule)) {
    if (only_accepts || is_wider) return false;
    item.kind = Kind::refuse;
  } else {
    if (is_wider) {
      only_accepts = true;
      return false;
    }
    item.kind = Kind::back;
  }
  flat.items.push_back(std::move(item));
  return is_unconditional;
}

bool FlatChains::add_call(FlatChain& flat, MirrorItem item, const JumpStatement& jump,
                          bool only_accepts, bool from_named) {
  item.kind = jump.is_goto && !item.rule.is_wider ? Kind::go : Kind::call;
  item.callee = jump.chain;
  item.callee_only_accepts = only_accepts || item.rule.is_wider;
  item.callee_from_named = is_reply(reflection_) && (from_named || item.rule.names_source_ports);
  const bool is_unconditional = item.rule.conditions.empty() && !item.rule.is_wider;
  const FlatChain& callee = callee_of(item);
  if (!callee.can_accept && !callee.can_refuse) {
    if (item.kind != Kind::go) return false;
    item.kind = Kind::back;
    flat.items.push_back(std::move(item));
    return is_unconditional;
  }
  if (!callee.can_accept && !callee.falls) {
    item.kind = Kind::refuse;
    flat.items.push_back(std::move(item));
    return is_unconditional;
  }
  if (item.kind == Kind::call && !item.rule.is_wider && callee.can_refuse && callee.falls &&
      inlines(flat, item, callee)) {
    return false;
  }
  const bool ends = is_unconditional && (item.kind == Kind::go || !callee.falls);
  flat.items.push_back(std::move(item));
  return ends;
}

// What refuses some and lets the others go on stands where it is called, where that can be said:
// RETURN has to leave the mirror, and would only leave the callee.
bool FlatChains::inlines(FlatChain& flat, const MirrorItem& item, const FlatChain& callee) {
  if (!item.rule.conditions.empty() && callee.items.size() > inlinable) return false;
  std::vector<MirrorItem> inlined;
  for (const MirrorItem& each : callee.items) {
    auto both = both_of(item.rule, each.rule);
    if (each.kind == Kind::back || each.kind == Kind::go || !both) return false;
    inlined.push_back(each);
    inlined.back().rule = std::move(*both);
  }
  std::ranges::move(inlined, std::back_inserter(flat.items));
  return true;
}

bool FlatChains::lets_pass(const MirrorItem& item) {
  if (item.kind == Kind::accept) return true;
  if (item.kind != Kind::call && item.kind != Kind::go) return false;
  return callee_of(item).can_accept;
}

void FlatChains::hinder(std::string why, RuleId rule) {
  if (obstacle_.why.empty()) obstacle_ = {std::move(why), rule};
}

}  // namespace untrack
