// CommandReader: one pass over the words of a command, option by option. Private to command.cpp,
// command_words.cpp and command_options.cpp, which share the work.
#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>

#include "parser/iptables/command.hpp"
#include "parser/iptables/command_checks.hpp"
#include "parser/iptables/option_lookup.hpp"
#include "parser/iptables/rule_words.hpp"

namespace untrack::iptables {

// As do_parse() in iptables/xshared.c (1.8.9) does it.
class CommandReader {
 public:
  CommandReader(std::span<const Word> words, const CommandContext& context, Ruleset& ruleset)
      : all_(words), context_(context), ruleset_(ruleset), rule_words_(&memory_) {
    rule_words_.uses.reserve(8);
    rule_words_.options.reserve(12);
  }

  Command read();

 private:
  // The option being read: where it begins, and what is left of its own word.
  struct Current {
    Span span;                     // from the `!` or the option
    Word name;                     // without dashes
    std::optional<Word> attached;  // `=value`, or the rest of a short option's word
    bool is_short = false;

    [[nodiscard]] std::string shown() const;  // with its dashes
  };

  bool read_option();
  void read_long(const Word& word);
  void read_short(const Word& word);
  void read_stray(const Word& word);
  void read_global(const GlobalOptionRow& row, Current& current);
  void read_extension_option(const catalog::Option& row, std::uint32_t use, Current& current);
  void read_unknown_option(const Current& current, const FoundOption& found);

  std::optional<Word> take_value(Current& current, bool is_invertible);
  [[nodiscard]] bool has_plain_word() const;
  [[nodiscard]] bool has_target() const;
  bool load_protocol_match();
  void load_match(const Word& name, const Span& span);
  void set_jump(const Word& name, const Span& span, bool is_goto);
  void report_attached(Current& current, const BuiltinUse& use);
  void set_builtin(BuiltinUse& use, Current& current, bool is_invertible);
  void set_command(CommandKind kind, const Current& current, const std::optional<Word>& chain);
  void read_command_option(const GlobalOptionRow& row, Current& current);
  void read_counters(Current& current);
  void read_bracketed_counters();
  void read_rule_number();

  void report(ProblemKind kind, const Span& span, std::string message, std::string label = {},
              std::string cure = {}, bool may_track = false);

  std::span<const Word> all_;
  const CommandContext& context_;
  Ruleset& ruleset_;
  std::array<std::byte, 6144> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  RuleWords rule_words_;
  Command command_;
  std::size_t at_ = 0;
  std::optional<Span> negation_;
  bool has_command_ = false;
  bool waits_ = false;            // -w
  std::optional<Span> interval_;  // -W
  bool is_refused_ = false;       // an error that leaves no command to carry out
  bool is_for_other_version_ = false;
  UsedOptions used_;
};

}  // namespace untrack::iptables
