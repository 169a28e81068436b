// Rules that matter (rules_that_matter): of two random rulesets that differ in a few rules, the
// programs without all other rules differ in exactly the packets in which the whole ones do, and
// decide these as they do. The slow twin is the whole comparison, in the same diagram. What makes
// it quick has slow twins, too: programs made with a survey are those made without one; rules told
// apart by addresses first are those that boxes alone tell apart; and a packet that is followed
// through the rules whose keys hold it ends as it does rule by rule.
#include "analysis/difference/changed_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "analysis/difference/difference.hpp"
#include "analysis/difference/same_rules.hpp"
#include "tests/property/changed_pairs.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_ruleset.hpp"

namespace untrack {
namespace {

template <class Write>
void compare_changed(int rulesets, const Wanted& wanted, IpVersion version, bool is_nft,
                     bool is_exact, Write&& write) {
  (void)compare(
      rulesets, wanted, version, is_exact, write,
      [&](std::mt19937& dice, const std::string& text) { return changed(dice, text, is_nft); });
}

// Rules of which only the addresses of the second lie in the changed region are told apart by it;
// what is written of them otherwise, and where, says nothing.
TEST(ChangedRules, AreNotThoseWithAnotherTextAlone) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
:hosts - [0:0]
-A INPUT -i eth0 -j hosts
-A hosts -s 192.0.2.1 -p tcp -m tcp --dport 22 -j ACCEPT
-A hosts -s 192.0.2.1 -p udp -m udp --dport 53 -j ACCEPT
-A hosts -s 198.51.100.0/24 -m limit --limit 3/min -j LOG
-A INPUT -s 192.0.2.0/24 -p tcp -j REJECT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "-A hosts -s 192.0.2.1 -p udp -m udp",
                      "[4:5] -A hosts -s 192.0.2.1/32 -p udp -m comment --comment dns -m udp"));
  const PairOfTexts both(text, other);
  const auto& pairs = both.pairs;
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::ranges::count(pairs->changed[0], true), 0);
  EXPECT_EQ(std::ranges::count(pairs->changed[1], true), 0);
  ASSERT_TRUE(replace(other, "dport 22", "dport 23"));
  // The jump, the rule itself in each, and the REJECT; of the LOG the addresses are others.
  expect_difference(text, other, 3);
}

// What a rule does with the packets that it asks for, and does otherwise now.
TEST(ChangedRules, AreThoseThatDoSomethingElse) {
  const std::string head = "*filter\n:INPUT DROP [0:0]\n:hosts - [0:0]\n";
  const std::string rule = "-A INPUT -s 192.0.2.1 -p tcp -m tcp --dport 22 ";
  const std::string tail = "\n-A INPUT -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n";
  const std::vector<std::string> targets = {"-j ACCEPT", "-j DROP",  "-j REJECT", "-j RETURN",
                                            "-j hosts",  "-g hosts", "-j LOG",    ""};
  for (const std::string& was : targets) {
    for (const std::string& now : targets) {
      const auto with = [&](const std::string& target) {
        std::string text = head;
        return text.append(rule).append(target).append(tail);
      };
      const PairOfTexts both(with(was), with(now));
      ASSERT_TRUE(both.pairs.has_value());
      const auto count = std::ranges::count(both.pairs->changed[1], true);
      EXPECT_EQ(count, was == now ? 0 : 1) << was << " and " << now;
    }
  }
}

// Two chains written by turns: wherever a rule goes or comes, and whether both texts are of one
// length, all others are what they were.
TEST(ChangedRules, OfChainsThatAreWrittenByTurns) {
  const std::vector<std::string> head = {"*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]"};
  std::vector<std::string> rules;
  for (int i = 0; i < 12; ++i) {
    const std::string address = "192.0.2." + std::to_string(i);
    rules.push_back("-A INPUT -s " + address + " -p tcp -m tcp --dport 22 -j ACCEPT");
    rules.push_back("-A FORWARD -d " + address + " -i eth0 -m limit --limit 3/min -j DROP");
  }
  const auto text_of = [&](const std::vector<std::string>& some) {
    std::string text;
    for (const auto* lines : {&head, &some}) {
      for (const std::string& line : *lines) text += line + '\n';
    }
    return text + "COMMIT\n";
  };
  const std::string text = text_of(rules);
  const std::string more = "-A INPUT -s 198.51.100.1 -j ACCEPT";
  for (std::size_t gone = 0; gone < rules.size(); ++gone) {
    for (std::size_t come = 0; come < rules.size(); ++come) {
      for (const auto& [is_gone, has_come] : {std::pair(1, 1), std::pair(1, 0), std::pair(0, 1)}) {
        std::vector<std::string> others = rules;
        if (is_gone == 1) others.erase(others.begin() + static_cast<std::ptrdiff_t>(gone));
        if (has_come == 1) others.insert(others.begin() + static_cast<std::ptrdiff_t>(come), more);
        const auto before = read(text, IpVersion::ipv4);
        const auto after = read(text_of(others), IpVersion::ipv4, before->variables);
        const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
        ASSERT_TRUE(pairs.has_value());
        ASSERT_EQ(std::ranges::count(pairs->changed[0], true), is_gone) << text_of(others);
        ASSERT_EQ(std::ranges::count(pairs->changed[1], true), has_come) << text_of(others);
        ASSERT_EQ(pairs->twins.size(), rules.size() - static_cast<std::size_t>(is_gone));
        for (const auto& [left, right] : pairs->twins) {
          SameRules same(before->ruleset, after->ruleset, pairs->partners);
          ASSERT_TRUE(same.are_same(left, right)) << text_of(others);
        }
        for (const std::size_t side : {0U, 1U}) {
          const Ruleset& ruleset = side == 0 ? before->ruleset : after->ruleset;
          RuleSurveyor plain(ruleset, IpVersion::ipv4);
          for (std::size_t i = 0; i < ruleset.rules.size(); ++i) (void)plain.look_at(RuleId(i));
          const RuleSurvey survey = plain.take();
          ASSERT_EQ(survey.keys, pairs->surveys[side].keys);
          ASSERT_EQ(survey.special, pairs->surveys[side].special);
          ASSERT_EQ(survey.kinds, pairs->surveys[side].kinds);
        }
      }
    }
  }
}

// The same rule says another thing where its set holds other elements, and where a condition that
// no packet tells is another one of its kind.
TEST(ChangedRules, AreThoseThatMeanAnotherThing) {
  const std::string text = R"(table ip t {
  set hosts { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
  chain i {
    type filter hook input priority filter; policy drop;
    ip saddr @hosts tcp dport 22 accept
    ip daddr 198.51.100.1 limit rate 3/second accept
    ip daddr 198.51.100.2 limit rate 3/second accept
  }
}
)";
  const auto changed_after = [&](const std::string& what, const std::string& with) {
    std::string other = text;
    EXPECT_TRUE(replace(other, what, with));
    const PairOfTexts both(text, other);
    const auto& pairs = both.pairs;
    const auto changed = changed_rules(*both.before->program, *both.after->program, *pairs);
    return changed ? std::ranges::count((*changed)[1], true) : -1;
  };
  EXPECT_EQ(changed_after("192.0.2.2 }", "192.0.2.3 }"), 1);
  EXPECT_EQ(changed_after("tcp dport 22 accept", "tcp dport 22 accept comment \"ssh\""), 0);
  // The second limit is the first one now.
  EXPECT_EQ(changed_after("    ip daddr 198.51.100.1 limit rate 3/second accept\n", ""), 1);
}

// What rules do and decide nothing by, and what they translate to, counts by its words.
TEST(ChangedRules, AreThoseThatDoAnotherThing) {
  const std::string text = R"(*mangle
:FORWARD ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400
-A FORWARD -s 192.0.2.1 -j TEE --gateway 192.0.2.9
-A FORWARD -s 192.0.2.2 -j LOG --log-prefix one
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.3 --persistent
COMMIT
)";
  const auto told = [&](const std::string& what, const std::string& with) {
    std::string other = text;
    EXPECT_TRUE(replace(other, what, with));
    const auto before = read(text, IpVersion::ipv4);
    const auto after = read(other, IpVersion::ipv4, before->variables);
    const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
    expect_same_with_surveys(*before->program, *after->program, *pairs, other);
    // As diff() makes them of large rulesets.
    const auto surveyed = [&](const Case& side, std::size_t index) {
      return Program(side.ruleset, IpVersion::ipv4, side.program->tracks(), *before->variables,
                     NotrackUse::obeyed, AddressWrites::followed, &pairs->surveys[index]);
    };
    const Program old_program = surveyed(*before, 0);
    const Program new_program = surveyed(*after, 1);
    const auto rules = rules_that_matter(old_program, new_program, *pairs);
    const std::array<const Program*, 2> programs = {&old_program, &new_program};
    std::vector<std::string> words;
    for (const WorkChange& change : difference(*World::of_rules(programs, *rules)).work) {
      if (change.path == Path::forward) words.push_back(change.what);
    }
    return words;
  };
  using Words = std::vector<std::string>;
  EXPECT_EQ(told("1400", "1300"), (Words{"met \"TCPMSS --set-mss 1400\", and does not",
                                         "meets \"TCPMSS --set-mss 1300\", and did not"}));
  EXPECT_EQ(told("192.0.2.9", "192.0.2.8"),
            (Words{"met \"TEE --gateway 192.0.2.9\", and does not",
                   "meets \"TEE --gateway 192.0.2.8\", and did not"}));
  EXPECT_EQ(told(" --persistent", ""),
            (Words{"met \"SNAT --persistent --to-source 192.0.2.3\", and does not",
                   "meets \"SNAT --to-source 192.0.2.3\", and did not"}));
  EXPECT_EQ(told("-s 192.0.2.1 ", "-s 192.0.2.0/31 "),
            (Words{"meets \"TEE --gateway 192.0.2.9\", and did not"}));
  EXPECT_EQ(told("prefix one", "prefix two"), Words());
}

// The rule that translates bears on what the filter behind it sees.
TEST(ChangedRules, BehindTranslation) {
  const std::string text = R"(*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 203.0.113.1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.1
-A PREROUTING -d 203.0.113.2 -p udp -m udp --dport 80 -j DNAT --to-destination 192.0.2.2
COMMIT
*filter
:FORWARD DROP [0:0]
-A FORWARD -d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -d 192.0.2.9 -p udp -m udp --dport 80 -j ACCEPT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "-d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT",
                      "-d 192.0.2.1 -p tcp -m tcp --dport 80 -j REJECT"));
  expect_difference(text, other, 2);
}

// Over loopback, NOTRACK on the way out makes packets untracked on the way in, where they have no
// interface to go out by.
TEST(ChangedRules, OverLoopback) {
  const std::string text = R"(table ip t {
  chain o {
    type filter hook output priority raw; policy accept;
    oifname "lo" tcp dport 80 notrack
    udp dport 53 notrack
  }
  chain i {
    type filter hook input priority filter; policy drop;
    oifname != "lo" ct state untracked accept
  }
}
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "oifname \"lo\" tcp dport 80 notrack", ""));
  expect_difference(text, other, 2);
}

// A chain that is called from one place less: its rules meet the packets that came from there in
// the old ruleset alone, and all others in both.
TEST(ChangedRules, OfChainsThatAreCalledOtherwise) {
  const std::string text = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:hosts - [0:0]
-A FORWARD -p tcp -m tcp --syn -j hosts
-A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j hosts
-A hosts -s 10.0.0.0/8 -j DROP
-A hosts -s 192.0.2.1 -j DROP
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "-s 192.0.2.1 -j DROP", "-s 192.0.2.1 -j ACCEPT"));
  ASSERT_TRUE(replace(other, "-A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j hosts\n", ""));
  expect_difference(text, other, 4);
}

// Of the states that rules behind conntrack see, those of other states do not matter.
TEST(ChangedRules, OfOneState) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "--dport 22", "--dport 2222"));
  expect_difference(text, other, 1);
}

TEST(ChangedRulesProperty, OfPlainFilters) {
  const RandomRulesetOptions options{.tracks = false, .has_effects = false, .most_rules = 9};
  compare_changed(300, {150, 100, 20}, IpVersion::ipv4, false, true,
                  [&](std::mt19937& dice) { return random_ruleset(dice, options); });
}

TEST(ChangedRulesProperty, AmongStatesMarksAndTranslation) {
  const RandomRulesetOptions options{.most_rules = 7};
  compare_changed(300, {100, 60, 10}, IpVersion::ipv4, false, false,
                  [&](std::mt19937& dice) { return random_ruleset(dice, options); });
}

TEST(ChangedRulesProperty, AmongStates) {
  const RandomRulesetOptions options{.has_effects = false, .most_rules = 7};
  compare_changed(300, {100, 60, 10}, IpVersion::ipv4, false, true,
                  [&](std::mt19937& dice) { return random_ruleset(dice, options); });
}

TEST(ChangedRulesProperty, OfIpv6) {
  const RandomRulesetOptions options{.is_ipv6 = true, .most_rules = 7};
  compare_changed(200, {60, 40, 10}, IpVersion::ipv6, false, false,
                  [&](std::mt19937& dice) { return random_ruleset(dice, options); });
}

TEST(ChangedRulesProperty, OfNft) {
  compare_changed(200, {60, 40, 10}, IpVersion::ipv4, true, false, [&](std::mt19937& dice) {
    return random_nft_ruleset(dice, true, dice() % 2 == 0);
  });
}

}  // namespace
}  // namespace untrack
