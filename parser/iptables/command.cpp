#include "parser/iptables/command.hpp"

#include <fmt/format.h>

#include "parser/iptables/command_reader.hpp"

namespace untrack::iptables {

Command CommandReader::read() {
  if (all_.empty()) return command_;
  command_.span = cover(all_.front().span, all_.back().span);
  // Each option is held against the others. iptables-restore takes no more than 254 words
  // (MAX_ARGC, iptables/xshared.h, 1.8.9); a script may give more.
  constexpr std::size_t most_words = 1'024;
  if (all_.size() > most_words) {
    report(ProblemKind::not_understood, command_.span,
           fmt::format("a command of {} words", all_.size()),
           fmt::format("more than {} are not read", most_words),
           "iptables-restore takes no more than 254; write it as several rules.", true);
    return command_;
  }
  if (all_[0].text.starts_with('[')) read_bracketed_counters();
  while (at_ < all_.size() && read_option()) {
  }
  // iptables-restore leaves the rest of such a line unread.
  if (is_for_other_version_) return command_;

  if (negation_) {
    report(ProblemKind::error, *negation_, "! with nothing to negate behind it");
  }
  if (!has_command_) {
    report(ProblemKind::error, command_.span, "no command in this line",
           "expected -A, -I, -P or another command");
    return command_;
  }
  check_command(command_, used_, rule_words_, ruleset_);
  switch (command_.kind) {
    case CommandKind::append:
    case CommandKind::insert:
    case CommandKind::replace:
    case CommandKind::delete_rule:
    case CommandKind::check: {
      const RulePlace place{context_.ip_version, command_.table.value_or(context_.table),
                            command_.chain};
      command_.rule.text = command_.span;
      build_rule(rule_words_, place, ruleset_, command_.rule);
      break;
    }
    default:
      break;
  }
  if (interval_ && !waits_) {
    report(ProblemKind::error, *interval_, "-W without -w", "iptables refuses the command",
           "Leave it out, or write -w.");
    is_refused_ = true;
  }
  if (is_refused_) command_.kind = CommandKind::none;
  return command_;
}

Command read_command(std::span<const Word> words, const CommandContext& context, Ruleset& ruleset) {
  return CommandReader(words, context, ruleset).read();
}

}  // namespace untrack::iptables
