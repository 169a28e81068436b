#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/parser/read_text.hpp"

namespace untrack::test {
namespace {

using iptables::CommandKind;

TEST(Command, ReadsTheCommandItself) {
  struct Case {
    std::string_view text;
    CommandKind kind;
    std::string_view chain;
    std::uint32_t number;
  };
  for (const Case& one : {
           Case{"-A INPUT", CommandKind::append, "INPUT", 0},
           Case{"--append INPUT", CommandKind::append, "INPUT", 0},
           Case{"-I INPUT", CommandKind::insert, "INPUT", 0},
           Case{"-I INPUT 3", CommandKind::insert, "INPUT", 3},
           Case{"-R INPUT 3", CommandKind::replace, "INPUT", 3},
           Case{"-D INPUT 3", CommandKind::delete_number, "INPUT", 3},
           Case{"-D INPUT -j DROP", CommandKind::delete_rule, "INPUT", 0},
           Case{"-C INPUT -j DROP", CommandKind::check, "INPUT", 0},
           Case{"-N chain", CommandKind::new_chain, "chain", 0},
           Case{"-X", CommandKind::delete_chain, "", 0},
           Case{"-X chain", CommandKind::delete_chain, "chain", 0},
           Case{"-F", CommandKind::flush, "", 0},
           Case{"-Z INPUT", CommandKind::zero, "INPUT", 0},
           Case{"-E old new", CommandKind::rename_chain, "old", 0},
           Case{"-P INPUT DROP", CommandKind::policy, "INPUT", 0},
           Case{"-L -n", CommandKind::list, "", 0},
           Case{"-nvL INPUT", CommandKind::list, "INPUT", 0},
           Case{"-S", CommandKind::list, "", 0},
       }) {
    const Read result = read(one.text);
    EXPECT_EQ(result.problems, "") << one.text;
    EXPECT_EQ(result.command.kind, one.kind) << one.text;
    EXPECT_EQ(result.command.chain, one.chain) << one.text;
    EXPECT_EQ(result.command.rule_number, one.number) << one.text;
  }
}

TEST(Command, ReadsTableCountersAndVersion) {
  const Read result = read("-t nat -A chain -c 3 4 -w 5 -v -j RETURN");
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.command.table, "nat");
  ASSERT_TRUE(result.command.counters);
  EXPECT_EQ(result.command.counters->packets, 3U);
  EXPECT_EQ(result.command.counters->bytes, 4U);

  const Read bracketed = read("[5:6] -A INPUT -j DROP");
  ASSERT_TRUE(bracketed.command.counters);
  EXPECT_EQ(bracketed.command.counters->bytes, 6U);

  const Read other = read("-A INPUT -6 -s 2001:db8::1 --nonsense");
  EXPECT_EQ(other.problems, "");
  EXPECT_EQ(other.command.only, IpVersions(IpVersion::ipv6));
}

TEST(Command, CountsCopies) {
  EXPECT_EQ(read("-A INPUT -s 1.1.1.1,2.2.2.2,3.3.3.3 -d 4.4.4.4,5.5.5.5").command.rule.copies, 6U);
  EXPECT_EQ(read("-A INPUT -j DROP").command.rule.copies, 1U);
}

TEST(Command, GivesConstructsTheirSpans) {
  const std::string_view text =
      "-A INPUT -p tcp -m state --dport 22 ! --state NEW -m comment --comment x -j LOG";
  const Read result = read(text);
  EXPECT_EQ(result.problems, "");
  const auto constructs = slice(result.ruleset.constructs, result.command.rule.constructs);
  ASSERT_EQ(constructs.size(), 4U);
  const auto text_of = [&](const Span& span) { return text.substr(span.begin, span.size()); };
  EXPECT_EQ(constructs[0].name, "state");
  EXPECT_EQ(text_of(constructs[0].span), "-m state --dport 22 ! --state NEW");
  EXPECT_EQ(constructs[1].name, "tcp");
  EXPECT_EQ(text_of(constructs[1].span), "--dport 22");
  EXPECT_EQ(text_of(constructs[2].span), "-m comment --comment x");
  EXPECT_EQ(text_of(constructs[3].span), "-j LOG");
  EXPECT_EQ(result.command.rule.comment, "x");
  const auto options = slice(result.ruleset.options, constructs[0].options);
  ASSERT_EQ(options.size(), 1U);
  EXPECT_TRUE(options[0].negated);
  EXPECT_EQ(options[0].name, "state");
  EXPECT_EQ(options[0].value, "NEW");
  EXPECT_EQ(text_of(options[0].span), "! --state NEW");
}

TEST(Command, JoinsTwoWordsWithoutCopyingThem) {
  const std::string_view text = "-A INPUT -p tcp --tcp-flags SYN,ACK SYN";
  const Read result = read(text);
  ASSERT_EQ(result.ruleset.options.size(), 1U);
  EXPECT_EQ(result.ruleset.options[0].value, "SYN,ACK SYN");
  EXPECT_EQ(result.ruleset.options[0].value.data(), text.data() + text.find("SYN"));
}

TEST(Command, SaysOfUnknownExtensionsThatTheyMayTrack) {
  for (const std::string_view text : {"-A INPUT -m foo --bar 1", "-A INPUT -j FOO --bar 1",
                                      "-A INPUT -m conntrack --ctstate NEW --foo"}) {
    const Read result = read(text);
    ASSERT_EQ(result.ruleset.problems.size(), 1U) << text;
    EXPECT_TRUE(result.ruleset.problems[0].may_track) << text;
  }
  const Read known = read("-A INPUT -m mark --mark 1 --foo 2");
  ASSERT_EQ(known.ruleset.problems.size(), 1U);
  EXPECT_FALSE(known.ruleset.problems[0].may_track);
}

}  // namespace
}  // namespace untrack::test
