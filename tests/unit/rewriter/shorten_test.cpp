#include "rewriter/shorten/shorten.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

constexpr std::string_view head = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n";

struct Text {
  std::string before;  // rules that the rewrite has not touched
  std::string ours;    // rules and comments that it has written
  std::string behind;
};

// What becomes of the text between the header and COMMIT; `apart` stands between two changes.
std::string shortened_text(const Text& text, const std::string& apart = {},
                           const std::string& also_ours = {}) {
  const std::string whole =
      std::string(head) + text.before + text.ours + apart + also_ours + text.behind + "COMMIT\n";
  Sources sources;
  const SourceId id = sources.add("a.rules", whole);
  Ruleset ruleset =
      parse(sources, std::vector<Input>{{id, Format::iptables_save, IpVersion::ipv4}});
  resolve(ruleset);
  for (const Problem& problem : ruleset.problems) ADD_FAILURE() << problem.message;
  const auto begin = static_cast<std::uint32_t>(head.size() + text.before.size());
  ShortenOptions options{.joins_changed = true};
  options.changes.push_back({id, begin, begin + static_cast<std::uint32_t>(text.ours.size())});
  if (!also_ours.empty()) {
    const auto at = options.changes.back().end + static_cast<std::uint32_t>(apart.size());
    options.changes.push_back({id, at, at + static_cast<std::uint32_t>(also_ours.size())});
  }
  const auto rows = find_shortenings(ruleset, sources, IpVersion::ipv4, options);
  const std::string after = shortened(sources, options, rows).apply(sources, id);
  return after.substr(head.size(), after.size() - head.size() - std::string("COMMIT\n").size());
}

TEST(Shorten, LeavesOutWhatAnEarlierAcceptCovers) {
  EXPECT_EQ(shortened_text({.before = "-A INPUT -s 192.0.2.0/24 -p tcp -j ACCEPT\n",
                            .ours = "# replies\n"
                                    "-A INPUT -s 192.0.2.7/32 -i eth0 -p tcp -m tcp --dport 80 -j "
                                    "ACCEPT\n"
                                    "-A INPUT -s 198.51.100.7/32 -p tcp -m tcp --dport 80 -j "
                                    "ACCEPT\n",
                            .behind = ""}),
            "-A INPUT -s 192.0.2.0/24 -p tcp -j ACCEPT\n"
            "# replies\n"
            "-A INPUT -s 198.51.100.7/32 -p tcp -m tcp --dport 80 -j ACCEPT\n");
}

TEST(Shorten, TakesTheCommentAwayWithAllOfItsRules) {
  EXPECT_EQ(shortened_text({.before = "-A INPUT -p icmp -j ACCEPT\n",
                            .ours = "# in place of: a rule\n"
                                    "# errors\n"
                                    "-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT\n"
                                    "-A INPUT -p icmp -m icmp --icmp-type 11 -j ACCEPT\n",
                            .behind = "-A INPUT -p udp -j ACCEPT\n"}),
            "-A INPUT -p icmp -j ACCEPT\n# in place of: a rule\n-A INPUT -p udp -j ACCEPT\n");
}

// What stands between them is about this protocol, too, and does something else.
TEST(Shorten, KeepsWhatALaterRuleCoversBehindAnother) {
  const Text text{
      .before = "",
      .ours = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n",
      .behind = "-A INPUT ! -p udp -s 192.0.2.0/24 -j DROP\n-A INPUT -p tcp -j ACCEPT\n"};
  EXPECT_EQ(shortened_text(text), text.ours + text.behind);
  // About another protocol it is in nobody's way.
  const Text other{
      .before = "",
      .ours = text.ours,
      .behind = "-A INPUT -p udp -s 192.0.2.0/24 -j DROP\n-A INPUT -p tcp -j ACCEPT\n"};
  EXPECT_EQ(shortened_text(other), other.behind);
}

// A comment of the user's between two changes stays, and so do the rules on both sides.
TEST(Shorten, JoinsNoPortsAcrossWhatTheRewriteDidNotWrite) {
  const std::string one = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n";
  const std::string other = "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n";
  EXPECT_EQ(shortened_text({.before = "", .ours = one + "# ours\n" + other, .behind = ""}),
            "# ours\n-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT\n");
  EXPECT_EQ(shortened_text({.before = "", .ours = one, .behind = ""}, "# the user's\n", other),
            one + "# the user's\n" + other);
}

// Each pair: a rule that the rewrite wrote, and a rule in front of it that does not cover it.
TEST(Shorten, KeepsWhatIsNotCovered) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"-s 192.0.2.0/24 -p tcp", "-s 192.0.2.0/25 -p tcp"},
      {"-p tcp", "-p udp"},
      {"-p tcp", "-p tcp -m limit --limit 3/min"},
      {"-p tcp", "-p tcp -m mark --mark 0x1"},
      {"-i eth0 -p tcp", "-i eth+ -o lo -p tcp"},
      {"! -i lo -p tcp", "-i eth0 -p tcp"},
      {"! -i lo -p tcp", "! -i eth0 -p tcp"},
      {"-i lo -p tcp", "! -i lo -p tcp"},
      {"-p tcp -m tcp --dport 22", "-p tcp -m tcp --dport 22 ! --tcp-flags ACK,RST NONE"},
      {"-p tcp -m conntrack --ctstate INVALID", "-p tcp -m conntrack --ctstate NEW"},
      {"-p tcp", "-p tcp -m conntrack --ctstate NEW"},
      {"-p icmp", "-p icmp -m icmp --icmp-type 3"},
  };
  for (const auto& [ours, before] : rows) {
    const Text text{.before = "-A FORWARD " + before + " -j ACCEPT\n",
                    .ours = "-A FORWARD " + ours + " -j ACCEPT\n",
                    .behind = "-A FORWARD -p gre -j DROP\n"};
    EXPECT_EQ(shortened_text(text), text.before + text.ours + text.behind);
  }
}

TEST(Shorten, LeavesOutWhatIsCovered) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"-i eth0 -p tcp", "-i eth+ -p tcp"},
      {"-i eth0 -p tcp", "! -i lo -p tcp"},
      {"! -i eth+ -p tcp", "! -i eth0 -p tcp"},
      {"-p tcp -m limit --limit 3/min", "-p tcp"},
      {"-p tcp -m tcp --dport 22 ! --tcp-flags ACK,RST NONE", "-p tcp -m tcp --dport 20:25"},
      {"-p tcp -m multiport --dports 22,25", "-p tcp -m multiport --dports 20:23,25,80"},
      {"-p tcp -m conntrack --ctstate NEW", "-p tcp -m conntrack --ctstate NEW,UNTRACKED"},
      {"-p tcp -m conntrack --ctstate NEW", "-p tcp -m conntrack ! --ctstate INVALID"},
      {"-s 192.0.2.9/32 -p tcp", "-m iprange --src-range 192.0.2.3-192.0.2.11 -p tcp"},
      {"-s 192.0.2.9/32 -p tcp", "! -s 192.0.2.8/32 -p tcp"},
      {"-f -p tcp", "-f"},
  };
  for (const auto& [ours, before] : rows) {
    const Text text{.before = "-A FORWARD " + before + " -j ACCEPT\n",
                    .ours = "-A FORWARD " + ours + " -j ACCEPT\n",
                    .behind = ""};
    EXPECT_EQ(shortened_text(text), text.before) << ours;
  }
}

TEST(Shorten, LeavesOutWhatALaterAcceptCoversIfOnlyAcceptsStandBetween) {
  const std::string narrow = "-A INPUT -s 192.0.2.7/32 -p tcp -j ACCEPT\n";
  const std::string wide = "-A INPUT -p tcp -j ACCEPT\n";
  EXPECT_EQ(shortened_text({.before = "", .ours = narrow + wide, .behind = ""}), wide);
  const std::string drop = "-A INPUT -s 192.0.2.0/24 -j DROP\n";
  EXPECT_EQ(shortened_text({.before = "", .ours = narrow, .behind = drop + wide}),
            narrow + drop + wide);
  // Twice the same: one stays.
  EXPECT_EQ(shortened_text({.before = "", .ours = wide + wide, .behind = ""}), wide);
}

TEST(Shorten, JoinsNeighboursThatDifferInTheirPorts) {
  EXPECT_EQ(shortened_text({.before = "",
                            .ours = "-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\n"
                                    "-A INPUT -p tcp -m multiport --dports 80,8000:8080 -j ACCEPT\n"
                                    "-A INPUT -p tcp --dport 22 -j ACCEPT\n"
                                    "-A INPUT -p udp -m udp --dport 53 -j ACCEPT\n",
                            .behind = ""}),
            "-A INPUT -p tcp -m multiport --dports 22,80,443,8000:8080 -j ACCEPT\n"
            "-A INPUT -p udp -m udp --dport 53 -j ACCEPT\n");
  // What stands beside the ports stays, behind them.
  EXPECT_EQ(
      shortened_text(
          {.before = "",
           .ours = "-A INPUT -p tcp -m tcp --sport 25 --dport 1024:65535 ! --tcp-flags ACK,RST "
                   "NONE -j ACCEPT\n"
                   "-A INPUT -p tcp -m tcp --sport 80 --dport 1024:65535 ! --tcp-flags ACK,RST "
                   "NONE -j ACCEPT\n",
           .behind = ""}),
      "-A INPUT -p tcp -m multiport --sports 25,80 -m tcp --dport 1024:65535 ! --tcp-flags "
      "ACK,RST NONE -j ACCEPT\n");
}

TEST(Shorten, JoinsOverCommentsOfItsOwn) {
  EXPECT_EQ(shortened_text({.before = "",
                            .ours = "# in place of: one\n# replies\n"
                                    "-A INPUT -p tcp -m tcp --sport 80 -j ACCEPT\n"
                                    "# in place of: another\n# replies\n"
                                    "-A INPUT -p tcp -m tcp --sport 443 -j ACCEPT\n",
                            .behind = ""}),
            "# in place of: one\n# in place of: another\n# replies\n"
            "-A INPUT -p tcp -m multiport --sports 80,443 -j ACCEPT\n");
}

TEST(Shorten, JoinsNothingElse) {
  const std::vector<std::string> rows = {
      // Ports of the admin's own, rates, counters, comments.
      "-A INPUT ! -s 192.0.2.1/32 -p tcp -m tcp ! --dport 22 -j ACCEPT\n"
      "-A INPUT ! -s 192.0.2.1/32 -p tcp -m tcp ! --dport 80 -j ACCEPT\n",
      "-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT\n"
      "-A INPUT -p tcp -m tcp --dport 80 -m limit --limit 3/min -j ACCEPT\n",
      "-A INPUT -p tcp -m tcp --dport 22 -m comment --comment a -j ACCEPT\n"
      "-A INPUT -p tcp -m tcp --dport 80 -m comment --comment b -j ACCEPT\n",
      "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
      "-A INPUT -p gre -j DROP\n"
      "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n",
      "-A INPUT -p tcp -m tcp --dport 22 -j DROP\n"
      "-A INPUT -p tcp -m tcp --dport 80 -j DROP\n",
      "[1:60] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
      "[2:90] -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n",
      "-A INPUT -p tcp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27 -j ACCEPT\n"
      "-A INPUT -p tcp -m tcp --dport 100:110 -j ACCEPT\n",
  };
  for (const std::string& ours : rows) {
    EXPECT_EQ(shortened_text({.before = "", .ours = ours, .behind = ""}), ours);
    // Not the rewrite's.
    EXPECT_EQ(shortened_text({.before = ours, .ours = "# a comment\n", .behind = ""}),
              ours + "# a comment\n");
  }
  const std::string admins =
      "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
      "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n";
  EXPECT_EQ(shortened_text({.before = admins, .ours = "", .behind = ""}), admins);
}

// A comparison of each with each would take minutes.
TEST(Shorten, IsNotQuadratic) {
  std::string ours;
  for (int i = 0; i < 20000; ++i) {
    ours += "-A INPUT -s 10." + std::to_string(i / 250) + '.' + std::to_string(i % 250) +
            ".1/32 -p tcp -j ACCEPT\n";
  }
  const std::clock_t begin = std::clock();  // of the processor: others may keep it
  EXPECT_EQ(shortened_text({.before = "", .ours = ours, .behind = ""}), ours);
  EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 20);
}

}  // namespace
}  // namespace untrack
