#include "app/load_test.hpp"

#include <gtest/gtest.h>

#include "analysis/certificate/certificate.hpp"
#include "app/pipeline/rewrite.hpp"
#include "app/pipeline/verify.hpp"
#include "tests/unit/app/fake_tools.hpp"

namespace untrack {
namespace {

constexpr std::string_view version =
    "if [ \"$1\" = --version ]; then echo \"restore v9.9 (fake)\"; exit; fi\n";
// Refuses what holds the word, and everything without --test, or -c.
constexpr std::string_view refuses =
    "[ \"$*\" = --test ] || [ \"$*\" = \"-c -f -\" ] || exit 9\n"
    "if grep -q WORD; then printf 'restore: no WORD\\033[1m here\\n\\nTry `-h'; exit 2; fi";

std::string refusing(const std::string& word) {
  std::string script(refuses);
  for (std::size_t at = 0; (at = script.find("WORD", at)) != std::string::npos;) {
    script.replace(at, 4, word);
  }
  return std::string(version) + script;
}

class LoadTestTest : public testing::Test {
 protected:
  test::FakeTools tools;

  LoadTest ask(const std::vector<std::string>& original, const std::vector<std::string>& rewritten,
               IpVersion ip_version = IpVersion::ipv4) const {
    const LoadQuestion question{
        .version = ip_version, .original = original, .rewritten = rewritten};
    return test_load({"/nonexistent", tools.folder()}, question,
                     {std::chrono::milliseconds(1000), 4096}, ToolNetwork::shared);
  }

  static Obligation loads_of(LoadTest test) {
    Certificate certificate;
    certificate.obligations.push_back({"O5", "it loads", Proof::not_checked, "", std::nullopt});
    add_load_test(certificate, std::move(test));
    EXPECT_TRUE(certificate.load_test.has_value());
    return certificate.obligations.front();
  }
};

TEST_F(LoadTestTest, AsksBothBackends) {
  tools.add("iptables-legacy-restore", refusing("new"));
  tools.add("iptables-nft-restore", refusing("old"));
  tools.add("iptables-restore", "exit 1");
  const LoadTest test = ask({"old"}, {"new", "other"});
  ASSERT_EQ(test.answers.size(), 2U);
  EXPECT_EQ(test.answers[0].tool, "iptables-legacy-restore");
  EXPECT_EQ(test.answers[0].version, "v9.9 (fake)");
  EXPECT_EQ(test.answers[0].answer, LoadAnswer::refused);
  EXPECT_EQ(test.answers[0].message, "restore: no new?[1m here");
  EXPECT_EQ(test.answers[1].answer, LoadAnswer::taken);
  const Obligation loads = loads_of(test);
  EXPECT_EQ(loads.proof, Proof::failed);
  EXPECT_EQ(loads.explanation,
            "iptables-legacy-restore v9.9 (fake) takes the original and refuses this: restore: no "
            "new?[1m here");
}

TEST_F(LoadTestTest, GivesNftAllItsFilesTogether) {
  const auto ask_nft = [&](const std::vector<std::string>& rewritten) {
    return test_load_nft({tools.folder()}, {"old"}, rewritten,
                         {std::chrono::milliseconds(1000), 4096}, ToolNetwork::shared);
  };
  EXPECT_EQ(ask_nft({"new"}).why_not, "no nft is installed here");
  tools.add("nft", refusing("new"));
  const LoadTest refused = ask_nft({"other", "new"});
  ASSERT_EQ(refused.answers.size(), 1U);
  EXPECT_EQ(refused.answers[0].answer, LoadAnswer::refused);
  EXPECT_EQ(loads_of(ask_nft({"other"})).explanation,
            "taken by nft v9.9 (fake) (-c, in a network namespace of its own)");
}

TEST_F(LoadTestTest, BlamesNoRewriteForWhatTheOriginalHas) {
  tools.add("iptables-legacy-restore", refusing("both"));
  const LoadTest test = ask({"both"}, {"both"});
  ASSERT_EQ(test.answers.size(), 1U);
  EXPECT_EQ(test.answers[0].answer, LoadAnswer::refuses_both);
  EXPECT_EQ(loads_of(test).proof, Proof::not_checked);
  tools.add("iptables-nft-restore", refusing("none"));
  const LoadTest both = ask({"both"}, {"both"});
  ASSERT_EQ(both.answers.size(), 2U);
  EXPECT_EQ(both.answers[1].answer, LoadAnswer::taken);
  EXPECT_EQ(loads_of(both).proof, Proof::not_checked);
}

TEST_F(LoadTestTest, SaysWhoTakesIt) {
  tools.add("ip6tables-legacy-restore", refusing("none"));
  tools.add("ip6tables-nft-restore", "sleep 60");
  const LoadTest test = ask({"a"}, {"b"}, IpVersion::ipv6);
  ASSERT_EQ(test.answers.size(), 2U);
  EXPECT_EQ(test.answers[1].answer, LoadAnswer::no_answer);
  const Obligation loads = loads_of(test);
  EXPECT_EQ(loads.proof, Proof::proven);
  EXPECT_EQ(loads.explanation,
            "taken by ip6tables-legacy-restore v9.9 (fake) (--test, in a network namespace of its "
            "own); ip6tables-nft-restore gave no answer: it did not end in time");
}

TEST_F(LoadTestTest, TakesThePlainNameWhereNoBackendIsNamed) {
  tools.add("iptables-restore", refusing("none"));
  const LoadTest test = ask({"a"}, {"b"});
  ASSERT_EQ(test.answers.size(), 1U);
  EXPECT_EQ(test.answers[0].tool, "iptables-restore");
}

TEST_F(LoadTestTest, SaysThatThereIsNoTool) {
  const LoadTest test = ask({"a"}, {"b"});
  EXPECT_TRUE(test.answers.empty());
  const Obligation loads = loads_of(test);
  EXPECT_EQ(loads.proof, Proof::not_checked);
  EXPECT_EQ(loads.explanation,
            "the files are read as a ruleset; no iptables-restore is installed here");
}

TEST(ToolFolders, AreAbsolute) {
  const char* before = std::getenv("PATH");
  const std::string kept = before == nullptr ? "" : before;
  setenv("PATH", "/one:.::two:/usr/sbin:/three", 1);
  EXPECT_EQ(tool_folders(), (std::vector<std::string>{"/one", "/usr/sbin", "/three", "/sbin"}));
  setenv("PATH", kept.c_str(), 1);
}

constexpr const char* web =
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
    "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";

LoadTester answering(LoadAnswer answer) {
  return [=](const LoadQuestion& question) {
    EXPECT_EQ(question.original, std::vector<std::string>{web});
    EXPECT_EQ(question.rewritten.size(), 1U);
    return LoadTest{{{"iptables-restore", "v9", answer, "no"}}, ""};
  };
}

TEST(RewriteLoadTest, GivesNothingAwayThatDoesNotLoad) {
  RewritePolicy policy;
  policy.ip_version = IpVersion::ipv4;
  for (const RewriteMode mode : {RewriteMode::stateless, RewriteMode::notrack}) {
    policy.mode = mode;
    policy.load_tester = answering(LoadAnswer::refused);
    const RewriteReport refused = rewrite({{"a.rules", web}}, policy);
    EXPECT_TRUE(refused.is_refused());
    EXPECT_FALSE(refused.has_changed());
    EXPECT_EQ(refused.files.front().text, web);
    policy.load_tester = answering(LoadAnswer::taken);
    const RewriteReport taken = rewrite({{"a.rules", web}}, policy);
    EXPECT_TRUE(taken.has_changed());
    EXPECT_EQ(taken.families.front().certificate->obligations.back().proof, Proof::proven);
    policy.load_tester = answering(LoadAnswer::refuses_both);
    EXPECT_TRUE(rewrite({{"a.rules", web}}, policy).has_changed());
  }
}

TEST(RewriteLoadTest, AsksAboutTheWordsOfCommands) {
  RewritePolicy policy;
  policy.mode = RewriteMode::stateless;
  std::vector<LoadQuestion> asked;
  policy.load_tester = [&](const LoadQuestion& question) {
    asked.push_back(question);
    return LoadTest{{{"iptables-restore", "v9", LoadAnswer::taken, ""}}, ""};
  };
  const std::string script =
      "iptables -P INPUT DROP\niptables -A INPUT -m state --state ESTABLISHED -p tcp --sport 22 -j "
      "ACCEPT\n";
  const RewriteReport taken = rewrite({{"a.sh", script}}, policy);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked.front().keeps_old);
  EXPECT_EQ(asked.front().original.front(),
            "*filter\n-P INPUT DROP\n-A INPUT -m state --state ESTABLISHED -p tcp --sport 22 -j "
            "ACCEPT\nCOMMIT\n");
  EXPECT_EQ(asked.front().rewritten.front().find("state"), std::string::npos);
  const Obligation& loads = taken.families.front().certificate->obligations.back();
  EXPECT_EQ(loads.explanation,
            "the words of its commands are taken by iptables-restore v9 (--test, in a network "
            "namespace of its own)");
}

TEST(RewriteLoadTest, AsksNothingThatRunsAProgram) {
  RewritePolicy policy;
  policy.mode = RewriteMode::stateless;
  policy.ip_version = IpVersion::ipv4;
  policy.load_tester = [](const LoadQuestion&) {
    ADD_FAILURE() << "asked";
    return LoadTest();
  };
  for (const std::string option : {"-M /tmp/x", "-M/tmp/x", "--modprobe=/tmp/x", "--mod /tmp/x",
                                   "-\"M\" /tmp/x", "\"-\\M\" /tmp/x"}) {
    std::string text = web;
    text.replace(text.find("-m state"), 0, option + ' ');
    const RewriteReport report = rewrite({{"a.rules", text}}, policy);
    ASSERT_TRUE(report.has_changed()) << option;
    const Obligation& loads = report.families.front().certificate->obligations.back();
    EXPECT_EQ(loads.proof, Proof::not_checked);
    EXPECT_NE(loads.explanation.find("names a program that loads modules"), std::string::npos);
  }
}

TEST(VerifyLoadTest, FailsWhereAToolRefusesTheRewrite) {
  VerifyPolicy policy;
  policy.mode = RewriteMode::notrack;
  policy.ip_version = IpVersion::ipv4;
  policy.load_tester = answering(LoadAnswer::refused);
  const VerifyReport report = verify({{"a.rules", web}}, {{"b.rules", web}}, policy);
  EXPECT_TRUE(report.has_failed());
  EXPECT_EQ(report.summary, "The rewritten ruleset does not load where the original does.");
  policy.load_tester = answering(LoadAnswer::taken);
  EXPECT_TRUE(verify({{"a.rules", web}}, {{"b.rules", web}}, policy).is_proven());
}

}  // namespace
}  // namespace untrack
