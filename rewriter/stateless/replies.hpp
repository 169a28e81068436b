// Replies: the second half of a stateless rewrite: the rules that stand in a place of the draft,
// computed from what the original lets pass there and the draft alone would not. What a rule that
// asked for ESTABLISHED let pass is known exactly (analysis/flows): the answers to what the other
// direction permits, the later packets of what this one permits, the ICMP errors about both. It is
// written as few plain rules, which may take what is let in anyhow, and nothing beyond flows.
#pragma once

#include <string>
#include <vector>

#include "analysis/flows/world.hpp"
#include "rewriter/stateless/draft.hpp"

namespace untrack {

enum class ReplyKind : std::uint8_t { fragments, replies, reject_resets, errors };

struct ReplyRule {
  ReplyKind kind{};
  std::string conditions;   // as the language of the table has them
  std::string target = {};  // empty: that of the place
};

struct PlaceRules {
  RuleId place;                  // of the original
  std::vector<ReplyRule> rules;  // in the order in which they are written; none: nothing is missing
};

// The replies or errors of one way in one place that are more than a person reads there, as rules
// for a box of packets each: see rewriter/stateless/mirror_places.hpp.
struct LongPlace {
  std::size_t place = 0;  // of Replies::places
  Path path{};
  ReplyKind kind{};                      // replies or errors
  std::string_view way_conditions = {};  // where packets of several ways come to the place
  // Where they stand among its rules all the same; none: they are too many even for that.
  std::size_t first = 0;
  std::size_t count = 0;
  // What no mirror has: the later packets of what this way permits, where the draft refuses them.
  std::vector<ReplyRule> beside = {};
};

struct Replies {
  std::vector<PlaceRules> places;   // as in the draft
  std::vector<LongPlace> too_long;  // of stateless rewrites alone, in the order of their rules
  std::vector<Refusal> refusals;
  // Later fragments met rules for whole packets, and nothing but reassembly helps: ip6tables has no
  // match for them alone.
  bool needs_reassembly = false;
};

// What a place lets pass in the end: everything that needs no state, or what is untracked now and
// stays beside the rule in its place.
enum class ReplyUse : std::uint8_t { stateless, untracked };

// `world` holds the original as program 0 and the draft, without places, as program 1. Throws
// BudgetExhausted.
[[nodiscard]] Replies find_replies(World& world, const std::vector<Place>& places,
                                   const Assumptions& assumptions,
                                   ReplyUse use = ReplyUse::stateless);

}  // namespace untrack
