// RuleLowering: the statements of one rule of nft as parts of the model. What each means is decided
// here, for text and JSON alike; what has no exact form in the model becomes opaque and keeps its
// identity. Used by the builder of rulesets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalog/nft_expressions.hpp"
#include "model/ruleset.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

// A set's elements as they stand in { ... }, turned into keys, of a map without the values that are
// no verdicts; false if one of them is not understood. `types`: one a part of the key.
// What of each part is compared: `tcp flags & (syn|ack) vmap { ... }`; nothing: all of it.
using Masks = std::vector<std::optional<Number>>;
bool add_elements(NamedSet& set, const Node& elements, const std::vector<catalog::NftType>& types,
                  const Masks& masks = {});

// accept, drop, jump CHAIN ... as a statement.
[[nodiscard]] Statement verdict_of(const Node& verdict);

class RuleLowering {
 public:
  // `source`: the text that the spans point into. Both are to outlive the lowering.
  RuleLowering(Ruleset& ruleset, std::string_view source, TableId table)
      : ruleset_(ruleset), source_(source), table_(table), family_(ruleset[table].family) {}

  // Adds parts and constructs to the pools and names them in `rule`, which is to become the next of
  // the ruleset. Throws SyntaxError for what nft refuses.
  void lower(const std::vector<Node>& statements, Rule& rule);

  // The sets by whose names the rule looks something up, and what it looks up in them.
  struct Lookup {
    std::string_view set_name;
    Span span;
    std::vector<catalog::NftType> types;  // `other`: any
  };
  [[nodiscard]] const std::vector<Lookup>& lookups() const { return lookups_; }

  // A construct of the rule; `name`: as written, as far as it says what it is.
  ConstructId add_construct(std::string_view row, std::string_view name, const Span& span,
                            RuleId rule, IpVersions versions = IpVersions::both());

 private:
  ConstructId add_construct(std::string_view row, const Span& span,
                            IpVersions versions = IpVersions::both()) {
    return add_construct(row, row, span, id_, versions);
  }
  // The construct of a statement that works on entries of conntrack, with all that it does as its
  // only option, which has no name: two of them that say the same do the same.
  ConstructId add_deed(std::string_view row, const Node& statement,
                       IpVersions versions = IpVersions::both());
  void give_words(ConstructId construct, std::string words, const Span& span);
  // One comparison, sorted.
  struct Comparison {
    const Node& node;
    std::string_view op;  // "" for none
    const Node& right;
  };
  // What the key of a lookup is made of.
  struct Key {
    std::vector<const catalog::NftExpression*> rows;  // empty: not computed from the packet
    std::vector<catalog::NftType> types;              // of each part; `other`: not known
    Masks masks;                                      // one a row
    bool is_masked = false;
    ConstructId construct;
    bool has_history = false;
  };

  void lower(const Node& statement);
  void lower_comparison(const Node& node);
  // Throws SyntaxError for a value that the selector cannot have.
  void check_comparison(const Node& asked, const Node& right) const;
  void lower_lookup(const Comparison& comparison, const Key& wanted);
  void lower_vmap(const Node& node);
  void lower_statement(const Node& node);
  void lower_reject(const Node& node);
  void lower_nat(const Node& node);
  // What names an address in a table of inet says whose family it is.
  void refuse_unknown_family(const Node& node) const;
  void refuse_other_family(const Node& node) const;
  void refuse_tproxy(const Node& node) const;
  // What a statement puts into a set is to be of its type.
  void note_update(const Node& node);
  void lower_assign(const Node& node);
  void lower_mark(const Node& node);
  // A packet whose key is in none of the maps that a value looks into does not match the rule.
  void lower_maps(const Node& value);
  // The construct of an expression of `ct` anywhere in a statement, unless one of those made since
  // the number `before` takes a reference of conntrack: such an expression is never missed.
  void note_connection(const Node& statement, std::size_t before);
  // Whether a construct made since then takes a reference.
  [[nodiscard]] bool tracks(std::size_t before) const;
  // The kernel has no conntrack for tables of netdev and arp (nf_ct_netns_get, 6.1; measured).
  void refuse_tracking(const Node& statement, std::size_t before) const;

  [[nodiscard]] std::optional<Match> test_of(const Comparison& comparison,
                                             const catalog::NftExpression& row);
  [[nodiscard]] std::optional<Match> state_test(const Comparison& comparison);
  [[nodiscard]] std::optional<Match> name_test(const Comparison& comparison, Field field);
  [[nodiscard]] std::optional<Match> flags_test(const Comparison& comparison);
  [[nodiscard]] std::optional<Match> family_test(const Comparison& comparison,
                                                 catalog::NftType type);
  [[nodiscard]] std::optional<Match> values_test(const Comparison& comparison,
                                                 const catalog::NftExpression& row);
  [[nodiscard]] std::optional<Match> masked_test(const Comparison& comparison);
  // False: it asks for no fragments.
  [[nodiscard]] bool lower_fragments(const Comparison& comparison);
  void add_later_fragment(const Span& span, IpVersion version, bool is_later);

  // What an expression implies: its family, its protocol. False if it can then be no exact test
  // (ports of any protocol).
  bool add_dependencies(const catalog::NftExpression& row, const Span& span);
  void note_protocols(const Match& match);
  // A field of some messages of ICMP alone: nft asks for their types.
  void add_message_types(const catalog::NftExpression& row, const Span& span);
  [[nodiscard]] Key key_of(const Node& left);
  // The construct of a selector that is more than a look at the packet; names nothing otherwise.
  ConstructId construct_of(std::string_view selector, const Span& span);
  [[nodiscard]] static Key comparable(Key key, const Node& right);
  [[nodiscard]] SetTest set_test(const Key& key, std::string_view name, bool negated);
  // Throws SyntaxError for elements that nft refuses beside others.
  SetId add_anonymous_set(const Key& key, const Node& elements, SetKind kind);

  // Where a part stands in its rule. One whose words all stand in another file stands where its
  // rule does.
  [[nodiscard]] TextPlace place_of(const Span& span) const;
  void add(const Span& span, const Match& match, ConstructId construct = {});
  void add(const Span& span, const Statement& statement, ConstructId construct = {});
  void add_opaque(const Span& span, std::string key, bool negated, ConstructId construct,
                  bool has_history = false);
  PoolRange<Interval> add_intervals(const std::vector<Interval>& intervals);
  // The text of a span with single blanks.
  [[nodiscard]] std::string words_of(const Span& span) const;
  // What a target of NAT may be, as one range. `part`: 1 for the port of `address . port`.
  void read_target(const Node& argument, catalog::NftType type, std::size_t part,
                   PoolRange<Interval>& into);

  std::vector<Lookup> lookups_;
  Ruleset& ruleset_;
  std::string_view source_;
  TableId table_;
  Family family_;
  Rule* rule_ = nullptr;
  RuleId id_;
  IpVersions implied_families_ = IpVersions::both();
  bool knows_icmp_type_ = false;             // the rule asks for one
  bool knows_network_ = false;               // nft does, of the packets that come so far
  std::optional<IpVersions> header_family_;  // whose header the rule has looked into
  std::vector<Number> known_protocols_;      // empty: any
};

}  // namespace untrack::nft
