// Admission: which rules can have let the first packet of an entry in, as the rules are now. Found
// by Admitter, counted by attribution.hpp. What is not in an entry (interfaces, marks, flags) and
// what no packet tells is "may match", and so an admission can name several rules: it never leaves
// one out, so that a single one is the one.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/attribution/local_addresses.hpp"
#include "analysis/attribution/plain_rules.hpp"
#include "analysis/attribution/rule_index.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"
#include "model/conntrack_entry.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// A rule that accepts, or the policy of a chain (no rule); neither: no chain filters.
struct Admitting {
  Path path{};
  RuleId rule;
  ChainId chain;  // of a policy
  friend auto operator<=>(const Admitting&, const Admitting&) = default;
};

struct Admission {
  static constexpr std::size_t most = 6;
  std::vector<Admitting> by;    // sorted, at most `most`
  bool may_be_refused = false;  // by the rules as they are; with nothing in `by`: it is
  bool is_unknown = false;      // too many could be it, or it depends on what cannot be computed
};

class Admitter {
 public:
  // `program`: with NotrackUse::ignored, since what has an entry was tracked. Both must outlive it.
  Admitter(const Program& program, const LocalAddresses& locals);

  // The entry must be of the program's IP version. The result is valid until the next call.
  [[nodiscard]] const Admission& admission_of(const ConntrackEntry& entry);

 private:
  // Whether a test holds.
  enum class Truth : std::uint8_t { no, maybe, yes };
  // How a chain, or what is left of it, can end.
  struct Ends {
    bool back = false;
    bool drop = false;
    bool unknown = false;
    std::vector<RuleId> accepts;
  };

  void follow(Path path);
  void through_run(const Run& run, Path path, Ends& ends);
  void through_chain(ChainId chain, Ends& ends);
  // Adds how the rule can end; what it returns: whether the packet may go on with the next.
  bool through_rule(RuleId rule, Ends& ends);
  bool act(std::uint32_t part, const Statement& statement, RuleId rule, Ends& ends);
  bool obey(const Statement& statement, RuleId rule, Ends& ends);
  // Whether the packet can go on behind the rule that looks it up.
  bool may_match_none(std::uint32_t part, const MapLookup& map, RuleId rule, Ends& ends);
  static void accept(RuleId rule, Ends& ends);
  [[nodiscard]] Truth truth(std::uint32_t part, const Match& match);
  [[nodiscard]] Truth truth_of(const StateTest& test, PartKind kind) const;
  [[nodiscard]] Truth truth_of(const FieldTest& test) const;
  [[nodiscard]] Truth truth_of(const NameTest& test) const;
  [[nodiscard]] Truth truth_of(const SetTest& test, std::uint32_t part);
  [[nodiscard]] bool is_known(Field field) const;
  [[nodiscard]] CtState state() const;
  struct IndexedChain {
    RuleIndex index;
    std::vector<PlainRule> plain;
  };
  [[nodiscard]] const IndexedChain& index_of(ChainId chain);
  // Of a plain rule that matches; as through_rule.
  static bool obey_plain(PlainRule::End end, RuleId rule, Ends& ends);
  [[nodiscard]] bool can_drop(ChainId chain);
  void add(const Admitting& admitting);

  const Program& program_;
  const Ruleset& ruleset_;
  const LocalAddresses& locals_;
  std::vector<std::unique_ptr<IndexedChain>> indices_;  // by ChainId
  std::vector<std::optional<bool>> can_drop_;           // by ChainId
  // By part: the keys of a set of one field, joined and sorted.
  std::unordered_map<std::uint32_t, std::vector<Interval>> set_values_;

  Packet packet_;
  const ConntrackEntry* entry_ = nullptr;
  const Run* run_ = nullptr;
  bool knows_source_ = false;       // whether the source is the host's
  bool knows_destination_ = false;  // the same, of where the packet goes at this hook
  bool is_loopback_ = false;        // the packet goes over lo
  bool may_be_loopback_ = false;
  bool has_tproxy_ = false;
  bool has_ports_ = false;
  std::size_t budget_ = 0;  // rules to look at
  // Kept for their memory.
  std::vector<Admitting> by_;
  Ends run_ends_;
  Admission admission_;
};

}  // namespace untrack
