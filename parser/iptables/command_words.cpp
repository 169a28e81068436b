#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/catalog/protocols.hpp"
#include "parser/iptables/command_reader.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/protocols.hpp"
#include "parser/iptables/values/read_value.hpp"
#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

using catalog::ExtensionKind;

std::string CommandReader::Current::shown() const {
  return fmt::format("{}{}", is_short ? "-" : "--", name.text);
}

void CommandReader::report(ProblemKind kind, const Span& span, std::string message,
                           std::string label, std::string cure, bool may_track) {
  ruleset_.problems.push_back(
      {kind, span, std::move(message), std::move(label), std::move(cure), may_track});
}

// xs_has_arg(): the next word is neither an option nor a negation.
bool CommandReader::has_plain_word() const {
  return at_ < all_.size() && !all_[at_].text.starts_with('-') && !all_[at_].text.starts_with('!');
}

std::optional<Word> CommandReader::take_value(Current& current, bool is_invertible) {
  if (current.attached) return std::exchange(current.attached, std::nullopt);
  if (at_ >= all_.size()) {
    report(ProblemKind::error, current.span, fmt::format("no value for {}", current.shown()),
           "expected a value behind it");
    return std::nullopt;
  }
  if (is_invertible && all_[at_].text == "!" && at_ + 1 < all_.size() &&
      !all_[at_ + 1].text.starts_with('-')) {
    if (negation_) {
      report(ProblemKind::error, all_[at_].span, "two negations of one option", "one ! too many");
    } else {
      negation_ = all_[at_].span;
      report(ProblemKind::note, all_[at_].span,
             fmt::format("! between {} and its value", current.shown()), "read as a negation",
             fmt::format("Write ! {} ...: iptables 1.8.9 refuses this order.", current.shown()));
    }
    ++at_;
  }
  const Word& value = all_[at_++];
  current.span = cover(current.span, value.span);
  return value;
}

void CommandReader::read_stray(const Word& word) {
  std::string cure;
  if (word.text.starts_with('!') && word.text.size() > 1) {
    cure = "Put a blank behind the !.";
  } else if (word.text.starts_with("\xe2\x80\x93") || word.text.starts_with("\xe2\x80\x94")) {
    cure = "This is a typographic dash: write - or --.";
  } else if (!rule_words_.options.empty() || rule_words_.jump.is_given) {
    cure = "Quote values that have blanks.";
  }
  report(ProblemKind::error, word.span,
         fmt::format("word that belongs to no option: {}", in_quotes(word.text)),
         "expected an option", std::move(cure));
  rule_words_.strays.push_back(word);
}

bool CommandReader::read_option() {
  const Word& word = all_[at_++];
  if (word.text == "--") {
    while (at_ < all_.size()) read_stray(all_[at_++]);
    return false;
  }
  if (word.text == "!") {
    if (negation_) {
      report(ProblemKind::error, word.span, "two negations in a row", "one ! too many");
    }
    negation_ = word.span;
    return true;
  }
  if (word.text.starts_with("--")) {
    read_long(word);
  } else if (word.text.size() > 1 && word.text[0] == '-') {
    read_short(word);
  } else {
    read_stray(word);
  }
  negation_.reset();
  return !is_for_other_version_;
}

void CommandReader::read_long(const Word& word) {
  const std::size_t equals = word.text.find('=');
  Current current;
  current.name = part_of(word, 2, equals == std::string_view::npos ? equals : equals - 2);
  current.span = negation_ ? cover(*negation_, word.span) : word.span;
  if (equals != std::string_view::npos) current.attached = part_of(word, equals + 1);

  FoundOption found = find_long_option(current.name.text, rule_words_, context_.ip_version);
  if (found.kind != FoundOption::found && load_protocol_match()) {
    const FoundOption again = find_long_option(current.name.text, rule_words_, context_.ip_version);
    if (again.kind == FoundOption::found) {
      found = again;
    } else {
      rule_words_.uses.pop_back();
    }
  }
  if (found.kind != FoundOption::found) {
    read_unknown_option(current, found);
    return;
  }
  if (found.global != nullptr) {
    if (found.global->argument == Argument::none && current.attached) {
      report(ProblemKind::error, current.span,
             fmt::format("value for {}, which takes none", current.shown()));
      current.attached.reset();
    }
    read_global(*found.global, current);
  } else {
    read_extension_option(*found.option, found.use, current);
  }
}

void CommandReader::read_short(const Word& word) {
  for (std::size_t i = 1; i < word.text.size(); ++i) {
    Current current;
    current.is_short = true;
    current.name = part_of(word, i, 1);
    current.span = negation_ ? cover(*negation_, word.span) : word.span;
    const GlobalOptionRow* const row = find_letter(word.text[i]);
    if (row == nullptr) {
      report(
          ProblemKind::error, current.name.span,
          fmt::format("unknown option \"-{}\"", current.name.text), "iptables has no such letter",
          word.text.size() > 2 ? fmt::format("Long options have two dashes: -{}.", word.text) : "");
      rule_words_.strays.push_back(word);
      return;
    }
    if (row->argument != Argument::none && i + 1 < word.text.size()) {
      current.attached = part_of(word, i + 1);
      i = word.text.size();
    }
    read_global(*row, current);
    if (is_for_other_version_) return;
  }
}

void CommandReader::read_unknown_option(const Current& current, const FoundOption& found) {
  // An unknown extension has options that nobody here knows; the nearest before it is meant.
  std::optional<std::uint32_t> use;
  for (std::size_t i = rule_words_.uses.size(); i-- > 0;) {
    if (!use || (rule_words_.uses[i].row == nullptr && rule_words_.uses[*use].row != nullptr)) {
      use = static_cast<std::uint32_t>(i);
    }
  }
  const BuiltinUse& jump = rule_words_.jump;
  if ((!use || rule_words_.uses[*use].row != nullptr) && jump.is_given && !rule_words_.is_goto &&
      !is_verdict_name(jump.value.text) && !has_target()) {
    // A chain takes no options: this must be a target that the catalog does not have.
    ExtensionUse target;
    target.kind = ExtensionKind::target;
    target.name = jump.value;
    target.span = jump.span;
    report_unknown_extension(ruleset_, jump.value, ExtensionKind::target, context_.ip_version);
    use = static_cast<std::uint32_t>(rule_words_.uses.size());
    rule_words_.uses.push_back(target);
  }
  const bool of_unknown = use && rule_words_.uses[*use].row == nullptr;
  ExtensionOption option;
  option.name = current.name;
  option.negated = negation_.has_value();
  option.span = current.span;
  std::string text;
  if (current.attached) text = std::string(current.attached->text);
  const std::size_t first = at_;
  while (has_plain_word()) {
    if (!text.empty()) text += ' ';
    text += all_[at_].text;
    option.span = cover(option.span, all_[at_].span);
    ++at_;
  }
  if (!text.empty()) {
    option.value_count = 1;
    option.values[0] = current.attached ? *current.attached : all_[first];
    if (at_ - first + (current.attached ? 1 : 0) > 1) {
      option.values[0].text = ruleset_.keep(std::move(text));
      option.values[0].is_verbatim = false;
      option.values[0].span = cover(option.values[0].span, all_[at_ - 1].span);
    }
  }
  if (!of_unknown) {
    std::string label;
    std::string cure;
    if (found.kind == FoundOption::ambiguous) {
      label = fmt::format("may be --{} or --{}", found.first, found.second);
    } else if (const std::string_view nearest =
                   nearest_option(current.name.text, rule_words_, context_.ip_version);
               !nearest.empty()) {
      label = fmt::format("did you mean --{}?", nearest);
    } else {
      label = "no extension of this rule has it";
      cure = option_owner_hint(current.name.text, context_.ip_version);
    }
    const bool may_track = use && rule_words_.uses[*use].row != nullptr &&
                           rule_words_.uses[*use].row->tracking != catalog::Tracking::never;
    report(ProblemKind::not_understood, option.span,
           fmt::format("unknown option \"--{}\"", current.name.text), std::move(label),
           std::move(cure), may_track);
  }
  if (!use) {
    // No extension to count it to: the rule must not look as if it were without it.
    Word stray = current.name;
    stray.span = option.span;
    stray.text = ruleset_.keep(fmt::format(
        "--{}{}{}", current.name.text, option.value_count > 0 ? " " : "", option.values[0].text));
    stray.is_verbatim = false;
    rule_words_.strays.push_back(stray);
    return;
  }
  option.use = *use;
  ExtensionUse& extension = rule_words_.uses[*use];
  extension.span = cover(extension.span, option.span);
  rule_words_.options.push_back(option);
}

void CommandReader::read_extension_option(const catalog::Option& row, std::uint32_t use,
                                          Current& current) {
  ExtensionOption option;
  option.row = &row;
  option.use = use;
  option.name = current.name;
  const std::size_t wanted = word_count(row.type);
  if (wanted == 0 && current.attached) {
    report(ProblemKind::error, current.span,
           fmt::format("value for --{}, which takes none", row.name));
    current.attached.reset();
  }
  // libxt_rateest.c takes a word that is no option for the value that getopt_long did not see.
  if (!row.value_optional || current.attached || has_plain_word()) {
    while (option.value_count < wanted) {
      // libxt_tcp.c and libxt_set.c take the second word only if it is no option.
      if (option.value_count == 1 && !has_plain_word()) {
        report(ProblemKind::error, current.span,
               fmt::format("--{} with one word instead of two", row.name),
               "expected a second word behind it");
        break;
      }
      const auto value = take_value(current, row.invertible && option.value_count == 0);
      if (!value) break;
      option.values[option.value_count++] = *value;
    }
  }
  option.negated = negation_.has_value();
  option.span = current.span;
  ExtensionUse& extension = rule_words_.uses[use];
  extension.span = cover(extension.span, option.span);
  rule_words_.options.push_back(option);
}

bool CommandReader::load_protocol_match() {
  const BuiltinUse& use = rule_words_.protocol;
  if (!use.is_given) return false;
  const auto number = protocol_of(use.value.text);
  if (!number || *number == 0) return false;
  std::array<char, 32> lower{};
  const std::size_t size = std::min(lower.size(), use.value.text.size());
  for (std::size_t i = 0; i < size; ++i) {
    const char c = use.value.text[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const catalog::Extension* row =
      catalog::find_match(std::string_view(lower.data(), size), context_.ip_version);
  if (row == nullptr) {
    row = catalog::find_match(catalog::protocol_name(*number), context_.ip_version);
  }
  if (row == nullptr || row->protocol.empty()) return false;
  for (const ExtensionUse& loaded : rule_words_.uses) {
    if (loaded.row == row && !loaded.is_completed) return false;
  }
  ExtensionUse implied;
  implied.row = row;
  implied.name = use.value;
  implied.name.text = row->name;
  implied.name.is_verbatim = false;
  implied.kind = ExtensionKind::match;
  // Its span is that of its options; read_extension_option covers the first.
  implied.span = all_[at_ - 1].span;
  rule_words_.uses.push_back(implied);
  return true;
}

void CommandReader::load_match(const Word& name, const Span& span) {
  ExtensionUse use;
  use.kind = ExtensionKind::match;
  use.name = name;
  use.span = span;
  use.row = catalog::find_match(name.text, context_.ip_version);
  if (use.row == nullptr) {
    report_unknown_extension(ruleset_, name, ExtensionKind::match, context_.ip_version);
  } else {
    for (ExtensionUse& earlier : rule_words_.uses) {
      if (earlier.row == use.row) earlier.is_completed = true;
    }
  }
  rule_words_.uses.push_back(use);
}

void CommandReader::set_jump(const Word& name, const Span& span, bool is_goto) {
  check_target_name(ruleset_, name);
  rule_words_.is_goto = is_goto;
  if (is_goto || is_verdict_name(name.text)) return;
  ExtensionUse use;
  use.kind = ExtensionKind::target;
  use.name = name;
  use.span = span;
  use.row = catalog::find_target(name.text, context_.ip_version);
  if (use.row == nullptr) {
    const IpVersion other =
        context_.ip_version == IpVersion::ipv4 ? IpVersion::ipv6 : IpVersion::ipv4;
    if (catalog::find_target(name.text, other) == nullptr) return;  // a chain
    report_unknown_extension(ruleset_, name, ExtensionKind::target, context_.ip_version);
  }
  rule_words_.uses.push_back(use);
}

bool CommandReader::has_target() const {
  return std::ranges::any_of(
      rule_words_.uses, [](const ExtensionUse& use) { return use.kind == ExtensionKind::target; });
}

}  // namespace untrack::iptables
