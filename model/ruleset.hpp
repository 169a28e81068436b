// Ruleset: all that is known of one host's firewall (one network namespace), from any number of
// inputs in either language: tables, chains, rules, sets. Built by parser/, read by analysis/ and
// rewriter/, never changed after resolve(). Pools and ids instead of pointers, so that a ruleset of
// 100,000 rules is a few allocations; texts are views into the Sources or into the ruleset itself.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/catalog/xtables_extensions.hpp"
#include "model/ids.hpp"
#include "model/interval_pool.hpp"
#include "model/match.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"
#include "model/statement.hpp"
#include "model/text_ref.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

enum class Language : std::uint8_t { iptables, nft };

struct Counters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

// One option as written: `! --dport 22`.
struct OptionUse {
  const catalog::Option* row = nullptr;  // null: not an option that the catalog knows
  TextRef name;                          // as written, without dashes
  TextRef value;                         // with variables expanded; several words joined by a space
  Span span;                             // from the `!` or the option to its last value
  bool negated = false;
};

// One use of an extension (iptables) or keyword (nft) in a rule: the unit of an audit finding.
struct Construct {
  const catalog::Extension* extension = nullptr;  // null: not in the catalog
  TextRef name;                                   // as written: "state", "MASQUERADE"
  Span span;  // from -m or -j to the end of its last option, wherever that stands in the rule
  // For an object of nft, which stands in a table: a rule that is in no chain, see Table::objects.
  RuleId rule;
  PoolRange<OptionUse> options;
  catalog::ExtensionKind kind{};
  Language language{};
  // Of the families that its table sees, those that it is about: `dnat ip to` in a table of inet.
  IpVersions ip_versions = IpVersions::both();
};

struct Rule;

// A match or statement with the text it came from. Several parts may come from one construct. There
// are more of them than of anything else, so that it is kept small.
struct RulePart {
  TextPlace place;        // in the source of its rule
  ConstructId construct;  // names nothing for what needs no extension: -s, -i, -j ACCEPT
  std::variant<Match, Statement> what;

  [[nodiscard]] Span span_in(const Rule& rule) const;
};
static_assert(sizeof(RulePart) == 40);

struct Rule {
  ChainId chain;              // names nothing for one that was deleted or flushed again
  Span line;                  // the whole line with its newline, so that removing it leaves no hole
  Span text;                  // the command alone
  PoolRange<RulePart> parts;  // in the order in which the kernel evaluates them
  PoolRange<Construct> constructs;
  TextRef comment;           // of -m comment, or nft's comment statement
  CountersId counters;       // names nothing: not given
  std::uint32_t copies = 1;  // rules the kernel makes of it: comma lists multiply
  std::uint64_t handle = 0;  // nft; 0: not known
};

inline Span RulePart::span_in(const Rule& rule) const {
  return {rule.line.source, place.begin, place.end};
}

struct BaseChain {
  ChainType type{};
  Hook hook{};
  int priority = 0;
  Policy policy = Policy::accept;
  std::vector<std::string_view> devices;  // netdev and ingress chains
};

struct Chain {
  TableId table;
  std::string_view name;
  Span span;  // its declaration; empty at the start of the table for one that is implied
  std::optional<BaseChain> base;  // none: a user (regular) chain
  std::vector<RuleId> rules;      // as they stand after all commands of the inputs
  std::optional<Counters> counters;
  std::vector<ChainId>
      callers{};  // whose rules jump here; resolve() finds them, some perhaps twice
};

struct Table {
  Family family{};
  std::string_view name;
  Language language{};
  bool is_dormant = false;
  // Its inputs are pieces of a larger whole (a fragment, ufw's files, a script that adds to what
  // other programs made): a jump to a chain that is not here is no error.
  bool is_partial = false;
  // It stands twice in one save file; which copy counts depends on how the file is loaded.
  bool stands_twice = false;
  Span span;  // its header
  std::vector<ChainId> chains;
  std::vector<SetId> sets;
  // Objects of nft and statements of its sets that connection tracking knows of, each as the only
  // construct of a rule without parts: they count as soon as they are declared, used or not.
  std::vector<RuleId> objects;
};

enum class SetKind : std::uint8_t { ipset, nft_set, nft_map, nft_verdict_map };

// A named set, or one that stands in a rule of nft and has no name. Element i has the key intervals
// keys[i * fields.size() ...].
// How long the elements of a set stay, and how many it takes: what is put into it at run time comes
// and goes by these.
struct SetBounds {
  std::uint64_t timeout_ms = 0;  // of elements that name no other; 0: they stay
  std::uint64_t size = 0;        // 0: what its kind takes where none is named

  friend bool operator==(const SetBounds&, const SetBounds&) = default;
};
// " timeout 5000 ms size 10", or nothing.
[[nodiscard]] std::string to_text(const SetBounds& bounds);

struct NamedSet {
  SetKind kind{};
  std::string_view name;
  std::string_view type;  // "hash:net,port"; nft: the type or typeof expression
  Family family{};        // ip or ip6 for an ipset
  TableId table;          // names nothing for an ipset, which belongs to the host
  Span span;
  // "net", "port", "iface" ... parts of the type; nft: "iface" or "value".
  std::vector<std::string_view> fields;
  // An address, MAC or mark as a number; a port as protocol * 65536 + port, but in a bitmap:port
  // the port alone (ICMP: type * 256 + code in place of the port); iface and set: an index of
  // `words`. In nft all others are in the units of the Field.
  std::vector<Interval> keys;
  std::vector<std::string_view> words;  // in nft a `*` at the end means all that begin so
  std::vector<bool> is_exception;       // nomatch elements
  // nft_verdict_map: what becomes of the packets of each element, by element; a VerdictStatement or
  // a JumpStatement.
  std::vector<Statement> verdicts;
  std::optional<Statement> otherwise;  // of the element `*`
  SetBounds bounds;
  bool is_dynamic = false;      // elements come and go at run time (timeout, SET target)
  bool contents_known = false;  // elements were given and all of them understood
  [[nodiscard]] std::size_t element_count() const {
    return fields.empty() ? 0 : keys.size() / fields.size();
  }
};

// A construct as its language names it: "-m state", "-j MASQUERADE", "ct state", "masquerade".
[[nodiscard]] std::string display_name(const Construct& construct);

// The interface of one key of a set.
[[nodiscard]] NamePattern interface_in(const NamedSet& set, const Interval& key);

// What one input was read as, for the reports.
struct InputSummary {
  SourceId source{};
  std::string
      format;  // "iptables-save", "iptables -S", "iptables commands", "shell script", "ipset save"
  std::uint32_t rules = 0;
  IpVersions ip_versions;
  std::vector<SourceId> included = {};  // what nft reads in its place, in that order
  // Whose filter table its commands empty, so that they can run again and again.
  IpVersions starts_over = IpVersions::none();
  // The first command about a rule that stands there already, by its words or its number: -D, -R,
  // -C, and -I with a number; empty: none.
  Span about_standing = {};
};

class Ruleset {
 public:
  Ruleset() = default;
  Ruleset(Ruleset&&) = default;
  Ruleset& operator=(Ruleset&&) = default;
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  ~Ruleset() = default;

  // Pools. Only parser/ and resolve() write them.
  std::vector<Table> tables;
  std::vector<Chain> chains;
  std::vector<Rule> rules;  // every rule ever read; one that is deleted again is in no chain
  std::vector<RulePart> parts;
  std::vector<Construct> constructs;
  std::vector<OptionUse> options;
  IntervalPool intervals;
  std::vector<NamePattern> names;
  std::vector<MapLookup> lookups;
  std::vector<Counters> counters;
  std::vector<NamedSet> sets;
  std::vector<Problem> problems;
  std::vector<InputSummary> inputs;

  // Keeps a text that stands in no source (an expanded variable, a normal form) for as long as the
  // ruleset lives.
  std::string_view keep(std::string text);
  // The same text in fewer bytes: for what few rules have.
  [[nodiscard]] KeptText short_form(std::string_view text);

  [[nodiscard]] const Table& operator[](TableId id) const { return tables[id.index()]; }
  [[nodiscard]] const Chain& operator[](ChainId id) const { return chains[id.index()]; }
  [[nodiscard]] const Rule& operator[](RuleId id) const { return rules[id.index()]; }
  [[nodiscard]] const NamedSet& operator[](SetId id) const { return sets[id.index()]; }
  [[nodiscard]] const Construct& operator[](ConstructId id) const { return constructs[id.index()]; }
  [[nodiscard]] const MapLookup& operator[](const VerdictMapStatement& map) const {
    return lookups[map.lookup.index()];
  }
  [[nodiscard]] const Counters& operator[](CountersId id) const { return counters[id.index()]; }
  [[nodiscard]] const Table& table_of(const Rule& rule) const {
    return (*this)[(*this)[rule.chain].table];
  }

  [[nodiscard]] std::optional<TableId> find_table(Family family, std::string_view name) const;
  // In the order of declaration; linear in the chains of the table.
  [[nodiscard]] std::optional<ChainId> find_chain(TableId table, std::string_view name) const;

 private:
  std::deque<std::string> kept_;
  std::deque<std::string_view> short_forms_;
};

// Whether the rule stands for an object that is declared: see Table::objects.
[[nodiscard]] bool is_declaration(const Ruleset& ruleset, const Rule& rule);

// The elements of a range as something to iterate over.
template <class Element>
[[nodiscard]] std::span<const Element> slice(const std::vector<Element>& pool,
                                             PoolRange<Element> range) {
  return std::span<const Element>(pool).subspan(range.first, range.count);
}

}  // namespace untrack
