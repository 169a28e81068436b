// Mirror: chains that let pass the answers to what the chains of the other direction permit, built
// from those one by one and named after them. For places where the answers, written as boxes
// (rewriter/stateless/replies.hpp), would be more rules than a person reads. Linear in the size of
// the ruleset. What comes out may be wider than what it answers, where an answer does not show what
// the rule asks for, and never narrower; the obligations say what that costs.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "rewriter/stateless/mirrored_rule.hpp"

namespace untrack {

struct MirrorChain {
  std::string name;
  std::string about;               // its comment, a line without the sign
  std::vector<std::string> rules;  // without "-A NAME "
  std::string stem = {};           // the name without its number
};

// Where a mirror begins.
struct MirrorEntry {
  std::string chain;              // empty: everything is let pass
  std::vector<Conditions> gates;  // what may go there; each is a rule
  bool lets_nothing_pass = false;
};

// All mirrors of one table. Chains that come out alike are one.
class Mirror {
 public:
  // `target`: what the rules of the mirror do with what they let pass.
  Mirror(const Ruleset& ruleset, const Sources& sources, TableId table,
         const Assumptions& assumptions, bool answers_of_groups);

  // Of the flows that the hook of `path` permits. Mirrors of errors let every packet pass that goes
  // where they say.
  [[nodiscard]] MirrorEntry add(Path path, Reflection reflection, const std::string& target);
  // A chain of rules that are known; its name.
  [[nodiscard]] std::string add_chain(std::string_view chain, std::string about,
                                      std::vector<std::string> rules, std::string_view suffix);

  // Whether rules of the mirror that was added last name source ports, so that
  // Reflection::named_replies is wanted, too.
  [[nodiscard]] bool names_source_ports() const { return names_source_ports_; }

  // Callers before what they call, and names numbered in that order: what was named otherwise by
  // what add() returned is told in `renamed`.
  [[nodiscard]] std::vector<MirrorChain> chains(std::map<std::string, std::string>& renamed) const;
  [[nodiscard]] TableId table() const { return table_; }
  // Some rules are not mirrored since nothing answers from a multicast address.
  [[nodiscard]] bool has_left_groups() const { return has_left_groups_; }
  // Rules in all chains so far.
  [[nodiscard]] std::size_t size() const;
  // Why there is no mirror; empty: there is. The rule that says so, if it is one.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  [[nodiscard]] RuleId obstacle_rule() const { return obstacle_rule_; }

 private:
  enum class Kind : std::uint8_t { accept, refuse, back, call, go };
  struct Item {
    Kind kind{};
    MirroredRule rule = {};
    ChainId callee = {};
    bool callee_only_accepts = false;
    bool callee_from_named = false;
  };
  // A chain as its mirror needs it: rules that have no answers are gone.
  struct Flat {
    std::vector<Item> items;
    bool can_accept = false;
    bool can_refuse = false;
    bool falls = true;  // some packets come back to the caller
  };
  // What the rule and the jumps on the way to it have named.
  struct Named {
    std::optional<std::uint8_t> protocol;
    bool has_services = false;
  };
  // How a chain is entered and left. `leaves`: by goto, so that RETURN ends the mirror, and what
  // comes to the end goes on in `next`. Else RETURN leads back to the caller.
  struct Way {
    bool only_accepts = false;
    bool from_named = false;  // a jump has named source ports
    bool leaves = false;
    std::string next = {};
    Named named = {};
  };
  using Key = std::tuple<Path, Reflection, std::string, ChainId, bool, bool, bool, std::string,
                         std::string>;

  [[nodiscard]] const Flat& flat(ChainId chain, bool only_accepts, bool from_named);
  [[nodiscard]] const Flat& callee_of(const Item& item);
  [[nodiscard]] Flat flattened(ChainId chain, bool only_accepts, bool from_named);
  [[nodiscard]] bool add_item(Flat& flat, RuleId rule, bool& only_accepts, bool from_named);
  [[nodiscard]] bool add_call(Flat& flat, const Item& item, const JumpStatement& jump,
                              bool only_accepts, bool from_named);
  void look_at_ports(ChainId chain, std::set<ChainId>& seen);
  [[nodiscard]] const Interval& usual_ports() const;
  [[nodiscard]] std::vector<Conditions> gates() const;
  // The name of its mirror. Empty: it lets everything pass.
  [[nodiscard]] std::string built(ChainId chain, const Way& way);
  [[nodiscard]] std::vector<std::string> body(ChainId chain, const Flat& flat, std::size_t first,
                                              const Way& way);
  [[nodiscard]] bool write_call(ChainId chain, const Flat& flat, std::size_t at, const Way& way,
                                std::vector<std::string>& lines);
  void write_accept(const Item& item, const Named& named, std::vector<std::string>& lines) const;
  [[nodiscard]] static Named named_with(const Named& named, const MirroredRule& rule);
  [[nodiscard]] static Way way_to(const Item& item, const Way& way, bool leaves, std::string next);
  [[nodiscard]] std::vector<MirrorChain> callers_first() const;
  [[nodiscard]] std::string ending(std::string_view suffix) const;
  [[nodiscard]] std::string name_for(std::string_view chain, const std::string& tail);
  [[nodiscard]] std::string kept(std::string_view chain, std::string about,
                                 std::vector<std::string> rules, std::string_view suffix);
  void hinder(std::string why, RuleId rule = {});

  const Ruleset& ruleset_;
  const Sources& sources_;
  TableId table_;
  const Assumptions& assumptions_;
  bool answers_of_groups_;
  IpVersion version_;
  // Of the mirror that is being built.
  Path path_{};
  Reflection reflection_{};
  std::string target_;
  // Services whose clients use other ports than most, of those that rules name.
  std::set<std::uint16_t> special_;
  bool names_source_ports_ = false;
  std::set<std::uint8_t> protocols_;
  bool takes_any_protocol_ = false;
  std::map<std::tuple<ChainId, bool, bool>, Flat> flats_;

  std::map<Key, std::string> built_;
  std::map<std::vector<std::string>, std::string> by_rules_;
  std::set<std::string> names_;
  std::vector<MirrorChain> chains_;
  std::vector<std::string> entered_;  // from places
  bool has_left_groups_ = false;
  std::size_t lines_ = 0;
  std::size_t depth_ = 0;
  std::string obstacle_;
  RuleId obstacle_rule_;
};

}  // namespace untrack
