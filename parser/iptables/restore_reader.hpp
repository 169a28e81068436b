// RestoreReader: one save file or listing on its way into the ruleset. Private to restore.cpp
// (lines and rules) and restore_declarations.cpp (tables, chains, COMMIT).
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/iptables/pages_ahead.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/restore.hpp"
#include "parser/iptables/shaped_rules.hpp"
#include "parser/iptables/words.hpp"
#include "parser/problem_limit.hpp"

namespace untrack::iptables {

[[nodiscard]] inline Family family_of(IpVersion version) {
  return version == IpVersion::ipv4 ? Family::ip : Family::ip6;
}

// "[12:3456]" (xshared.c, 1.8.9: parse_counters).
[[nodiscard]] std::optional<Counters> parse_counters(std::string_view text);

class RestoreReader {
 public:
  RestoreReader(const Document& document, const RestoreOptions& options, Ruleset& ruleset,
                Execution& execution, const LineShapes* shapes)
      : document_(document),
        options_(options),
        ruleset_(ruleset),
        execution_(execution),
        limit_(ruleset, document.source) {
    if (shapes != nullptr) shaped_.emplace(*shapes, ruleset, execution);
  }

  void read();

 private:
  void read_line(const Line& line);
  void ask_for_pages();
  // The line without blanks and newline around it.
  [[nodiscard]] Span inner_span() const;
  void note_carriage_return();
  void blank();
  void comment();
  void check_first_byte(std::string_view what);
  void split();
  // The word at `position` of the line behind its first sign, as strtok() of iptables-restore takes
  // it: quotes mean nothing.
  void plain_words();
  void table_header();
  void enter(std::string_view name, const Span& place);
  // A second `*table` for the tables of this file.
  void enter_again(std::string_view name, std::size_t first_line);
  void settle_doubts();
  // Lines that need a table: outside of one they are an error, but are still read.
  void need_table(std::string_view what);
  void chain_declaration();
  void wrong_policy(std::string_view chain, const Word& policy, bool is_base);
  // With -n a user chain that exists is not made again (iptables-restore(8), --noflush); what
  // another file put into it is kept here, for the files of one host are judged together.
  ChainId declare_again(TableId table, ChainId known, const Word& name);
  void commit();
  void note_missing_policies();
  void rule();
  void shaped_rule(std::uint16_t shape);
  // `-A ... # words`: reported as one error, and read without the comment.
  void cut_comment();
  // A template that was never filled in: `$NAME` where a value should be.
  void check_variables();
  void run(const std::optional<Counters>& counters);
  // A line that serves both families is read twice, and most problems are found twice.
  void drop_repeated(std::size_t first, std::size_t second);
  void other();

  const Document& document_;
  const RestoreOptions& options_;
  Ruleset& ruleset_;
  Execution& execution_;
  ProblemLimit limit_;
  std::array<PagesAhead, 6> pages_;  // of the large pools
  std::optional<ShapedRules> shaped_;

  std::string_view text_;  // of the line being read
  Span span_;
  std::vector<Word> words_;

  bool is_open_ = false;  // between `*table` and COMMIT
  bool has_carriage_return_ = false;
  std::string_view table_name_;
  Span header_;
  std::array<TableId, 2> tables_;  // by IpVersion; naming nothing where the file is not for it
  std::size_t line_number_ = 0;
  struct Seen {
    TableId table;
    std::size_t line = 0;  // of its first header
  };
  std::vector<Seen> seen_;  // tables whose header stood in this file
  // A second copy that leaves open whether the first forces tracking.
  struct Doubt {
    std::size_t problem = 0;
    std::string_view name;
    std::array<TableId, 2> tables;
  };
  std::vector<Doubt> doubts_;
};

}  // namespace untrack::iptables
