#include "rewriter/stateless/mirror.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

using Lines = std::vector<std::string>;

// The filter table of a router, and what mirrors it.
class Router {
 public:
  Router(const std::string& chains, const std::string& rules)
      : ruleset_(parse(sources_, std::vector<Input>{{sources_.add("a.rules", text(chains, rules)),
                                                     Format::iptables_save, IpVersion::ipv4}})) {
    resolve(ruleset_);
  }

  Mirror mirror() const { return {ruleset_, sources_, TableId(0), assumptions_, false}; }

  // All rules of the mirror of FORWARD, the jumps to it left out.
  Lines replies() const {
    Mirror made = mirror();
    (void)made.add(Path::forward, Reflection::replies, "-j ACCEPT");
    EXPECT_EQ(made.obstacle().why, "");
    return lines(made);
  }

  static Lines lines(const Mirror& mirror) {
    std::map<std::string, std::string> renamed;
    Lines all;
    for (const GeneratedChain& chain : mirror.chains().in_order(renamed)) {
      for (const std::string& rule : chain.rules) all.push_back(chain.name + ' ' + rule);
    }
    return all;
  }

 private:
  static std::string text(const std::string& chains, const std::string& rules) {
    return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n" + chains +
           rules + "COMMIT\n";
  }

  Sources sources_;
  Assumptions assumptions_;
  Ruleset ruleset_;
};

TEST(Mirror, TurnsEveryConditionRound) {
  const Router router(
      "",
      "-A FORWARD -s 10.0.0.0/8 ! -d 192.0.2.1/32 -i lan -o wan+ -p tcp -m multiport --dports "
      "80,443 -m conntrack --ctstate NEW -j ACCEPT\n"
      "-A FORWARD -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -m iprange --src-range "
      "10.0.0.5-10.0.0.9 -j ACCEPT\n"
      "-A FORWARD -i lan -p icmp -m icmp --icmp-type 8 -j ACCEPT\n");
  EXPECT_EQ(router.replies(),
            (Lines{"FORWARD-replies ! -s 192.0.2.1/32 -d 10.0.0.0/8 -i wan+ -o lan -p tcp -m "
                   "multiport --sports 80,443 -j ACCEPT",
                   "FORWARD-replies -p tcp -m tcp --sport 22 -m iprange --dst-range "
                   "10.0.0.5-10.0.0.9 -j ACCEPT",
                   "FORWARD-replies -o lan -p icmp -m icmp --icmp-type 0 -j ACCEPT"}));
}

TEST(Mirror, LeavesOutWhatNothingAnswers) {
  const Router router("",
                      "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                      "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
                      "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN,RST -j DROP\n"
                      "-A FORWARD -d 224.0.0.0/4 -j ACCEPT\n"
                      "-A FORWARD -p icmp -m icmp --icmp-type 3 -j ACCEPT\n"
                      "-A FORWARD -f -j DROP\n"
                      "-A FORWARD -i lan -j ACCEPT\n");
  EXPECT_EQ(router.replies(), (Lines{"FORWARD-replies -o lan -j ACCEPT"}));
}

// What an answer does not show may widen an accept, and refuse nothing.
TEST(Mirror, LeavesConditionsOutOnlyWhereThatWidens) {
  const Router router(":user - [0:0]\n",
                      "-A FORWARD -i lan -m mac --mac-source 02:00:00:00:00:01 -j DROP\n"
                      "-A FORWARD -i dmz -m mac --mac-source 02:00:00:00:00:02 -j user\n"
                      "-A FORWARD -i lan -p tcp -m limit --limit 5/sec -j ACCEPT\n"
                      "-A user -d 192.0.2.7/32 -j DROP\n"
                      "-A user -d 192.0.2.0/24 -j ACCEPT\n");
  EXPECT_EQ(router.replies(), (Lines{"FORWARD-replies -o dmz -j user-replies",
                                     "FORWARD-replies -o lan -p tcp -j ACCEPT",
                                     "user-replies -s 192.0.2.0/24 -j ACCEPT"}));
}

TEST(Mirror, ReturnUnderSuchAConditionMakesTheRestOfTheChainOnlyAccept) {
  const Router router(":user - [0:0]\n",
                      "-A FORWARD -i lan -j user\n"
                      "-A FORWARD -o wan -j ACCEPT\n"
                      "-A user -m mac --mac-source 02:00:00:00:00:02 -j RETURN\n"
                      "-A user -d 192.0.2.0/24 -j ACCEPT\n"
                      "-A user -j DROP\n");
  EXPECT_EQ(router.replies(),
            (Lines{"FORWARD-replies -o lan -j user-replies", "FORWARD-replies -i wan -j ACCEPT",
                   "user-replies -s 192.0.2.0/24 -j ACCEPT"}));
}

TEST(Mirror, WhatNeverReturnsIsGoneToSoThatReturnLeaves) {
  const Router router(":zone - [0:0]\n",
                      "-A FORWARD -i lan -j zone\n"
                      "-A FORWARD -j ACCEPT\n"
                      "-A zone -s 10.0.0.9/32 -j REJECT\n"
                      "-A zone -s 10.0.0.0/8 -j ACCEPT\n"
                      "-A zone -j DROP\n");
  EXPECT_EQ(
      router.replies(),
      (Lines{"FORWARD-replies -o lan -g zone-replies", "FORWARD-replies -j ACCEPT",
             "zone-replies -d 10.0.0.9/32 -j RETURN", "zone-replies -d 10.0.0.0/8 -j ACCEPT"}));
}

TEST(Mirror, ChainsThatAlwaysRefuseAreReturn) {
  const Router router(":refused - [0:0]\n",
                      "-A FORWARD -s 10.0.0.9/32 -j refused\n"
                      "-A FORWARD -i lan -j ACCEPT\n"
                      "-A FORWARD -j refused\n"
                      "-A refused -j LOG\n"
                      "-A refused -j DROP\n");
  EXPECT_EQ(router.replies(), (Lines{"FORWARD-replies -d 10.0.0.9/32 -j RETURN",
                                     "FORWARD-replies -o lan -j ACCEPT"}));
}

TEST(Mirror, WhatRefusesSomeStandsWhereItIsCalled) {
  const Router router(":spoofed - [0:0]\n",
                      "-A FORWARD -i wan -j spoofed\n"
                      "-A FORWARD -o dmz -j ACCEPT\n"
                      "-A spoofed -s 10.0.0.0/8 -j DROP\n"
                      "-A spoofed -s 192.168.0.0/16 -j DROP\n");
  EXPECT_EQ(router.replies(), (Lines{"FORWARD-replies -d 10.0.0.0/8 -o wan -j RETURN",
                                     "FORWARD-replies -d 192.168.0.0/16 -o wan -j RETURN",
                                     "FORWARD-replies -i dmz -j ACCEPT"}));
}

TEST(Mirror, WhatRefusesAndReturnsGoesOnByGoto) {
  const Router router(":guests - [0:0]\n",
                      "-A FORWARD -i lan -j guests\n"
                      "-A FORWARD -o dmz -j ACCEPT\n"
                      "-A guests -s 10.1.0.0/16 -j RETURN\n"
                      "-A guests -s 10.0.0.0/8 -j DROP\n");
  EXPECT_EQ(
      router.replies(),
      (Lines{"FORWARD-replies -o lan -g guests-replies", "FORWARD-replies -g FORWARD-replies2",
             "guests-replies -d 10.1.0.0/16 -g FORWARD-replies2",
             "guests-replies -d 10.0.0.0/8 -j RETURN", "guests-replies -g FORWARD-replies2",
             "FORWARD-replies2 -i dmz -j ACCEPT"}));
}

TEST(Mirror, MarksAreAnObstacle) {
  const Router router("", "-A FORWARD -m mark --mark 0x7 -j ACCEPT\n");
  Mirror mirror = router.mirror();
  (void)mirror.add(Path::forward, Reflection::replies, "-j ACCEPT");
  EXPECT_NE(mirror.obstacle().why, "");
}

TEST(Mirror, LoopbackHasNone) {
  const Router router("", "-A INPUT -i lo -j ACCEPT\n-A INPUT ! -i lo -p tcp -j ACCEPT\n");
  Mirror mirror = router.mirror();
  (void)mirror.add(Path::in, Reflection::replies, "-j ACCEPT");
  EXPECT_EQ(Router::lines(mirror), (Lines{"INPUT-replies -p tcp -j ACCEPT"}));
}

TEST(Mirror, NamesAreShortAndTheirOwn) {
  const std::string one = "a_chain_with_quite_a_long_na";
  const std::string other = "a_chain_with_quite_a_long_nb";
  const Router router(
      fmt::format(":{} - [0:0]\n:{} - [0:0]\n:FORWARD_replies - [0:0]\n", one, other),
      fmt::format("-A FORWARD -i lan -j {0}\n-A FORWARD -i wan -j {1}\n"
                  "-A {0} -p tcp -m tcp --dport 22 -j ACCEPT\n"
                  "-A {1} -p tcp -m tcp --dport 25 -j ACCEPT\n",
                  one, other));
  Mirror mirror = router.mirror();
  (void)mirror.add(Path::forward, Reflection::replies, "-j ACCEPT");
  std::map<std::string, std::string> renamed;
  std::vector<std::string> names = {"FORWARD_replies"};
  for (const GeneratedChain& chain : mirror.chains().in_order(renamed)) {
    EXPECT_LE(chain.name.size(), 28U);
    EXPECT_EQ(std::ranges::count(names, chain.name), 0) << chain.name;
    names.push_back(chain.name);
  }
  EXPECT_EQ(names.size(), 4U);
}

}  // namespace
}  // namespace untrack
