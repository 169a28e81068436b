#include "rewriter/rule_style.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "parser/parse.hpp"

namespace untrack {
namespace {

// The style of the last rule of a text, and what stands in front of "-A" in a rule of `table`.
RuleStyle style(std::string text, std::optional<Format> format = Format::iptables_commands) {
  Sources sources;
  const SourceId source = sources.add("rules", std::move(text));
  const std::array inputs{Input{source, format, std::nullopt}};
  const Ruleset ruleset = parse(sources, inputs);
  return style_of(ruleset, sources, RuleId(ruleset.rules.size() - 1));
}

TEST(RuleStyle, KeepsTheProgramAsWritten) {
  EXPECT_EQ(style("iptables -A INPUT -j DROP\n").lead("filter"), "iptables ");
  EXPECT_EQ(style("sudo -n /sbin/iptables-legacy -A INPUT -j DROP\n").lead("filter"),
            "sudo -n /sbin/iptables-legacy ");
  EXPECT_EQ(style("IPT=iptables\n$IPT -A INPUT -j DROP\n", Format::shell_script).lead("filter"),
            "$IPT ");
}

TEST(RuleStyle, KeepsHowItWaits) {
  EXPECT_EQ(style("iptables -w -A INPUT -j DROP\n").lead("filter"), "iptables -w ");
  EXPECT_EQ(style("iptables -A INPUT -j DROP -w 5\n").lead("filter"), "iptables -w 5 ");
}

TEST(RuleStyle, NamesTheTableLikeTheRule) {
  EXPECT_EQ(style("iptables -t filter -A INPUT -j DROP\n").lead("raw"), "iptables -t raw ");
  EXPECT_EQ(style("iptables -A INPUT -j DROP --table=filter\n").lead("raw"),
            "iptables --table=raw ");
  EXPECT_EQ(style("iptables -A INPUT -j DROP\n").lead("raw"), "iptables -t raw ");
  EXPECT_EQ(style("-P INPUT DROP\n-A INPUT -j DROP\n", Format::iptables_list).lead("raw"),
            "-t raw ");
}

TEST(RuleStyle, TakesNoWordsInQuotesForOptions) {
  const RuleStyle found = style("iptables -A INPUT -m comment --comment \"-t nat -I x\" -j DROP\n");
  EXPECT_EQ(found.lead("filter"), "iptables ");
  EXPECT_FALSE(found.is_inserted);
}

TEST(RuleStyle, KnowsInsertedRules) {
  EXPECT_TRUE(style("iptables -I INPUT -j DROP\n").is_inserted);
  EXPECT_TRUE(style("iptables --insert INPUT 1 -j DROP\n").is_inserted);
  EXPECT_FALSE(style("iptables -A INPUT -i eth0 -j DROP\n").is_inserted);
}

TEST(RuleStyle, IsEmptyInASaveFile) {
  const std::string text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n";
  EXPECT_EQ(style(text, Format::iptables_save).lead("filter"), "");
}

TEST(RuleStyle, QuotesChainsForTheShell) {
  EXPECT_EQ(chain_word("web$(x)", true), "\"web\\$(x)\"");
  EXPECT_EQ(chain_word("web-in", true), "web-in");
}

}  // namespace
}  // namespace untrack
