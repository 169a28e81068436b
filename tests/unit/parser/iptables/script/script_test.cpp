#include "parser/iptables/script/script.hpp"

#include <gtest/gtest.h>

#include <string>

namespace untrack::iptables {
namespace {

struct Read {
  Ruleset ruleset;
  std::uint32_t rules = 0;
  bool may_track = false;
  std::size_t not_understood = 0;
};

Read read(const std::string& script) {
  Read result;
  ChainIndex index;
  Ipsets ipsets(result.ruleset);
  Execution execution(result.ruleset, index, SourceId{}, Completeness::partial);
  const ScriptOutcome outcome = read_script(SourceId{}, script, result.ruleset, execution, ipsets);
  EXPECT_EQ(print(outcome.document), script);
  execution.finish();
  result.rules = execution.rule_count();
  for (const Problem& problem : result.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    ++result.not_understood;
    result.may_track = result.may_track || problem.may_track;
  }
  return result;
}

// A flush that may not run, or not where it stands, must leave what it would remove: a verdict of
// "not forced" from any of these would be wrong.
TEST(Script, KeepsRulesThatAFlushMayNotReach) {
  const std::string rule = "iptables -A INPUT -m state --state NEW\n";
  for (const char* between : {
           "exit 0\n",
           "[ -f x ] || exit 0\n",
           "[ -f x ] ||\n\n# why\n exit 0\n",
           "if x; then exit; fi\n",
           "[ -f x ] || { echo; exit 1; }\n",
           "die() { echo; exit 1; }\n[ -f x ] || die no\n",
           "die() { bye; }\nbye() { exit 1; }\ndie\n",
           "exec /bin/true\n",
           "END=exit\n$END 0\n",
           "iptables -A INPUT -j DROP || exit 1\n",
           "return 0\n",
           ": \"${X:?}\"\n",
           "test x && kill $$\n",
           "test -f x ||\n ",
           "test -f x || ! ",
           "test -f x || { echo; ",
           "f() { iptables -A INPUT -j DROP; }\n",
       }) {
    EXPECT_GE(read(rule + between + "iptables -F\n").rules, 1U) << between;
  }
  EXPECT_EQ(read("fill() { " + rule + "}\niptables -F\nfill\n").rules, 1U);
  EXPECT_EQ(read(rule + "if x; then iptables-restore -n <<'X'\n*filter\n-F INPUT\nX\nfi\n").rules,
            1U);
}

TEST(Script, AnEndOfASubshellOrAGuardInFrontOfAllRulesForgetsNoFlush) {
  const std::string rule = "iptables -A INPUT -m state --state NEW\n";
  for (const char* between :
       {"(exit 0)\n", "{ echo; exit 0; } 2>&1 | logger\n", "exit 0 &\n", "exec >/dev/null\n",
        ": ${X:-?}\n", "f() { return; }\nf\n", "cat x | while read y; do exit; done\n"}) {
    const Read found = read(rule + between + "iptables -F\n");
    EXPECT_EQ(found.rules, 0U) << between;
    EXPECT_EQ(found.not_understood, 0U) << between;
  }
  const Read guarded = read("[ -x /sbin/iptables ] || exit 0\n" + rule + "iptables -F\n");
  EXPECT_EQ(guarded.rules, 0U);
  EXPECT_EQ(guarded.not_understood, 0U);
}

// Every way to add a rule that is not read must leave a problem with may_track behind: a verdict of
// "not forced" from any of these would be wrong.
TEST(Script, NeverPassesOverARuleInSilence) {
  for (const char* script : {
           "$IPT -A INPUT -m state --state NEW\n",
           "${IPT:-iptables} -A INPUT -m state --state NEW\n",
           "for i in 1 2; do iptables -A INPUT -s 192.0.2.$i; done\n",
           "f() { iptables -A $1 -m state --state NEW; }\nf INPUT\n",
           "run() { \"$@\"; }\nrun iptables -A INPUT -m state --state NEW\n",
           "X=$(iptables -A INPUT -m state --state NEW)\n",
           "eval \"iptables -A INPUT -m state --state NEW\"\n",
           "sh -c 'iptables -A INPUT -m state --state NEW'\n",
           "ssh host iptables -A INPUT -m state --state NEW\n",
           "xargs iptables -A INPUT < list\n",
           "alias i=iptables\ni -A INPUT -m state --state NEW -j ACCEPT\n",
           "iptables-restore < rules\n",
           "cat rules | iptables-restore\n",
           "iptables-restore <<E\n*filter\n-A INPUT $X\nCOMMIT\nE\n",
           ". ./more.sh\n",
           "ip netns exec a iptables -A INPUT -m state --state NEW\n",
           "nft add rule ip filter input ct state new\n",
           "X=''; if a; then X='-m state --state NEW'; fi; iptables -A INPUT $X -j DROP\n",
           "iptables -A INPUT -p tcp --dport {22,80} -j ACCEPT\n",
           "IFS=,\nX='-m,state,--state,NEW'\niptables -A INPUT $X -j DROP\n",
           "*filter\n-A INPUT -j DROP\niptables -P INPUT DROP\n",
       }) {
    EXPECT_TRUE(read(script).may_track) << script;
  }
}

TEST(Script, DeletesNothingThatMayNotBeDeleted) {
  for (const char* tail : {
           "if a; then iptables -F; fi\n",
           "f() { iptables -F; }\n",
           "case $1 in stop) iptables -F;; esac\n",
           "a || iptables -F\n",
           "[ a ] && iptables -D INPUT -j DROP\n",
           "while a; do iptables -D INPUT 1; done\n",
           "iptables -F $CHAIN\n",
           "if a; then iptables-restore <<E\n*filter\nCOMMIT\nE\nfi\n",
       }) {
    EXPECT_EQ(read(std::string("iptables -A INPUT -j DROP\n") + tail).rules, 1U) << tail;
  }
  EXPECT_EQ(read("iptables -A INPUT -j DROP\niptables -F\n").rules, 0U);
}

TEST(Script, GroupsAndSubshellsAreFollowed) {
  const Read result = read("{ iptables -A INPUT -j DROP; }\n(iptables -A OUTPUT -j DROP)\n");
  EXPECT_EQ(result.rules, 2U);
  EXPECT_EQ(result.not_understood, 0U);
}

TEST(Script, HostileOnesEndSoon) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "{ if\n";
  for (int i = 0; i < 20'000; ++i) many += "}\n";
  EXPECT_EQ(read(many).rules, 0U);
  std::string doubling = "A=xxxx\n";
  for (int i = 0; i < 60; ++i) doubling += "A=\"$A$A\"\n";
  EXPECT_TRUE(read(doubling + "iptables -A INPUT -m comment --comment $A\n").may_track);
}

}  // namespace
}  // namespace untrack::iptables
