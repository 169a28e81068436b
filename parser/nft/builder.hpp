// RulesetBuilder: what the commands of nft do to tables, chains, sets and objects. Fed by the
// readers of text and of JSON. Each input works on its own: a flush never removes what another
// input added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/nft/element_conflicts.hpp"
#include "parser/nft/lowering.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

// Where a rule goes: in front of another or behind it, or at an end of the chain.
struct RulePlace {
  enum class Kind : std::uint8_t { last, first, before, behind, instead };
  Kind kind = Kind::last;
  std::uint64_t handle = 0;  // of the other rule; 0: `index` counts
  std::size_t index = 0;
};

struct RuleText {
  Span line;  // whole lines where the rule stands on its own
  Span text;
  std::uint64_t handle = 0;
};

class RulesetBuilder {
 public:
  explicit RulesetBuilder(Ruleset& ruleset) : ruleset_(ruleset) {}

  // What follows comes from this input, until the next call.
  void begin_input(SourceId source, std::string_view text);
  // The same input goes on in another text, which it includes, or behind the include.
  void go_on_in(SourceId source, std::string_view text);

  // The table, made if it is not there.
  TableId table(Family family, std::string_view name, const Span& place);
  [[nodiscard]] std::optional<TableId> find_table(Family family, std::string_view name) const;
  ChainId chain(TableId table, std::string_view name, const Span& place);
  [[nodiscard]] std::optional<ChainId> find_chain(TableId table, std::string_view name) const;
  // May throw SyntaxError for a statement that nft refuses.
  void add_rule(ChainId chain, const RulePlace& place, const std::vector<Node>& statements,
                const RuleText& text);
  // A rule that was not understood, kept as text that may do anything.
  void add_opaque_rule(ChainId chain, const RuleText& text);
  // False if there is no such rule of this input.
  bool delete_rule(ChainId chain, const RulePlace& place);

  SetId set(TableId table, std::string_view name, SetKind kind, const Span& place);
  [[nodiscard]] std::optional<SetId> find_set(TableId table, std::string_view name) const;
  // `types`: words behind `type`, or the selectors behind `typeof`.
  void set_types(SetId id, const std::vector<catalog::NftType>& types, std::string_view text);
  // Of a list that is handed over in several parts: which one it is.
  enum class ListPart : std::uint8_t { whole, first, next, last };
  void add_elements(SetId id, const Node& elements, ListPart part = ListPart::whole);
  // `property`: "timeout", "size", or one that bounds nothing.
  void set_bound(SetId id, std::string_view property, std::string_view value);
  // A statement of the set that each of its elements gets.
  void add_condition(SetId id, const Node& statement);
  // Some of the elements were not read.
  void doubt_elements(SetId id);
  void merge_elements(SetId id) { conflicts_[id].merge(); }
  // Elements of a deletion: what is left is not known then.
  void forget_elements(SetId id);
  // An object, or a statement of a set, that connection tracking knows of. `name`: its own, or that
  // of the set.
  void add_object(TableId table, std::string_view extension, std::string_view name,
                  const Span& span);
  // What any object, or flowtable, was declared to be, in its own words.
  void note_declaration(TableId table, std::string_view name, std::string_view text);
  void delete_object(TableId table, std::string_view extension, std::string_view name);

  void flush_ruleset(std::optional<Family> family);
  void flush_table(TableId table);
  void flush_chain(ChainId chain);
  void delete_table(TableId id);
  void delete_chain(ChainId id);
  // Jumps that lead there still do. False if that name is taken.
  bool rename_chain(ChainId id, std::string_view name);
  void delete_set(SetId id);

  // Takes deleted tables out, and tells lookups that are not computed from the packet apart by what
  // their sets hold; to be called once, behind the last input.
  void finish();

  // What the kernel refuses of the base chain that was read.
  void check_base(ChainId id, const Span& place);
  // The elements of the set may have timeouts.
  void note_timeouts(SetId set) { timed_.insert(set); }

  [[nodiscard]] std::uint32_t rule_count() const { return rule_count_; }
  // Both, where its tables see no packets of IP.
  [[nodiscard]] IpVersions seen_versions() const {
    return seen_.empty() ? IpVersions::both() : seen_;
  }
  [[nodiscard]] bool has_content() const { return has_content_; }

 private:
  void lower_rule(TableId table, const std::vector<Node>& statements, Rule& rule);
  // Look-ups of what the set does not hold, which nft refuses.
  void check_lookups();
  // Elements that nft refuses beside others.
  void check_elements();
  void note_filled_sets(const std::vector<Node>& statements, TableId table);
  // Sets that rules fill, and that are not there, or take no timeouts.
  void check_filled_sets();
  void refuse_timeout(const Span& span);
  void note_options(SetId id, std::uint64_t hash, bool has_rate);
  void take_deleted_out();
  void name_contents();
  [[nodiscard]] std::string_view with_contents(std::string_view key, TableId table);
  [[nodiscard]] std::string hashes_of_objects(std::string_view key, TableId table) const;
  [[nodiscard]] std::optional<std::size_t> place_of(ChainId chain, const RulePlace& place) const;
  void insert(ChainId chain, const RulePlace& place, RuleId rule);
  [[nodiscard]] bool is_mine(RuleId rule) const;
  [[nodiscard]] bool is_mine(const Span& span) const { return mine_.contains(span.source); }

  Ruleset& ruleset_;
  std::set<SourceId> mine_;  // texts of this input
  std::string_view text_;    // the one that is being read
  std::map<std::pair<Family, std::string_view>, TableId> tables_;
  std::map<std::pair<TableId, std::string_view>, ChainId> chains_;
  std::map<std::pair<TableId, std::string_view>, SetId> sets_;
  std::map<SetId, std::vector<catalog::NftType>> types_;
  std::vector<std::pair<TableId, RuleLowering::Lookup>> lookups_;
  std::map<SetId, ElementConflicts> conflicts_;
  std::map<SetId, std::uint64_t> contents_;  // a hash of the elements as they were given
  // Rates and timeouts, of the set and of its elements.
  struct SetOptions {
    std::uint64_t hash = 0;
    bool has_rate = false;
  };
  std::map<SetId, SetOptions> set_options_;
  std::set<SetId> begun_;  // that were given elements before, read or not
  std::map<std::pair<TableId, std::string_view>, std::uint64_t> declared_;  // a hash of the words
  std::map<TableId, std::uint64_t> all_declared_;                           // of all of a table
  struct Filling {
    Span name;
    std::optional<Span> timed;  // an element that a rule adds with a timeout
  };
  // Sets that rules fill, declared or not.
  std::map<std::pair<TableId, std::string_view>, Filling> filled_;
  std::set<SetId> timed_;                        // that take timeouts
  std::map<SetId, Span> elements_with_timeout_;  // the first of each set
  std::set<TableId> deleted_;
  std::map<TableId, ChainId> declarations_;
  std::map<std::tuple<TableId, std::string_view, std::string_view>, RuleId> objects_;
  std::uint32_t rule_count_ = 0;
  IpVersions seen_;
  bool has_content_ = false;
};

}  // namespace untrack::nft
