// ScriptReader: one script on its way into the ruleset. Private to script.cpp (lines, words of the
// shell), blocks.cpp (what has a beginning and an end), commands.cpp and
// programs.cpp (what single commands do) and ends.cpp (where it may end early).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "parser/iptables/problems.hpp"
#include "parser/iptables/programs.hpp"
#include "parser/iptables/script/script.hpp"
#include "parser/iptables/script/shell_variables.hpp"
#include "parser/problem_limit.hpp"

namespace untrack::iptables {

class ScriptReader {
 public:
  ScriptReader(SourceId source, std::string_view text, Ruleset& ruleset, Execution& execution,
               Ipsets& ipsets, RestoreText* commands)
      : source_(source),
        text_(text),
        ruleset_(ruleset),
        execution_(execution),
        ipsets_(ipsets),
        commands_(commands),
        limit_(ruleset, source) {}

  ScriptOutcome read();

 private:
  enum class BlockKind : std::uint8_t { condition, loop, choice, function, group };
  // What is known about an end of the script, or of the subshell that is being read.
  struct Ends {
    bool has_ended = false;       // for certain: nothing behind `place` runs
    bool may_have_ended = false;  // after a firewall command
    Span place;
    std::uint32_t passed_over = 0;  // firewall commands behind it
    std::uint32_t first = 0;        // where the first of them begins
  };
  enum class EndKind : std::uint8_t {
    guard,    // in front of every firewall command: all of the script runs, or nothing
    failure,  // only if a firewall command fails
    choice,
  };
  struct PendingEnd {
    Span place;
    EndKind kind{};
  };
  // Something between an opening and a closing word.
  struct Block {
    BlockKind kind{};
    Span head;
    std::string_view name;         // of a function
    bool is_round = false;         // opened by `(`
    bool is_subshell = false;      // an exit in it ends only this block
    bool is_chained = false;       // a group behind `&&` or `||`, which may not run
    bool is_failure = false;       // a group that runs if a firewall command in front fails
    bool expects_pattern = false;  // in a choice: patterns come, not commands
    std::uint32_t taken = 0;       // firewall commands in it that were read
    std::uint32_t left = 0;        // and those that were not and may add rules
    Ends ends;                     // of what stands around it
    std::size_t pending_ends = 0;
    // False for a group that runs once, wherever it stands.
    [[nodiscard]] bool is_doubtful() const { return kind != BlockKind::group || is_chained; }
  };

  // One simple command: tokens [first, last) of the line without redirections.
  struct Call {
    std::vector<std::size_t> words;  // indices of tokens
    const Token* here_document = nullptr;
    bool reads_file = false;      // `<`
    bool is_additive = false;     // may not run: only what it adds is taken
    bool is_doubtful = false;     // behind a test and `&&`
    bool is_in_subshell = false;  // a part of a pipeline, or in the background
  };

  // script.cpp and blocks.cpp
  void read_line();
  std::size_t read_word(std::size_t at);
  std::size_t skip_pattern(std::size_t at);
  std::size_t open_loop(std::size_t at);
  std::size_t open_choice(std::size_t at);
  bool open_function(std::size_t* at);
  void open(BlockKind kind, const Token& token);
  void close(BlockKind kind, std::size_t at);
  void close_brace(std::size_t at);
  [[nodiscard]] bool is_subshell_behind(std::size_t at) const;
  void report_block(const Block& block);
  std::size_t simple_command(std::size_t at);
  [[nodiscard]] std::string_view plain(const Token& token) const;  // unquoted literal, or empty
  [[nodiscard]] bool is_in_doubt() const;                          // in a branch, loop or function
  [[nodiscard]] Span span_of(const Token& token) const { return {source_, token.begin, token.end}; }
  [[nodiscard]] Span line_span() const { return {source_, line_.begin, line_.end}; }

  // ends.cpp
  // `program`: as it is after expansion; empty if there is none, or it is not known.
  void look_for_end(const Call& call, std::string_view program);
  void leave_subshell(const Block& block);
  // `is_certain`: it ends the shell that runs it, so that only what stands around it is in doubt.
  void leave(const Call& call, const Span& place, bool is_certain);
  void mark_ending(std::string_view function);
  void pass_over(const Call& call);
  void tell_passed_over();
  void tell_ends();

  // commands.cpp
  void run(Call& call);
  std::size_t expand_front(const Call& call, std::size_t next, Expansion* front);
  void changes();
  void check_substitutions(const Call& call);
  std::size_t assignments(const Call& call);
  void assign(const Token& token, std::string_view name);
  void run_program(Call& call, const std::vector<Word>& front, std::size_t next);
  void run_prefixed(Call& call, const std::vector<Word>& front, std::size_t next);
  void run_iptables(Call& call, IpVersion version, const std::vector<Word>& front,
                    std::size_t next);
  void run_restore(Call& call, IpVersion version, const std::vector<Word>& front, std::size_t next);
  void run_ipset(const Call& call, const std::vector<Word>& front, std::size_t next);
  void run_ip(const Call& call, std::size_t next);
  void declare(const Call& call, std::size_t next);
  void forget(const Call& call, std::size_t next);
  void once(const Call& call, const Program& program);
  // A call of a function that has the name of a program of the firewall.
  void doubt_function(Call& call, const Word& name);
  // Programs of the other set of tables remove nothing here.
  void note_backend(Call& call, IpVersion version, const Word& program);
  void unknown_program(const Call& call, const Expansion& expansion);
  // All words behind the program; false after reporting what is not known.
  bool expand_rest(const Call& call, std::size_t next, std::string_view program,
                   std::vector<Word>* words);
  void not_read(const Call& call, std::string message, std::string label, std::string cure,
                bool may_track);
  void took();
  [[nodiscard]] Span span_of(const Call& call) const;
  [[nodiscard]] bool names_iptables(const Call& call, std::size_t next) const;

  SourceId source_;
  std::string_view text_;
  Ruleset& ruleset_;
  Execution& execution_;
  Ipsets& ipsets_;
  RestoreText* commands_;  // nullptr: nobody asked
  ProblemLimit limit_;
  ShellVariables variables_;
  ScriptOutcome outcome_;

  ShellLine line_;
  bool is_alone_ = false;  // the command is the only one of its line
  std::vector<Block> blocks_;
  std::array<std::size_t, 5> open_{};  // blocks by kind, so that a stray closing word costs nothing
  std::string_view pending_function_;  // its body comes next
  TokenKind connector_ = TokenKind::semicolon;  // in front of the command
  bool is_continued_ = false;                   // the line ended with a connector
  std::unordered_set<std::string_view> functions_;
  std::unordered_set<std::string_view> ending_functions_;  // may end the script
  // By function that no exit was seen in yet: the functions that call it.
  std::unordered_map<std::string_view, std::vector<std::string_view>> callers_;
  std::vector<std::string_view> open_functions_;  // whose bodies are being read
  Ends ends_;
  std::vector<PendingEnd> pending_ends_;  // no firewall command stood behind them yet
  std::size_t doubts_ = 0;                // open blocks that are doubtful
  bool has_changed_ = false;              // a firewall command outside of functions may have run
  bool has_function_rules_ = false;       // a function holds firewall commands
  bool has_taken_ = false;                // the last command was one of the firewall
  bool has_succeeded_ = false;            // it was one that never fails: echo
  bool is_chain_of_firewall_ = false;     // so were all up to the connector
  bool has_told_failure_ = false;
  std::uint32_t counted_to_ = 0;  // newlines in front of it:
  std::size_t lines_counted_ = 0;
  std::unordered_set<std::string> told_;            // programs reported once
  bool has_told_options_ = false;                   // options without a program
  std::array<std::optional<Backend>, 2> backends_;  // by IpVersion: of the first program
};

}  // namespace untrack::iptables
