// ScriptReader: one script on its way into the ruleset. Private to script.cpp (lines, blocks, words
// of the shell) and script_commands.cpp (what single commands do).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "parser/iptables/problems.hpp"
#include "parser/iptables/programs.hpp"
#include "parser/iptables/script.hpp"
#include "parser/iptables/shell_variables.hpp"

namespace untrack::iptables {

class ScriptReader {
 public:
  ScriptReader(SourceId source, std::string_view text, Ruleset& ruleset, Execution& execution,
               Ipsets& ipsets)
      : source_(source),
        text_(text),
        ruleset_(ruleset),
        execution_(execution),
        ipsets_(ipsets),
        limit_(ruleset, source) {}

  ScriptOutcome read();

 private:
  enum class BlockKind : std::uint8_t { condition, loop, choice, function, group };
  // Something between an opening and a closing word.
  struct Block {
    BlockKind kind{};
    Span head;
    std::string_view name;         // of a function
    bool is_round = false;         // opened by `(`
    bool expects_pattern = false;  // in a choice: patterns come, not commands
    std::uint32_t taken = 0;       // firewall commands in it that were read
    std::uint32_t left = 0;        // and those that were not and may add rules
  };

  // One simple command: tokens [first, last) of the line without redirections.
  struct Call {
    std::vector<std::size_t> words;  // indices of tokens
    const Token* here_document = nullptr;
    bool reads_file = false;   // `<`
    bool is_additive = false;  // may not run: only what it adds is taken
    bool is_doubtful = false;  // behind a test and `&&`
  };

  // script.cpp
  void read_line();
  std::size_t read_word(std::size_t at);
  std::size_t skip_pattern(std::size_t at);
  std::size_t open_loop(std::size_t at);
  std::size_t open_choice(std::size_t at);
  bool open_function(std::size_t* at);
  void open(BlockKind kind, const Token& token);
  void close(BlockKind kind);
  void close_brace();
  void report_block(const Block& block);
  std::size_t simple_command(std::size_t at);
  [[nodiscard]] std::string_view plain(const Token& token) const;  // unquoted literal, or empty
  [[nodiscard]] bool is_in_doubt() const;                          // in a branch, loop or function
  [[nodiscard]] Span span_of(const Token& token) const { return {source_, token.begin, token.end}; }
  [[nodiscard]] Span line_span() const { return {source_, line_.begin, line_.end}; }

  // script_commands.cpp
  void run(Call& call);
  void check_substitutions(const Call& call);
  std::size_t assignments(const Call& call);
  void assign(const Token& token, std::string_view name);
  ProgramKind run_program(const Call& call, const std::vector<Word>& front, std::size_t next);
  void run_iptables(const Call& call, IpVersion version, const std::vector<Word>& front,
                    std::size_t next);
  void run_restore(const Call& call, IpVersion version, const std::vector<Word>& front,
                   std::size_t next);
  void run_ipset(const Call& call, const std::vector<Word>& front, std::size_t next);
  void run_ip(const Call& call, std::size_t next);
  void declare(const Call& call, std::size_t next);
  void forget(const Call& call, std::size_t next);
  void once(const Call& call, const Program& program);
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
  ProblemLimit limit_;
  ShellVariables variables_;
  ScriptOutcome outcome_;

  ShellLine line_;
  bool is_alone_ = false;  // the command is the only one of its line
  std::vector<Block> blocks_;
  std::array<std::size_t, 5> open_{};  // blocks by kind, so that a stray closing word costs nothing
  std::string_view pending_function_;  // its body comes next
  TokenKind connector_ = TokenKind::semicolon;  // in front of the command
  ProgramKind previous_ = ProgramKind::other;   // the command in front of the connector
  std::unordered_set<std::string_view> functions_;
  std::unordered_set<std::string> told_;  // programs reported once
  bool has_told_options_ = false;         // options without a program
};

}  // namespace untrack::iptables
