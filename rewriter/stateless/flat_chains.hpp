// FlatChains: the chains of a ruleset as their mirror needs them: rules that have no answers are
// gone, the others are turned round, what always refuses is said where it is called. Part of the
// mirror (rewriter/stateless/mirror.hpp); guarantees that what is left out never narrows what a
// mirror lets pass.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "rewriter/stateless/mirrored_rule.hpp"

namespace untrack {

struct MirrorItem {
  enum class Kind : std::uint8_t { accept, refuse, back, call, go };
  Kind kind{};
  MirroredRule rule = {};
  ChainId callee = {};
  bool callee_only_accepts = false;
  bool callee_from_named = false;
};

struct FlatChain {
  std::vector<MirrorItem> items;
  bool can_accept = false;
  bool can_refuse = false;
  bool falls = true;  // some packets come back to the caller
};

// What stands in the way of a mirror; empty: nothing.
struct MirrorObstacle {
  std::string why;
  RuleId rule;  // that says so, if it is one
};

// Chains call each other no deeper than this, or there is no mirror of them.
inline constexpr std::size_t deepest_mirror = 500;

class FlatChains {
 public:
  // `path`: the way that is mirrored.
  FlatChains(const Ruleset& ruleset, const Sources& sources, Path path, Reflection reflection,
             bool answers_of_groups)
      : ruleset_(&ruleset),
        sources_(&sources),
        path_(path),
        reflection_(reflection),
        answers_of_groups_(answers_of_groups) {}

  // `only_accepts`: a condition on the way was left out, so that nothing may refuse. `from_named`:
  // a jump on the way has named source ports.
  [[nodiscard]] const FlatChain& chain(ChainId chain, bool only_accepts, bool from_named);
  [[nodiscard]] const FlatChain& callee_of(const MirrorItem& item) {
    return chain(item.callee, item.callee_only_accepts, item.callee_from_named);
  }
  [[nodiscard]] bool lets_pass(const MirrorItem& item);
  // Some rules are left out since nothing answers from a multicast address.
  [[nodiscard]] bool has_left_groups() const { return has_left_groups_; }
  [[nodiscard]] const MirrorObstacle& obstacle() const { return obstacle_; }

 private:
  [[nodiscard]] FlatChain made(ChainId chain, bool only_accepts, bool from_named);
  [[nodiscard]] bool add_rule(FlatChain& flat, RuleId id, bool& only_accepts, bool from_named);
  [[nodiscard]] bool add_call(FlatChain& flat, MirrorItem item, const JumpStatement& jump,
                              bool only_accepts, bool from_named);
  [[nodiscard]] bool inlines(FlatChain& flat, const MirrorItem& item, const FlatChain& callee);
  void hinder(std::string why, RuleId rule = {});

  const Ruleset* ruleset_;
  const Sources* sources_;
  Path path_;
  Reflection reflection_;
  bool answers_of_groups_;
  bool has_left_groups_ = false;
  std::map<std::tuple<ChainId, bool, bool>, FlatChain> chains_;
  std::size_t depth_ = 0;
  MirrorObstacle obstacle_;
};

}  // namespace untrack
