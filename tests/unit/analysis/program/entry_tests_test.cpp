#include "analysis/program/entry_tests.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

constexpr std::string_view not_asked = "not asked";
constexpr std::string_view not_known = "not known";

struct Case {
  std::string_view name;
  std::string_view match;
  std::string_view says;  // without an entry
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

// What the only opaque test of the only rule says of a packet without an entry.
std::string said(const Ruleset& ruleset) {
  const Rule& rule = ruleset.rules.front();
  bool asks = false;
  for (const Construct& construct : slice(ruleset.constructs, rule.constructs)) {
    asks = asks || asks_of_entry(ruleset, construct);
  }
  std::optional<bool> answer;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto without = without_entry(ruleset, part);
    if (without) answer = without;
  }
  if (!asks) return std::string(answer ? "answered though not asked" : not_asked);
  if (!answer) return std::string(not_known);
  return *answer ? "matches" : "does not match";
}

const Case iptables_cases[] = {
    {"state_alone", "-m conntrack --ctstate NEW", not_asked},
    {"old_state", "-m state --state NEW", not_asked},
    {"tuple", "-m conntrack --ctorigdst 192.0.2.1", "does not match"},
    {"tuple_negated", "-m conntrack ! --ctorigdst 192.0.2.1", "does not match"},
    {"status", "-m conntrack --ctstatus ASSURED", "does not match"},
    {"direction", "-m conntrack --ctdir REPLY", "does not match"},
    // conntrack_mt: with a state that holds, what else is asked is not looked at.
    {"state_and_tuple", "-m conntrack --ctstate UNTRACKED --ctproto 6", "matches"},
    {"connmark", "-m connmark --mark 1", "does not match"},
    {"connmark_negated", "-m connmark ! --mark 1", "does not match"},
    {"connbytes", "-m connbytes --connbytes 9: --connbytes-dir both --connbytes-mode bytes",
     "does not match"},
    {"cluster", "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1",
     "does not match"},
    {"helper", "-m helper --helper ftp", not_known},
    {"connlabel", "-m connlabel --label 3", not_known},
    {"connlimit", "-m connlimit --connlimit-above 3", not_known},
    {"ipvs", "-m ipvs --ipvs", not_asked},
    {"ipvs_direction", "-m ipvs --vdir REPLY", not_known},
    {"of_the_packet", "-p tcp -m tcp --dport 80", not_asked},
    {"history", "-m limit --limit 3/min", not_asked},
};

const Case nft_cases[] = {
    {"state_alone", "ct state new", not_asked},
    {"tuple", "ct original ip daddr 192.0.2.1", "does not match"},
    {"tuple_negated", "ct original ip daddr != 192.0.2.1", "does not match"},
    {"status", "ct status assured", "does not match"},
    {"mark_negated", "ct mark != 1", "does not match"},
    {"zone", "ct zone 1", "does not match"},
    {"helper_negated", "ct helper != \"ftp\"", "does not match"},
    {"count", "ct count over 3", not_known},
    {"history", "limit rate 3/minute", not_asked},
    {"of_the_packet", "tcp dport 80", not_asked},
};

class EntryTestsOfIptables : public testing::TestWithParam<Case> {};
TEST_P(EntryTestsOfIptables, SayWhatTheyAskAndWhatHoldsWithoutOne) {
  const auto read = read_filter("-A INPUT " + std::string(GetParam().match) + " -j DROP\n");
  EXPECT_EQ(said(read->ruleset), GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(Table, EntryTestsOfIptables, testing::ValuesIn(iptables_cases),
                         [](const auto& test) { return std::string(test.param.name); });

class EntryTestsOfNft : public testing::TestWithParam<Case> {};
TEST_P(EntryTestsOfNft, SayWhatTheyAskAndWhatHoldsWithoutOne) {
  const auto read = read_ruleset("table ip t { chain i { type filter hook input priority 0; " +
                                     std::string(GetParam().match) + " drop; }; }\n",
                                 Format::nft_script);
  EXPECT_EQ(said(read->ruleset), GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(Table, EntryTestsOfNft, testing::ValuesIn(nft_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// The state beside it is computed.
TEST(EntryTests, AreNotTheState) {
  const auto read = read_filter("-A INPUT -m conntrack --ctstate UNTRACKED --ctproto 6 -j DROP\n");
  std::size_t states = 0;
  for (const RulePart& part : slice(read->ruleset.parts, read->ruleset.rules.front().parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr || !std::holds_alternative<StateTest>(*match)) continue;
    ++states;
    EXPECT_FALSE(without_entry(read->ruleset, part).has_value());
  }
  EXPECT_EQ(states, 1U);
}

// A target is nothing that is asked.
TEST(EntryTests, AreMatches) {
  const auto read =
      read_ruleset("*mangle\n:PREROUTING ACCEPT\n-A PREROUTING -j CONNMARK --save-mark\nCOMMIT\n",
                   Format::iptables_save);
  EXPECT_EQ(said(read->ruleset), not_asked);
}

}  // namespace
}  // namespace untrack
