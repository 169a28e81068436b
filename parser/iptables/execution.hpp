// Execution: what the commands of one input do to the tables and chains, as iptables would do it:
// append, insert, delete, flush, rename and so on. Fed by the readers of save files, listings and
// scripts. Each input works on its own rules: a flush never removes what another input added; at
// the end the rules of all inputs stand in each chain one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/chain_index.hpp"
#include "parser/iptables/command.hpp"

namespace untrack::iptables {

// How much of the whole the input holds, which decides what a missing chain or rule is.
enum class Completeness : std::uint8_t {
  whole,    // a save file: what is not declared does not exist, iptables-restore would refuse it
  partial,  // other files or programs may have made it: worth a note
};

// The rules of one chain in one input. Inserting and deleting near the front costs no more than at
// the end, because scripts that build a chain with `-I` do it thousands of times.
class RuleOrder {
 public:
  [[nodiscard]] std::size_t size() const { return front_.size() + back_.size() - skipped_; }
  [[nodiscard]] RuleId at(std::size_t position) const;
  void insert(std::size_t position, RuleId rule);
  void replace(std::size_t position, RuleId rule);
  void erase(std::size_t position);
  void clear();
  // Puts all rules behind those in `into`, and is empty then.
  void move_to(std::vector<RuleId>& into);

 private:
  std::vector<RuleId> front_;  // reversed
  std::vector<RuleId> back_;
  std::size_t skipped_ = 0;  // erased at the beginning of back_
};

class Execution {
 public:
  Execution(Ruleset& ruleset, ChainIndex& index, SourceId source, Completeness completeness)
      : ruleset_(ruleset), index_(index), source_(source), completeness_(completeness) {}

  // The table, made with its built-in chains if it does not exist. `place`: where it is named.
  TableId open_table(Family family, std::string_view name, const Span& place);

  // What `*table` does without -n: the rules and user chains that this input made so far go.
  void start_over(TableId table);

  // Whether this input's rules that stand in the table force tracking, as far as they are known.
  enum class Forces : std::uint8_t { no, maybe, yes };
  [[nodiscard]] Forces forces_tracking(TableId table);

  [[nodiscard]] ChainId find(TableId table, std::string_view name) const {
    return index_.find(table, name);
  }

  [[nodiscard]] bool is_filled(ChainId chain) { return order(chain).size() != 0; }
  // Room for so many more chains.
  void expect_chains(std::size_t count) {
    index_.expect(count);
    works_.reserve(ruleset_.chains.size() + count);
    declared_.reserve(declared_.size() + count);
  }

  // A user chain, from -N or `:NAME -`; reports one that this input declared before.
  ChainId declare_chain(TableId table, std::string_view name, const Span& place);

  // The same where the name is new; a chain that has it is left alone, and comes back with false.
  std::pair<ChainId, bool> declare_new(TableId table, std::string_view name, const Span& place);

  // Does what the command says and reports what iptables would refuse. `line` becomes Rule::line.
  // `additive`: the command may not run, so only what it adds is done (see shell scripts).
  void run(Command& command, TableId table, const Span& line, bool additive = false);

  // Appends a rule whose chain, line, text and constructs are complete and whose jumps are linked.
  void append(const Rule& rule);

  // Moves the rules into their chains. Nothing may be called after it.
  void finish();

  // See InputSummary.
  [[nodiscard]] IpVersions starts_over() const { return starts_over_; }
  [[nodiscard]] const Span& about_standing() const { return about_standing_; }

  [[nodiscard]] bool has_tables() const { return has_tables_; }
  [[nodiscard]] std::uint32_t rule_count() const { return rule_count_; }

 private:
  ChainId chain_for_rule(const Command& command, TableId table);
  void add_rule(Command& command, TableId table, ChainId chain, const Span& line);
  void remove_rule(const Command& command, ChainId chain);
  void flush(ChainId chain);
  void delete_chain(const Command& command, TableId table);
  void delete_all_chains(TableId table);
  void rename_chain(const Command& command, TableId table);
  void link(const Rule& rule, TableId table);
  void remember(const Command& command, TableId table, bool additive);
  void missing(const Command& command, TableId table, std::string message);
  [[nodiscard]] std::string fingerprint_of(const Rule& rule) const;
  [[nodiscard]] std::size_t find_equal(ChainId chain, const Rule& rule);
  // What this input did with a chain. Deleted chains leave their table only in finish(), so that
  // thousands of -X cost no more than the same number of -N.
  struct Work {
    RuleOrder rules;
    bool is_touched = false;  // listed in touched_
    bool is_mine = false;     // a user chain that this input declared
    bool is_gone = false;
  };
  Work& work(ChainId chain);
  RuleOrder& order(ChainId chain) { return work(chain).rules; }
  // The chain that the command names, reported if it is missing; it may name nothing.
  ChainId named_chain(const Command& command, TableId table);
  void flush_all(TableId table);
  void remove_chain(ChainId chain);

  Ruleset& ruleset_;
  ChainIndex& index_;
  SourceId source_;
  Completeness completeness_;
  std::uint32_t rule_count_ = 0;
  bool has_tables_ = false;
  IpVersions starts_over_ = IpVersions::none();
  Span about_standing_;
  std::vector<Work> works_;        // by chain
  std::vector<ChainId> touched_;   // chains that have, or had, rules of this input
  std::vector<ChainId> declared_;  // chains that are, or were, mine
  std::vector<TableId> shrunk_;    // tables with chains that are gone
  std::vector<std::pair<RuleId, TableId>> unlinked_;  // rules with a jump to a chain not seen yet
  std::vector<std::string> fingerprints_;             // by rule, where asked for
};

}  // namespace untrack::iptables
