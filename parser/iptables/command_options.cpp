#include <fmt/format.h>

#include <utility>

#include "parser/iptables/command_reader.hpp"
#include "parser/iptables/values/numbers.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// do_parse() takes argv[optind - 1], not optarg, for these: the whole word.
void CommandReader::report_attached(Current& current, const BuiltinUse& use) {
  if (&use != &rule_words_.in_interface && &use != &rule_words_.out_interface) {
    report(ProblemKind::note, current.span,
           fmt::format("value in the same word as {}", current.shown()),
           "iptables 1.8.9 refuses it", "Put a blank between the two.");
    return;
  }
  report(ProblemKind::error, current.span,
         fmt::format("interface in the same word as {}", current.shown()),
         "iptables 1.8.9 takes the whole word for the name of the interface",
         "Put a blank between the two.");
  current.attached = all_[at_ - 1];
}

void CommandReader::set_builtin(BuiltinUse& use, Current& current, bool is_invertible) {
  if (current.attached) report_attached(current, use);
  const auto value = take_value(current, is_invertible);
  if (!value) return;
  if (use.is_given) {
    report(ProblemKind::error, current.span, fmt::format("more than one {}", current.shown()),
           "iptables takes it once in a rule");
    rule_words_.strays.push_back(*value);
    return;
  }
  use.value = *value;
  use.span = current.span;
  use.is_given = true;
  use.negated = negation_.has_value() && is_invertible;
}

void CommandReader::set_command(CommandKind kind, const Current& current,
                                const std::optional<Word>& chain) {
  if (negation_) report(ProblemKind::error, *negation_, "! in front of a command");
  if (has_command_) {
    // libxtables allows -L or -S together with -Z.
    const bool list_and_zero = (kind == CommandKind::zero && command_.kind == CommandKind::list) ||
                               (kind == CommandKind::list && command_.kind == CommandKind::zero);
    if (!list_and_zero) {
      report(ProblemKind::error, current.span, "more than one command",
             "an earlier word is a command, too", "Write one line for each.");
      is_refused_ = true;
      return;
    }
    if (kind == CommandKind::list) return;
  }
  has_command_ = true;
  command_.kind = kind;
  if (chain) {
    command_.chain = chain->text;
    command_.chain_span = chain->span;
  }
}

void CommandReader::read_rule_number() {
  const Word& word = all_[at_++];
  const auto number = number_of(word.text, 0x7fffffff);
  if (number && *number > 0) {
    command_.rule_number = static_cast<std::uint32_t>(*number);
    return;
  }
  report(ProblemKind::error, word.span, fmt::format("not a rule number: \"{}\"", word.text),
         "expected a number from 1");
  is_refused_ = true;
}

void CommandReader::read_command_option(const GlobalOptionRow& row, Current& current) {
  std::optional<Word> chain;
  if (row.argument == Argument::required) {
    chain = take_value(current, false);
    if (!chain) {
      is_refused_ = true;
      return;
    }
  } else if (current.attached) {
    chain = std::exchange(current.attached, std::nullopt);
  } else if (has_plain_word()) {
    chain = all_[at_++];
  }
  switch (row.option) {
    case GlobalOption::append:
      return set_command(CommandKind::append, current, chain);
    case GlobalOption::check:
      return set_command(CommandKind::check, current, chain);
    case GlobalOption::insert:
      set_command(CommandKind::insert, current, chain);
      if (has_plain_word()) read_rule_number();
      return;
    case GlobalOption::delete_:
      set_command(CommandKind::delete_rule, current, chain);
      if (has_plain_word()) {
        command_.kind = CommandKind::delete_number;
        read_rule_number();
      }
      return;
    case GlobalOption::replace:
      set_command(CommandKind::replace, current, chain);
      if (has_plain_word()) return read_rule_number();
      report(ProblemKind::error, current.span, "replacement without the number of the rule",
             "expected a number behind the chain");
      is_refused_ = true;
      return;
    case GlobalOption::list:
    case GlobalOption::list_rules:
      set_command(CommandKind::list, current, chain);
      if (chain && has_plain_word()) read_rule_number();
      return;
    case GlobalOption::flush:
      return set_command(CommandKind::flush, current, chain);
    case GlobalOption::zero:
      set_command(CommandKind::zero, current, chain);
      if (chain && has_plain_word()) read_rule_number();
      return;
    case GlobalOption::new_chain:
      if (!check_chain_name(ruleset_, *chain, context_.ip_version)) is_refused_ = true;
      return set_command(CommandKind::new_chain, current, chain);
    case GlobalOption::delete_chain:
      return set_command(CommandKind::delete_chain, current, chain);
    case GlobalOption::rename_chain:
      set_command(CommandKind::rename_chain, current, chain);
      if (has_plain_word()) {
        const Word& name = all_[at_++];
        if (!check_chain_name(ruleset_, name, context_.ip_version)) is_refused_ = true;
        command_.new_name = name.text;
        return;
      }
      report(ProblemKind::error, current.span, "renaming without the new name",
             "expected two chain names");
      is_refused_ = true;
      return;
    case GlobalOption::policy: {
      set_command(CommandKind::policy, current, chain);
      if (!has_plain_word()) {
        report(ProblemKind::error, current.span, "policy without ACCEPT or DROP",
               "expected a chain and a policy");
        is_refused_ = true;
        return;
      }
      const Word& policy = all_[at_++];
      if (policy.text == "DROP") {
        command_.policy = Policy::drop;
      } else if (policy.text != "ACCEPT") {
        report(ProblemKind::error, policy.span, fmt::format("not a policy: \"{}\"", policy.text),
               begins_as("ACCEPT", policy.text) ? "did you mean \"ACCEPT\"?"
               : begins_as("DROP", policy.text) ? "did you mean \"DROP\"?"
                                                : "expected ACCEPT or DROP");
        is_refused_ = true;
      }
      return;
    }
    default:
      return;
  }
}

void CommandReader::read_counters(Current& current) {
  const auto packets = take_value(current, false);
  if (!packets) return;
  const std::size_t comma = packets->text.find(',');
  std::string_view bytes;
  if (comma != std::string_view::npos) {
    bytes = packets->text.substr(comma + 1);
  } else if (has_plain_word()) {
    bytes = all_[at_++].text;
  }
  const auto first = number_of(packets->text.substr(0, comma));
  const auto second = number_of(bytes);
  if (!first || !second) {
    report(ProblemKind::error, current.span, "counters that are not two numbers",
           "expected -c PACKETS BYTES");
    return;
  }
  command_.counters = Counters{*first, *second};
}

// [packets:bytes] in front of a rule, as iptables-save -c writes it.
void CommandReader::read_bracketed_counters() {
  const Word& word = all_[at_++];
  const std::size_t colon = word.text.find(':');
  if (word.text.ends_with(']') && colon != std::string_view::npos) {
    const auto packets = number_of(word.text.substr(1, colon - 1));
    const auto bytes = number_of(word.text.substr(colon + 1, word.text.size() - colon - 2));
    if (packets && bytes) {
      command_.counters = Counters{*packets, *bytes};
      return;
    }
  }
  report(ProblemKind::error, word.span, fmt::format("not counters: \"{}\"", word.text),
         "expected [PACKETS:BYTES]");
}

void CommandReader::read_global(const GlobalOptionRow& row, Current& current) {
  used_.set(row.option);
  const auto refuse_negation = [&] {
    if (!negation_) return;
    report(ProblemKind::error, current.span, fmt::format("! in front of {}", current.shown()),
           "cannot be inverted");
  };
  switch (row.option) {
    case GlobalOption::append:
    case GlobalOption::delete_:
    case GlobalOption::check:
    case GlobalOption::insert:
    case GlobalOption::replace:
    case GlobalOption::list:
    case GlobalOption::list_rules:
    case GlobalOption::flush:
    case GlobalOption::zero:
    case GlobalOption::new_chain:
    case GlobalOption::delete_chain:
    case GlobalOption::rename_chain:
    case GlobalOption::policy:
      return read_command_option(row, current);
    case GlobalOption::source:
      return set_builtin(rule_words_.source, current, true);
    case GlobalOption::destination:
      return set_builtin(rule_words_.destination, current, true);
    case GlobalOption::in_interface:
      return set_builtin(rule_words_.in_interface, current, true);
    case GlobalOption::out_interface:
      return set_builtin(rule_words_.out_interface, current, true);
    case GlobalOption::protocol:
      return set_builtin(rule_words_.protocol, current, true);
    case GlobalOption::jump:
    case GlobalOption::goto_: {
      refuse_negation();
      const bool is_first = !rule_words_.jump.is_given;
      set_builtin(rule_words_.jump, current, false);
      if (is_first && rule_words_.jump.is_given) {
        set_jump(rule_words_.jump.value, current.span, row.option == GlobalOption::goto_);
      }
      return;
    }
    case GlobalOption::match: {
      refuse_negation();
      const auto name = take_value(current, false);
      if (name) load_match(*name, current.span);
      return;
    }
    case GlobalOption::table: {
      refuse_negation();
      const auto table = take_value(current, false);
      if (!table) return;
      command_.table = table->text;
      command_.table_span = table->span;
      return;
    }
    case GlobalOption::fragments:
      if (rule_words_.fragment.is_given) {
        report(ProblemKind::error, current.span, "more than one -f");
      }
      if (context_.ip_version == IpVersion::ipv6) {
        report(ProblemKind::error, current.span, "-f in an IPv6 rule", "does not exist for IPv6",
               "Use -m frag instead.");
        rule_words_.strays.push_back(current.name);
        return;
      }
      rule_words_.fragment.is_given = true;
      rule_words_.fragment.negated = negation_.has_value();
      rule_words_.fragment.span = current.span;
      return;
    case GlobalOption::set_counters:
      return read_counters(current);
    case GlobalOption::wait:
    case GlobalOption::wait_interval:
      // parse_wait_time(): the next word, which has to be a number.
      if (!current.attached && has_plain_word()) current.attached = all_[at_++];
      if (current.attached && !number_of(current.attached->text)) {
        report(ProblemKind::error, current.attached->span, "seconds to wait that are no number",
               "iptables refuses the command");
      }
      if (row.option == GlobalOption::wait) {
        waits_ = true;
      } else {
        interval_ = current.span;
      }
      return;
    case GlobalOption::modprobe:
      static_cast<void>(take_value(current, false));
      return;
    case GlobalOption::version:
    case GlobalOption::help:
      if (!has_command_) command_.kind = CommandKind::list;
      has_command_ = true;
      return;
    case GlobalOption::ipv4:
      command_.only = command_.only & IpVersion::ipv4;
      is_for_other_version_ = context_.ip_version != IpVersion::ipv4;
      return;
    case GlobalOption::ipv6:
      command_.only = command_.only & IpVersion::ipv6;
      is_for_other_version_ = context_.ip_version != IpVersion::ipv6;
      return;
    case GlobalOption::numeric:
    case GlobalOption::verbose:
    case GlobalOption::exact:
    case GlobalOption::line_numbers:
      return refuse_negation();
  }
}

}  // namespace untrack::iptables
