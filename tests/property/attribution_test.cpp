// Who admitted an entry, against the obvious way: the concrete walk, rule by rule, of packets that
// are the entry's first one with everything made up that an entry does not tell. Whatever becomes
// of such a packet must be among what the admission says; an admission of one rule must be right
// always.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "analysis/attribution/admission.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/packet/group_address.hpp"
#include "analysis/walk/concrete.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

struct Seen {
  std::size_t packets = 0, exact = 0, refused = 0, unknown = 0;
};

bool is_usual(const Packet& packet) {
  for (const Field field : {Field::source_address, Field::destination_address}) {
    const Number address = packet[field];
    if (is_loopback(packet.version, address) || is_multicast(address, packet.version) ||
        address == 0xffffffffU) {
      return false;
    }
  }
  return packet[Field::source_address] != packet[Field::destination_address] &&
         packet.in_interface != "lo" && packet.out_interface != "lo";
}

// As the first packet of a flow comes.
void make_first(Packet& packet) {
  packet.state = CtState::new_;
  packet[Field::later_fragment] = 0;
  packet[Field::tcp_flags] = tcp_flag::syn;
  packet[Field::source_type] = packet.path == Path::out ? 2 : 1;
  packet[Field::destination_type] = packet.path == Path::in ? 2 : 1;
  if (!has_ports(packet[Field::protocol])) {
    packet[Field::source_port] = packet[Field::destination_port] = 0;
  }
}

ConntrackEntry entry_of(const Packet& packet) {
  ConntrackEntry entry;
  entry.version = packet.version;
  entry.protocol = static_cast<std::uint8_t>(packet[Field::protocol]);
  entry.source = packet[Field::source_address];
  entry.destination = entry.answerer = packet[Field::destination_address];
  entry.source_port = static_cast<std::uint16_t>(packet[Field::source_port]);
  entry.destination_port = entry.answerer_port =
      static_cast<std::uint16_t>(packet[Field::destination_port]);
  entry.icmp_type = static_cast<std::uint8_t>(packet[Field::icmp_type_code] / 256);
  entry.icmp_code = static_cast<std::uint8_t>(packet[Field::icmp_type_code] % 256);
  return entry;
}

// Whether what became of the packet is among what the admission allows.
bool allows(const Admission& admission, const Trace& trace, Path path) {
  if (admission.is_unknown) return true;
  if (trace.decision != Decision::accept) return admission.may_be_refused || admission.by.empty();
  Admitting by{path, trace.decided_by, {}};
  if (!by.rule.names_something()) by.chain = trace.decided_in;
  return std::ranges::find(admission.by, by) != admission.by.end();
}

template <class Write>
Seen compare(std::mt19937& dice, IpVersion version, int rulesets, int packets, Write write) {
  Seen seen;
  for (int i = 0; i < rulesets; ++i) {
    const std::string text = write();
    const auto made = read(text, version);
    const Program program(made->ruleset, version, made->program->tracks(), *made->variables,
                          NotrackUse::ignored);
    const std::array<const Program*, 1> programs{&program};
    const auto world = World::make(programs);
    if (world == nullptr) continue;
    for (int k = 0; k < packets; ++k) {
      std::vector<bool> free;
      const Path path = all_paths[dice() % 3];
      Packet packet = random_packet(dice, world->layout(), path, free);
      if (!is_usual(packet)) continue;
      make_first(packet);
      const ConntrackEntry entry = entry_of(packet);
      LocalAddresses locals;
      locals.add(version, 0xc0000263, 32);
      if (path != Path::forward) {
        locals.add(version, path == Path::in ? entry.destination : entry.source, 128);
      } else if (locals.has(version, entry.source) || locals.has(version, entry.destination)) {
        continue;
      }
      Admitter knowing(program, locals);
      const LocalAddresses nothing;
      Admitter not_knowing(program, nothing);
      const Admission told = knowing.admission_of(entry);
      const Admission& untold = not_knowing.admission_of(entry);
      for (int again = 0; again < 4; ++again) {
        Choices choices;
        choices.free = free;
        const Trace trace = walk(program, packet, choices);
        if (trace.is_untracked) break;  // neighbour discovery has no entry
        if (trace.decision == Decision::elsewhere || trace.decision == Decision::unknown) break;
        ++seen.packets;
        EXPECT_TRUE(allows(told, trace, path)) << to_text(trace.decision) << "\n" << text;
        EXPECT_TRUE(allows(untold, trace, path)) << to_text(trace.decision) << "\n" << text;
        if (testing::Test::HasFailure()) return seen;
        // What an entry does not tell is anything.
        for (std::size_t bit = 0; bit < free.size(); ++bit) free[bit] = dice() % 2 == 0;
        packet[Field::mark] = dice() % 4;
        packet[Field::ttl] = dice() % 256;
        packet[Field::length] = 40 + dice() % 1400;
        if (path != Path::out) packet.in_interface = dice() % 2 == 0 ? "eth0" : "eth1";
        if (path != Path::in) packet.out_interface = dice() % 2 == 0 ? "eth0" : "eth1";
      }
      seen.unknown += told.is_unknown ? 1U : 0U;
      seen.exact += !told.is_unknown && told.by.size() == 1 && !told.may_be_refused ? 1U : 0U;
      seen.refused += !told.is_unknown && told.by.empty() ? 1U : 0U;
    }
  }
  return seen;
}

void expect_strength(const Seen& seen) {
  EXPECT_GT(seen.packets, 2000U);
  EXPECT_GT(seen.exact, 200U);
  EXPECT_GT(seen.refused, 100U);
  EXPECT_LT(seen.unknown, seen.packets / 10);
}

TEST(AttributionProperty, IsWhatTheWalkSaysOfIptables) {
  std::mt19937 dice = seeded_dice();
  for (const bool is_ipv6 : {false, true}) {
    RandomRulesetOptions options;
    options.is_ipv6 = is_ipv6;
    options.has_effects = false;
    const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    expect_strength(compare(dice, version, 150, 60, [&] { return random_ruleset(dice, options); }));
  }
}

// Chains as long lists are: each rule names addresses, protocol and ports, and nothing else. Rules
// share addresses, so that many are candidates of one packet; one in some lists names no source, or
// no destination.
std::string random_list(std::mt19937& dice) {
  const auto one_of = [&](std::size_t count) { return static_cast<std::size_t>(dice()) % count; };
  std::string text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n";
  const bool has_any_source = one_of(3) == 0;
  const bool has_any_target = one_of(3) == 0;
  const std::size_t count = 20 + one_of(180);
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("-A {}", std::array{"INPUT", "FORWARD", "OUTPUT"}[one_of(3)]);
    if (!has_any_source || one_of(8) != 0) text += fmt::format(" -s 10.0.{}.1/32", one_of(6));
    if (!has_any_target || one_of(8) != 0) {
      text += fmt::format(" -d 10.1.0.{}/{}", 8 * one_of(6), one_of(2) == 0 ? 32 : 29);
    }
    const std::size_t protocol = one_of(4);
    if (protocol < 2) text += protocol == 0 ? " -p tcp -m tcp" : " -p udp -m udp";
    if (protocol < 2 && one_of(2) == 0) text += fmt::format(" --sport {}", one_of(3));
    if (protocol < 2 && one_of(2) == 0) text += fmt::format(" --dport {}:{}", one_of(3), 3);
    if (protocol == 2) text += " -p icmp";
    text += fmt::format(" -j {}\n", std::array{"ACCEPT", "DROP", "REJECT", "RETURN"}[one_of(4)]);
  }
  return text + "COMMIT\n";
}

TEST(AttributionProperty, IsWhatTheWalkSaysOfLongLists) {
  std::mt19937 dice = seeded_dice();
  const Seen seen = compare(dice, IpVersion::ipv4, 150, 200, [&] { return random_list(dice); });
  EXPECT_GT(seen.packets, 2000U);
  EXPECT_GT(seen.exact, 100U);
  EXPECT_GT(seen.refused, 100U);
  EXPECT_EQ(seen.unknown, 0U);
}

TEST(AttributionProperty, IsWhatTheWalkSaysOfNft) {
  std::mt19937 dice = seeded_dice();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const Seen seen =
        compare(dice, version, 150, 60, [&] { return random_nft_ruleset(dice, false); });
    EXPECT_GT(seen.packets, 1000U);
    EXPECT_GT(seen.exact, 50U);
  }
}

// Chains of more than 64 rules, and of more than 64 words of them.
TEST(AttributionProperty, FindsTheFirstOfManyRules) {
  std::mt19937 dice = seeded_dice();
  const std::size_t count = 5000;
  std::string text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n";
  const auto address = [&](std::uint32_t below) {
    const auto value = static_cast<std::uint32_t>(0x0a000000U + dice() % below);
    return std::to_string(value >> 24U) + "." + std::to_string(value >> 16U & 255U) + "." +
           std::to_string(value >> 8U & 255U) + "." + std::to_string(value & 255U);
  };
  for (std::size_t i = 0; i < count; ++i) {
    text += "-A INPUT";
    if (dice() % 8 != 0)
      text += " -s " + address(1U << 14U) + "/" + std::to_string(22 + dice() % 11);
    if (dice() % 4 != 0) text += " -d " + address(1U << 8U) + "/" + std::to_string(26 + dice() % 7);
    text += dice() % 2 == 0 ? " -p tcp -m tcp" : " -p udp -m udp";
    const auto port = static_cast<unsigned>(dice() % 400);
    text += " --dport " + std::to_string(port) + ":" + std::to_string(port + dice() % 9);
    text += dice() % 3 == 0 ? " -j DROP\n" : " -j ACCEPT\n";
  }
  const auto made = read(text + "COMMIT\n", IpVersion::ipv4);
  LocalAddresses locals;
  for (std::uint32_t host = 0; host < 256; ++host) {
    locals.add(IpVersion::ipv4, 0x0a000000U + host, 32);
  }
  Admitter admitter(*made->program, locals);
  std::size_t accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    Packet packet;
    packet.version = IpVersion::ipv4;
    packet.path = Path::in;
    packet.in_interface = "eth0";
    packet[Field::source_address] = 0x0a000000U + 256 + dice() % ((1U << 14U) - 256);
    packet[Field::destination_address] = 0x0a000000U + dice() % 256;
    packet[Field::protocol] = dice() % 2 == 0 ? ip_protocol::tcp : ip_protocol::udp;
    packet[Field::source_port] = 40000;
    packet[Field::destination_port] = dice() % 410;
    make_first(packet);
    const Trace trace = walk(*made->program, packet, {});
    const Admission& told = admitter.admission_of(entry_of(packet));
    ASSERT_TRUE(allows(told, trace, Path::in));
    ASSERT_EQ(told.by.size(), trace.decision == Decision::accept ? 1U : 0U);
    accepted += told.by.size();
  }
  EXPECT_GT(accepted, 500U);
  EXPECT_LT(accepted, 2900U);
}

}  // namespace
}  // namespace untrack
