#include "parser/iptables/command.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <variant>

#include "model/overloaded.hpp"
#include "tests/unit/parser/command_text.hpp"

namespace untrack::test {
namespace {

using iptables::Command;
using iptables::CommandKind;

std::string number_text(Number number) {
  return number > UINT64_MAX ? "big" : fmt::format("{}", static_cast<std::uint64_t>(number));
}

std::string text_of(const Match& match, const Ruleset& ruleset) {
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

std::string text_of(const Statement& statement, const Ruleset& ruleset) {
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
  Command command;
  std::string parts;     // one text per part, joined by " | "
  std::string problems;  // `kind: message [label] @begin-end`, one per line
};

Read read(std::string_view text, IpVersion version = IpVersion::ipv4,
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

struct PartsCase {
  std::string_view text;
  std::string_view parts;
  IpVersion version = IpVersion::ipv4;
  std::string_view table = "filter";
};

void PrintTo(const PartsCase& one, std::ostream* out) { *out << one.text; }

class Parts : public testing::TestWithParam<PartsCase> {};

TEST_P(Parts, AreInKernelOrder) {
  const Read result = read(GetParam().text, GetParam().version, GetParam().table);
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.parts, GetParam().parts) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Command, Parts,
    testing::Values(
        PartsCase{"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
                  "protocol 6 | destination port 22 | accept"},
        PartsCase{"-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
                  "state RELATED,ESTABLISHED | accept"},
        PartsCase{"-A INPUT ! -i eth+ -d 192.0.2.0/24 -s 10/8 -p udp --sport domain -j RETURN",
                  "source address 167772160-184549375 | destination address "
                  "3221225984-3221226239 | ! in-interface eth* | protocol 17 | source port 53 | "
                  "return"},
        PartsCase{"-A FORWARD -p tcp ! --syn -m conntrack --ctstate NEW -j DROP",
                  "protocol 6 | ! tcp flags&0x17 2 | state NEW | drop"},
        PartsCase{"-A INPUT -m limit --limit 3/hour --limit-burst 10 -j LOG --log-prefix x",
                  "opaque <limit --limit 3/hour --limit-burst 10> history | passive LOG"},
        PartsCase{"-A INPUT -m set --match-set bad src,dst -g chain", "set bad 2/10 | goto chain"},
        PartsCase{"-A PREROUTING -j CT --notrack", "notrack", IpVersion::ipv4, "raw"},
        PartsCase{"-A POSTROUTING -p tcp -j SNAT --to-source 192.0.2.1-192.0.2.9:1024-2048",
                  "protocol 6 | snat 3221225985-3221225993 :1024-2048", IpVersion::ipv4, "nat"},
        PartsCase{"-A INPUT -j DROP", "drop"}));

}  // namespace
}  // namespace untrack::test
