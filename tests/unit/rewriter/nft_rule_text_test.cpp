#include "rewriter/nft_rule_text.hpp"

#include <gtest/gtest.h>

#include "analysis/conntrack/state_map.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"
#include "rewriter/nft_chains.hpp"
#include "rewriter/rule_text.hpp"

namespace untrack {
namespace {

// A script of nft, and edits of it.
class Script {
 public:
  explicit Script(const std::string& text) {
    id_ = sources_.add("a.nft", text);
    ruleset_ = parse(sources_, std::vector<Input>{{id_, Format::nft_script, std::nullopt}});
    resolve(ruleset_);
    for (const Problem& problem : ruleset_.problems) ADD_FAILURE() << problem.message;
  }

  const Ruleset& ruleset() const { return ruleset_; }
  const Sources& sources() const { return sources_; }
  NftRuleText words(std::size_t rule) const { return {ruleset_, sources_, RuleId(rule)}; }
  Span state_of(std::size_t rule) const {
    const Rule& all = ruleset_.rules[rule];
    for (const RulePart& part : slice(ruleset_.parts, all.parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      if (match != nullptr && std::holds_alternative<StateTest>(*match)) return part.span_in(all);
    }
    return {};
  }
  std::string after(const std::vector<Edit>& edits) const {
    EditSet set;
    for (const Edit& edit : edits) EXPECT_EQ(set.add(edit), std::nullopt);
    return set.apply(sources_, id_);
  }

 private:
  Sources sources_;
  SourceId id_{};
  Ruleset ruleset_;
};

std::string in_chain(const std::string& rules) {
  return "table inet f {\n\tchain i {\n\t\ttype filter hook input priority 0; policy drop;\n" +
         rules + "\t}\n}\n";
}

TEST(NftRuleText, KnowsTheLineOfARule) {
  const Script script(in_chain("\t\tct state new tcp dport 22 accept; # ssh\n\t\taccept\n"));
  const NftRuleText text = script.words(0);
  EXPECT_TRUE(text.stands_alone());
  EXPECT_FALSE(text.is_command());
  EXPECT_EQ(script.sources().text(text.line()), "\t\tct state new tcp dport 22 accept; # ssh\n");
  EXPECT_EQ(text.beside("udp dport 53", "drop"), "\t\tudp dport 53 drop");
  EXPECT_EQ(text.beside("", "drop"), "\t\tdrop");
}

TEST(NftRuleText, KnowsARuleThatSharesItsLine) {
  const Script script(in_chain("\t\ttcp dport 22 accept; ct state new drop\n"));
  EXPECT_FALSE(script.words(0).stands_alone());
  EXPECT_FALSE(script.words(1).stands_alone());
}

TEST(NftRuleText, KnowsCommands) {
  const Script script(
      "add table ip f\nadd chain ip f i { type filter hook input priority 0; }\n"
      "add rule ip f i ct state  new \\\n  tcp dport 22 accept\n"
      "insert rule f i udp dport 53 accept\n"
      "add rule ip f i index 0 drop\n");
  const NftRuleText added = script.words(0);
  EXPECT_TRUE(added.is_command());
  EXPECT_FALSE(added.is_inserted());
  EXPECT_FALSE(added.names_a_place());
  EXPECT_EQ(added.lead(), "add rule ip f i");
  EXPECT_EQ(added.in_one_line(), "add rule ip f i ct state new tcp dport 22 accept");
  EXPECT_TRUE(script.words(1).is_inserted());
  EXPECT_EQ(script.words(1).lead(), "insert rule f i");
  EXPECT_TRUE(script.words(2).names_a_place());
}

TEST(NftRuleText, TakesWordsOutWithTheSpaceBesideThem) {
  const std::pair<const char*, const char*> rows[] = {
      {"\t\tct state new tcp dport 22 accept\n", "\t\ttcp dport 22 accept\n"},
      {"\t\ttcp dport 22  ct state { new } accept\n", "\t\ttcp dport 22 accept\n"},
      {"\t\tct state new\n", "\t\t\n"},
  };
  for (const auto& [before, after] : rows) {
    const Script script(in_chain(before));
    EXPECT_EQ(script.after({script.words(0).without(script.state_of(0))}), in_chain(after));
  }
}

TEST(NftRuleText, TellsTheTargetWithACounter) {
  const std::pair<const char*, const char*> rows[] = {
      {"\t\tct state established accept comment \"x\"\n", "accept"},
      {"\t\tct state established counter packets 5 bytes 6 accept\n", "counter accept"},
      {"\t\tcounter ct state established goto j\n", "counter goto j"},
      {"\t\tct state established log\n", ""},
  };
  for (const auto& [rule, target] : rows) {
    const Script script("table inet f {\n\tchain j {\n\t}\n\tchain i {\n" + std::string(rule) +
                        "\t}\n}\n");
    EXPECT_EQ(script.words(0).target(), target) << rule;
  }
}

TEST(NftRuleText, HoldsNothingThatAVariableSays) {
  const Script script("define s = established\n" +
                      in_chain("\t\tct state $s accept\n\t\tct state established accept\n"));
  EXPECT_FALSE(script.words(0).holds(script.state_of(0)));
  EXPECT_TRUE(script.words(1).holds(script.state_of(1)));
}

TEST(StateMap, TellsTheVerdictOfEachState) {
  const Script script(
      "table inet f {\n\tchain j {\n\t}\n\tchain i {\n\t\tiif lo ct state vmap { established : "
      "accept, "
      "new : jump j, * : drop }\n\t}\n}\n");
  const auto map = state_map(script.ruleset(), script.ruleset().rules[0]);
  ASSERT_TRUE(map);
  EXPECT_EQ(nft_verdict(*(*map)[CtState::new_]), "jump j");
  EXPECT_EQ(nft_verdict(*(*map)[CtState::related]), "drop");
  EXPECT_EQ(nft_verdict(*map->passes_later()), "accept");
  EXPECT_EQ(script.words(0).head_of(map->span), "iif lo");
}

TEST(StateMap, LetsPassLaterWhatIsAcceptedAlone) {
  const std::pair<const char*, const char*> rows[] = {
      {"established : drop, related : accept", "accept"},
      {"established : continue, untracked : accept", "accept"},
      {"established : drop, invalid : accept", ""},
  };
  for (const auto& [elements, verdict] : rows) {
    const Script script(in_chain("\t\tct state vmap { " + std::string(elements) + " }\n"));
    const auto map = state_map(script.ruleset(), script.ruleset().rules[0]);
    ASSERT_TRUE(map) << elements;
    const Statement* passes = map->passes_later();
    EXPECT_EQ(passes == nullptr ? "" : nft_verdict(*passes), verdict) << elements;
  }
}

TEST(StateMap, IsNoneOfOtherKeysAndOfUnknownElements) {
  const Script script(
      in_chain("\t\ttcp dport vmap { 22 : accept }\n"
               "\t\tct state . iifname vmap { new . \"lo\" : accept }\n"
               "\t\tct state new accept\n"));
  ASSERT_EQ(script.ruleset().rules.size(), 3U);
  for (const Rule& rule : script.ruleset().rules) EXPECT_FALSE(state_map(script.ruleset(), rule));
}

TEST(NftChains, PutsUntrackedBesideNew) {
  const std::pair<const char*, const char*> rows[] = {
      {"ct state new accept", "ct state new,untracked accept"},
      {"ct state established,new accept", "ct state established,new,untracked accept"},
      {"ct state { new, related } accept", "ct state { new, related, untracked } accept"},
      {"ct state { new, } accept", "ct state { new, untracked } accept"},
      {"ct state == new accept", "ct state == { new, untracked } accept"},
      {"ct state vmap { new : accept }", "ct state vmap { new : accept, untracked : accept }"},
  };
  for (const auto& [before, after] : rows) {
    const Script script(in_chain("\t\t" + std::string(before) + "\n"));
    const auto edit =
        nft_with_untracked(script.ruleset(), script.sources(), script.ruleset().rules[0]);
    ASSERT_TRUE(edit) << before;
    EXPECT_EQ(script.after({*edit}), in_chain("\t\t" + std::string(after) + "\n"));
  }
}

TEST(NftChains, StandInFrontOfTheChainsAndTheirComments) {
  const Script script(
      "table ip f {\n  # for all\n  chain i {\n    type filter hook input priority 0;\n    ct "
      "state new "
      "accept\n  }\n}\n");
  const TableId home = home_of_raw(script.ruleset(), IpVersion::ipv4);
  EXPECT_EQ(
      script.after(added_raw_rules(script.ruleset(), script.sources(), home, "",
                                   {{Hook::prerouting, "tcp dport 80"}})),
      "table ip f {\n  # in front of connection tracking: what needs no entry\n"
      "  chain raw_prerouting {\n    type filter hook prerouting priority raw; policy accept;\n"
      "    tcp dport 80 notrack\n  }\n  # for all\n  chain i {\n"
      "    type filter hook input priority 0;\n    ct state new accept\n  }\n}\n");
}

TEST(NftChains, OpenTheTableAgainWhereNoChainStandsOnALineOfItsOwn) {
  const Script script(
      "table ip f { chain i {\n type filter hook input priority 0;\n ct state new accept\n }; }");
  const TableId home = home_of_raw(script.ruleset(), IpVersion::ipv4);
  EXPECT_EQ(
      script.after(added_raw_rules(script.ruleset(), script.sources(), home, "all",
                                   {{Hook::output, "tcp sport 80"}})),
      "table ip f { chain i {\n type filter hook input priority 0;\n ct state new accept\n }; }\n\n"
      "table ip f {\n\t# all\n\tchain raw_output {\n\t\ttype filter hook output priority raw; "
      "policy accept;\n\t\ttcp sport 80 notrack\n\t}\n}\n");
}

}  // namespace
}  // namespace untrack
