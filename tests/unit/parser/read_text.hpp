// Reads one command for a test and writes its parts and problems as text.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/overloaded.hpp"
#include "tests/unit/parser/command_text.hpp"

namespace untrack::test {

inline std::string number_text(Number number) {
  return number > UINT64_MAX ? "big" : fmt::format("{}", static_cast<std::uint64_t>(number));
}

inline std::string text_of(const Match& match, const Ruleset& ruleset) {
  return std::visit(
      Overloaded{
          [&](const FieldTest& test) {
            std::string text = fmt::format("{}{}", test.negated ? "! " : "", to_text(test.field));
            if (test.mask != 0xffffffffU) text += fmt::format("&{:#x}", test.mask);
            for (const Interval& interval : slice(ruleset.intervals, test.values)) {
              text += ' ' + number_text(interval.first);
              if (interval.first != interval.last) text += '-' + number_text(interval.last);
            }
            return text;
          },
          [&](const NameTest& test) {
            std::string text = fmt::format("{}{}", test.negated ? "! " : "", to_text(test.field));
            for (const NamePattern& name : slice(ruleset.names, test.names)) {
              text += fmt::format(" {}{}", name.text, name.is_prefix ? "*" : "");
            }
            return text;
          },
          [&](const StateTest& test) {
            return fmt::format("{}state {}", test.negated ? "! " : "", to_text(test.states));
          },
          [&](const SetTest& test) {
            return fmt::format("{}set {} {}/{:b}", test.negated ? "! " : "", test.set_name,
                               test.dimension_count, test.destination_dimensions);
          },
          [&](const OpaqueTest& test) {
            return fmt::format("{}opaque <{}>{}", test.negated ? "! " : "", test.key,
                               test.has_history ? " history" : "");
          },
      },
      match);
}

inline std::string text_of(const Statement& statement, const Ruleset& ruleset) {
  return std::visit(
      Overloaded{
          [](const VerdictStatement& s) { return std::string(to_text(s.verdict)); },
          [](const JumpStatement& s) {
            return fmt::format("{} {}", s.is_goto ? "goto" : "jump", s.chain_name);
          },
          [](const RejectStatement& s) { return fmt::format("reject <{}>", s.with); },
          [&](const NatStatement& s) {
            std::string text = std::string(to_text(s.kind));
            for (const Interval& one : slice(ruleset.intervals, s.addresses)) {
              text += fmt::format(" {}-{}", number_text(one.first), number_text(one.last));
            }
            for (const Interval& one : slice(ruleset.intervals, s.ports)) {
              text += fmt::format(" :{}-{}", number_text(one.first), number_text(one.last));
            }
            return text;
          },
          [](const NotrackStatement&) { return std::string("notrack"); },
          [](const MarkStatement& s) { return fmt::format("mark {:#x}/{:#x}", s.value, s.mask); },
          [](const ConntrackStatement& s) { return fmt::format("ct {} <{}>", s.what, s.value); },
          [](const PassiveStatement& s) { return fmt::format("passive {}", s.what); },
          [](const OpaqueStatement& s) {
            return fmt::format("opaque <{}>{}", s.key, s.may_end ? " may end" : "");
          },
      },
      statement);
}

struct Read {
  Ruleset ruleset;
  iptables::Command command;
  std::string parts;     // one text per part, joined by " | "
  std::string problems;  // `kind: message [label] @begin-end`, one per line
};

inline Read read(std::string_view text, IpVersion version = IpVersion::ipv4,
                 std::string_view table = "filter") {
  Read result;
  const std::vector<iptables::Word> words = split(text);
  result.command = iptables::read_command(words, {version, table}, result.ruleset);
  for (const RulePart& part : slice(result.ruleset.parts, result.command.rule.parts)) {
    if (!result.parts.empty()) result.parts += " | ";
    result.parts +=
        std::visit([&](const auto& what) { return text_of(what, result.ruleset); }, part.what);
  }
  for (const Problem& problem : result.ruleset.problems) {
    if (!result.problems.empty()) result.problems += '\n';
    const std::string_view kind = problem.kind == ProblemKind::error  ? "error"
                                  : problem.kind == ProblemKind::note ? "note"
                                                                      : "not understood";
    result.problems += fmt::format("{}: {} [{}] @{}-{}", kind, problem.message, problem.label,
                                   problem.span.begin, problem.span.end);
  }
  return result;
}

}  // namespace untrack::test
