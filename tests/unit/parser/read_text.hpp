// Reads one command for a test and writes its parts and problems as text.
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/overloaded.hpp"
#include "tests/unit/parser/command_text.hpp"

namespace untrack::test {

inline std::string number_text(Number number) {
  return number > UINT64_MAX ? "big" : std::to_string(static_cast<std::uint64_t>(number));
}

inline std::string hex_text(std::uint32_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

inline std::string negation(bool negated) { return negated ? "! " : ""; }

inline std::string in_brackets(std::string_view text) { return "<" + std::string(text) + ">"; }

inline std::string text_of(const Match& match, const Ruleset& ruleset) {
  return std::visit(
      Overloaded{
          [&](const FieldTest& test) {
            std::string text = negation(test.negated) + std::string(to_text(test.field));
            if (test.mask != 0xffffffffU) text += "&" + hex_text(test.mask);
            for (const Interval& interval : slice(ruleset.intervals, test.values)) {
              text += ' ' + number_text(interval.first);
              if (interval.first != interval.last) text += '-' + number_text(interval.last);
            }
            return text;
          },
          [&](const NameTest& test) {
            std::string text = negation(test.negated) + std::string(to_text(test.field));
            for (const NamePattern& name : slice(ruleset.names, test.names)) {
              text += ' ' + std::string(name.text) + (name.is_prefix ? "*" : "");
            }
            return text;
          },
          [&](const StateTest& test) {
            return negation(test.negated) + "state " + to_text(test.states);
          },
          [&](const SetTest& test) {
            std::string sides;  // the first dimension first
            for (int i = 0; i < test.dimension_count; ++i) {
              sides += (test.destination_dimensions >> i & 1) != 0 ? " dst" : " src";
            }
            return negation(test.negated) + "set " + std::string(test.set_name) + sides;
          },
          [&](const FamilyTest& test) { return "family " + display_name(test.ip_versions); },
          [&](const OpaqueTest& test) {
            return negation(test.negated) + "opaque " + in_brackets(test.key) +
                   (test.has_history ? " history" : "");
          },
      },
      match);
}

inline std::string text_of(const Statement& statement, const Ruleset& ruleset) {
  return std::visit(Overloaded{
                        [](const VerdictStatement& s) { return std::string(to_text(s.verdict)); },
                        [](const JumpStatement& s) {
                          return (s.is_goto ? "goto " : "jump ") + std::string(s.chain_name);
                        },
                        [](const RejectStatement& s) { return "reject " + in_brackets(s.with); },
                        [&](const NatStatement& s) {
                          std::string text = std::string(to_text(s.kind));
                          for (const Interval& one : slice(ruleset.intervals, s.addresses)) {
                            text += ' ' + number_text(one.first) + '-' + number_text(one.last);
                          }
                          for (const Interval& one : slice(ruleset.intervals, s.ports)) {
                            text += " :" + number_text(one.first) + '-' + number_text(one.last);
                          }
                          return text;
                        },
                        [](const NotrackStatement&) { return std::string("notrack"); },
                        [](const MarkStatement& s) {
                          return "mark " + hex_text(s.value) + '/' + hex_text(s.mask);
                        },
                        [](const ConntrackStatement& s) {
                          return "ct " + std::string(s.what) + ' ' + in_brackets(s.value);
                        },
                        [](const PassiveStatement& s) { return "passive " + std::string(s.what); },
                        [&](const VerdictMapStatement& s) {
                          return "vmap " + std::string(ruleset[s].key.set_name);
                        },
                        [](const OpaqueStatement& s) {
                          return "opaque " + in_brackets(s.key) + (s.may_end ? " may end" : "");
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
    result.problems += problem.kind == ProblemKind::error  ? "error"
                       : problem.kind == ProblemKind::note ? "note"
                                                           : "not understood";
    result.problems += ": " + problem.message + " [" + problem.label + "] @" +
                       std::to_string(problem.span.begin) + '-' + std::to_string(problem.span.end);
  }
  return result;
}

}  // namespace untrack::test
