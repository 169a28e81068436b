// Long chains whose rules differ in the interface, or in it and a port: the index by packets leaves
// out no rule that matches.
#include "analysis/local/rules_by_packet.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "analysis/walk/concrete.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string random_zones(std::mt19937& dice, bool has_ports) {
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  for (int i = 0; i < 80; ++i) {
    text += "-A FORWARD";
    const auto any = [&] { return dice() % 12; };
    if (dice() % 8 != 0) text += fmt::format(" -i in{}", any());
    if (dice() % 8 != 0) text += fmt::format(" -o out{}", any());
    if (has_ports && dice() % 2 == 0) text += fmt::format(" -p tcp -m tcp --dport {}", any());
    text += dice() % 2 == 0 ? " -j ACCEPT\n" : " -j DROP\n";
  }
  return text + "COMMIT\n";
}

TEST(RulesByPacketOfInterfaces, LeavesOutNoRuleThatMatches) {
  std::mt19937 dice = seeded_dice();
  std::size_t left_out = 0;
  std::size_t decided = 0;
  for (int i = 0; i < 20; ++i) {
    const auto given = read(random_zones(dice, i % 2 == 0), IpVersion::ipv4);
    const Program* programs[] = {given->program.get()};
    const Layout layout(programs, Distinctions{}, Order::source_first);
    RulesByPacket index(given->ruleset, 1'000'000);
    for (int k = 0; k < 200; ++k) {
      Choices choices;
      Packet packet = random_packet(dice, layout, Path::forward, choices.free);
      packet.in_interface = fmt::format("in{}", dice() % 13);
      packet.out_interface = fmt::format("out{}", dice() % 13);
      const Trace whole = walk(*given->program, packet, choices);
      const Trace quick = walk(*given->program, packet, choices, index);
      ASSERT_EQ(whole.decision, quick.decision);
      ASSERT_EQ(whole.decided_by, quick.decided_by);
      left_out += whole.steps.size() - quick.steps.size();
      decided += whole.decided_by.names_something() ? 1U : 0U;
    }
  }
  EXPECT_GE(left_out, 5'000U);
  EXPECT_GE(decided, 500U);
}

}  // namespace
}  // namespace untrack
