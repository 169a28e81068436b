#include "rewriter/rule_text.hpp"

#include <gtest/gtest.h>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

// One rule of INPUT, between the lines that make it a ruleset.
class OneRule {
 public:
  explicit OneRule(const std::string& rule)
      : rule_(rule),
        ruleset_(parse(sources_, std::vector<Input>{{sources_.add("a.rules", text(rule)),
                                                     Format::iptables_save, IpVersion::ipv4}})) {
    resolve(ruleset_);
  }

  RuleText words() const { return {ruleset_, sources_, RuleId(0)}; }

  const Construct& construct(std::string_view name) const {
    for (const Construct& each : ruleset_.constructs) {
      if (each.name == name) return each;
    }
    throw std::out_of_range(std::string(name));
  }

  // The rule's line, without its newline, after the edits; nothing around it may have changed.
  std::string after(const std::vector<Edit>& edits) const {
    EditSet set;
    for (const Edit& edit : edits) EXPECT_EQ(set.add(edit), std::nullopt) << rule_;
    std::string now = set.apply(sources_, SourceId(0));
    EXPECT_TRUE(now.starts_with(head));
    EXPECT_TRUE(now.ends_with(tail)) << now;
    now = now.substr(head.size(), now.size() - head.size() - tail.size());
    if (now.ends_with('\n')) now.pop_back();
    return now;
  }

 private:
  static constexpr std::string_view head = "*filter\n:INPUT DROP [0:0]\n";
  static constexpr std::string_view tail = "COMMIT\n";
  static std::string text(const std::string& rule) {
    return std::string(head) + rule + '\n' + std::string(tail);
  }

  std::string rule_;
  Sources sources_;
  Ruleset ruleset_;
};

struct Row {
  const char* rule;
  const char* construct;
  const char* without;
};

TEST(RuleText, TakesAConstructOutAndNothingElse) {
  const Row rows[] = {
      {"-A INPUT -m state --state NEW -j ACCEPT", "state", "-A INPUT -j ACCEPT"},
      {"-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT", "conntrack",
       "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"},
      {"-A INPUT   -m  state\t--state  NEW   -j ACCEPT", "state", "-A INPUT   -j ACCEPT"},
      {"-A INPUT -mstate --state=NEW -j ACCEPT", "state", "-A INPUT -j ACCEPT"},
      {"-A INPUT --match=state --state NEW -j ACCEPT", "state", "-A INPUT -j ACCEPT"},
      {"-A INPUT -m state ! --state NEW -j ACCEPT", "state", "-A INPUT -j ACCEPT"},
      {"-A INPUT -j ACCEPT -m state --state NEW", "state", "-A INPUT -j ACCEPT"},
      {"-A INPUT -m state -p tcp --state NEW -j ACCEPT", "state", "-A INPUT -p tcp -j ACCEPT"},
      {"[1:40] -A INPUT -m state --state NEW -m comment --comment \"-m state\" -j ACCEPT", "state",
       "[1:40] -A INPUT -m comment --comment \"-m state\" -j ACCEPT"},
  };
  for (const Row& row : rows) {
    const OneRule one(row.rule);
    EXPECT_EQ(one.after(one.words().without(one.construct(row.construct))), row.without)
        << row.rule;
  }
}

TEST(RuleText, PutsOtherWordsInPlaceOfAConstruct) {
  const Row rows[] = {
      {"-A INPUT -p tcp -m state --state NEW -j DROP", "state", "-A INPUT -p tcp -m x -j DROP"},
      {"-A INPUT -m state -p tcp --state NEW -j DROP", "state", "-A INPUT -m x -p tcp -j DROP"},
      {"-A INPUT -j DROP -m state ! --state NEW", "state", "-A INPUT -j DROP -m x"},
  };
  for (const Row& row : rows) {
    const OneRule one(row.rule);
    EXPECT_EQ(one.after(one.words().replaced(one.construct(row.construct), "-m x")), row.without)
        << row.rule;
  }
}

TEST(RuleText, TakesTheWholeLineAway) {
  const OneRule one("[3:180] -A INPUT -m state --state NEW -j DROP");
  EXPECT_EQ(one.after({one.words().removed()}), "");
}

TEST(RuleText, TellsTheTargetWithItsOptions) {
  const std::pair<const char*, const char*> rows[] = {
      {"-A INPUT -p tcp -j ACCEPT", "-j ACCEPT"},
      {"-A INPUT -p tcp -j REJECT --reject-with tcp-reset", "-j REJECT --reject-with tcp-reset"},
      {"-A INPUT -p tcp", ""},
  };
  for (const auto& [rule, target] : rows) EXPECT_EQ(OneRule(rule).words().target(), target) << rule;
}

TEST(RuleText, QuotesNamesOfChainsThatNeedIt) {
  EXPECT_EQ(OneRule("-A INPUT -j DROP").words().beside("-p udp", "-j DROP"),
            "-A INPUT -p udp -j DROP");
  EXPECT_EQ(chain_word("a b"), "\"a b\"");
  EXPECT_EQ(chain_word("a\"b\\"), "\"a\\\"b\\\\\"");
  EXPECT_EQ(chain_word("web-in"), "web-in");
}

}  // namespace
}  // namespace untrack
