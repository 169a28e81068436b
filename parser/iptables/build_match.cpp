#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/iptables/problems.hpp"
#include "parser/iptables/rule_builder.hpp"
#include "parser/iptables/values/protocols.hpp"
#include "parser/iptables/values/read_value.hpp"
#include "parser/iptables/values/sets.hpp"

namespace untrack::iptables {

using catalog::ValueType;

ConstructId RuleBuilder::add_construct(const ExtensionUse& use,
                                       std::span<const ExtensionOption> options) {
  Construct construct;
  construct.extension = use.row;
  construct.name = use.name.text;
  construct.kind = use.kind;
  construct.span = use.span;
  construct.options.first = static_cast<std::uint32_t>(ruleset_.options.size());
  construct.options.count = static_cast<std::uint32_t>(options.size());
  for (const ExtensionOption& option : options) {
    ruleset_.options.push_back(
        {option.row, option.name.text, joined(option), option.span, option.negated});
  }
  ruleset_.constructs.push_back(construct);
  return ConstructId(ruleset_.constructs.size() - 1);
}

std::string_view RuleBuilder::joined(const ExtensionOption& option) {
  if (option.value_count == 0) return {};
  const Word& first = option.values[0];
  if (option.value_count == 1) return first.text;
  const Word& second = option.values[1];
  // Two words with one blank between them stand in the source as the value that is asked for.
  if (first.is_verbatim && second.is_verbatim && first.span.source == second.span.source &&
      first.span.end + 1 == second.span.begin &&
      first.text.data() + first.text.size() + 1 == second.text.data() &&
      first.text.data()[first.text.size()] == ' ') {
    return {first.text.data(), first.text.size() + 1 + second.text.size()};
  }
  return ruleset_.keep(fmt::format("{} {}", first.text, second.text));
}

void RuleBuilder::read_options(std::span<const ExtensionOption> options) {
  read_.clear();
  for (const ExtensionOption& option : options) {
    ReadOption& read = read_.emplace_back();
    read.words = &option;
    if (option.row == nullptr) continue;
    const std::size_t wanted = option.row->value_optional ? 0 : word_count(option.row->type);
    read.is_good = option.value_count >= wanted &&
                   read_value(context_, *option.row, words_of(option), read.value);
    if (option.negated && !option.row->invertible) {
      add_error(ruleset_, option.span, fmt::format("--{} cannot be inverted", option.row->name),
                "takes no !");
      read.is_good = false;
    }
  }
}

bool RuleBuilder::add_exact_test(const ReadOption& option, ConstructId construct) {
  const ExtensionOption& words = *option.words;
  if (!option.is_good || !words.row->field) return false;
  if (words.row->type == ValueType::ct_states) {
    StateTest test;
    test.states = option.value.states;
    test.negated = words.negated;
    add_part(words.span, construct, test);
    return true;
  }
  const bool is_empty = option.value.is_empty_range;
  if ((option.value.intervals.count == 0 && !is_empty) || option.value.is_opaque) return false;
  FieldTest test;
  test.field = *words.row->field;
  test.negated = words.negated;
  test.mask = option.value.mask;
  test.values = option.value.intervals;
  if (is_empty) {
    add_part(words.span, construct, test);
    return true;
  }
  // ttl and hl compare with more than equality (libipt_ttl.c, libip6t_hl.c).
  const std::size_t place = test.values.first;
  const Interval first = ruleset_.intervals[place];
  if (words.row->name.ends_with("-lt")) {
    if (first.first == 0) {
      test.values.count = 0;
    } else {
      ruleset_.intervals.set(place, {0, first.first - 1});
    }
  } else if (words.row->name.ends_with("-gt")) {
    if (first.first >= 255) {
      test.values.count = 0;
    } else {
      ruleset_.intervals.set(place, {first.first + 1, 255});
    }
  }
  add_part(words.span, construct, test);
  return true;
}

// True if the options are set references and nothing that changes what they mean.
bool RuleBuilder::add_set_tests(ConstructId construct) {
  bool has_reference = false;
  for (const ReadOption& option : read_) {
    if (!option.is_good) return false;
    const std::string_view name = canonical_name(*option.words);
    if (option.words->row->type == ValueType::set_reference) {
      has_reference = true;
    } else if (name != "update-counters" && name != "update-subcounters") {
      return false;
    }
  }
  if (!has_reference) return false;
  for (const ReadOption& option : read_) {
    if (option.words->row->type != ValueType::set_reference) continue;
    SetTest test;
    if (!read_set_reference(context_, option.words->values[0], option.words->values[1], test)) {
      continue;
    }
    test.negated = option.words->negated;
    add_part(option.words->span, construct, test);
  }
  return true;
}

// -m tcp without options asks no more than the -p tcp that it needs.
bool RuleBuilder::needs_no_test(const ExtensionUse& use) const {
  if (use.row == nullptr) return false;
  if (use.row->role == catalog::Role::annotation) return true;
  if (use.row->protocol.empty() || context_.protocol == 0) return false;
  return protocol_of(use.row->protocol) == context_.protocol;
}

void RuleBuilder::add_match(const ExtensionUse& use, ConstructId construct) {
  if (use.row != nullptr && use.row->role == catalog::Role::annotation) {
    for (const ReadOption& option : read_) {
      if (option.is_good && option.words->value_count > 0 && rule_.comment.empty()) {
        rule_.comment = option.words->values[0].text;
      }
    }
    return;
  }
  const auto add_opaque = [&](std::span<const ReadOption> options) {
    const bool has_history = use.row == nullptr || use.row->role == catalog::Role::history ||
                             use.row->role == catalog::Role::connection_count;
    add_opaque_test(use.span, construct, normal_form(use, options, context_), false, has_history);
  };
  if (read_.empty()) {
    if (!needs_no_test(use)) add_opaque({});
    return;
  }
  // A match that writes: the mark of the socket becomes that of the packet (xt_socket.c, 6.1).
  const auto restores = std::ranges::find(read_, "restore-skmark", [](const ReadOption& option) {
    return canonical_name(*option.words);
  });
  if (restores != read_.end()) {
    OpaqueStatement mark{ruleset_.short_form("the mark of the socket"), false, Field::mark};
    const Span span = restores->words->span;
    add_opaque(read_);
    add_part(span, construct, Statement(mark));
    return;
  }
  if (add_set_tests(construct)) return;

  // --limit-iface-in changes what --src-type means, so the two are one condition.
  const bool is_indivisible =
      std::ranges::any_of(read_,
                          [](const ReadOption& option) {
                            return option.is_good &&
                                   (option.words->row->field == Field::source_type ||
                                    option.words->row->field == Field::destination_type);
                          }) &&
      std::ranges::any_of(read_, [](const ReadOption& option) {
        return !option.is_good || !option.words->row->field;
      });
  if (is_indivisible) {
    add_opaque(read_);
    return;
  }
  std::size_t opaque_count = 0;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    if (add_exact_test(read_[i], construct)) continue;
    if (i != opaque_count) std::swap(read_[i], read_[opaque_count]);
    ++opaque_count;
  }
  if (opaque_count > 0) add_opaque(std::span<const ReadOption>(read_).first(opaque_count));
}

}  // namespace untrack::iptables
