// The obligations against their slow twin: flows followed packet by packet with the concrete walk.
// What a random pair of rulesets breaks for some packet must never be called proven.
#include "analysis/flows/obligations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <sstream>

#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

// The ruleset with a few of its rules gone or changed: a rewrite with faults.
std::string spoiled(std::mt19937& dice, const std::string& text) {
  std::istringstream lines(text);
  std::string spoiled;
  std::string line;
  const auto replace = [&](std::string_view from, std::string_view to) {
    if (const auto at = line.find(from); at != std::string::npos) line.replace(at, from.size(), to);
  };
  while (std::getline(lines, line)) {
    if (line.starts_with("-A ") && dice() % 5 == 0) {
      switch (dice() % 5) {
        case 0:
          continue;
        case 1:
          replace("-j ACCEPT", "-j DROP");
          break;
        case 2:
          replace("-j DROP", "-j ACCEPT");
          break;
        case 3:
          replace("NEW", "NEW,ESTABLISHED");
          break;
        default:
          replace("--dport 22", "--dport 80");
          break;
      }
    }
    spoiled += line + '\n';
  }
  return spoiled;
}

class Flow {
 public:
  Flow(const Program& before, const Program& after) : before_(before), after_(after) {}

  static bool accepts(const Program& program, Packet packet, CtState state,
                      bool* untracked = nullptr) {
    packet.state = state;
    const Trace trace = walk(program, packet, {});
    if (untracked != nullptr) *untracked = trace.is_untracked;
    return trace.decision == Decision::accept;
  }

  static Packet mirror(const Packet& packet) {
    Packet answer = packet;
    answer.path = opposite(packet.path);
    std::swap(answer.in_interface, answer.out_interface);
    std::swap(answer[Field::source_address], answer[Field::destination_address]);
    std::swap(answer[Field::source_port], answer[Field::destination_port]);
    std::swap(answer[Field::source_type], answer[Field::destination_type]);
    // Where an answer goes to is what routing makes of it.
    if (answer.path == Path::in) answer[Field::destination_type] = 2;
    if (answer.path == Path::forward) answer[Field::destination_type] = 1;
    for (const IcmpQuery& query : icmp_queries(packet.version)) {
      if (packet[Field::protocol] == icmp_of(packet.version) &&
          packet[Field::icmp_type_code] / 256 == query.request) {
        answer[Field::icmp_type_code] =
            Number{query.reply} * 256 + packet[Field::icmp_type_code] % 256;
      }
    }
    return answer;
  }

  // Begins a flow as TCP, UDP, an ICMP echo or anything else.
  static bool can_begin(const Packet& packet) {
    if (packet[Field::later_fragment] != 0) return false;
    if (packet[Field::protocol] == ip_protocol::tcp) {
      using namespace tcp_flag;
      return (packet[Field::tcp_flags] & (syn | ack | rst | fin)) == syn;
    }
    if (packet[Field::protocol] == icmp_of(packet.version)) {
      return packet[Field::icmp_type_code] / 256 == icmp_queries(packet.version).front().request;
    }
    return true;
  }

  // O1 as said: a packet that can begin a connection, accepted now, was not.
  bool is_new_initiator(const Packet& packet) const {
    if (!can_begin(packet) || !accepts(after_, packet, CtState::new_) ||
        accepts(before_, packet, CtState::new_)) {
      return false;
    }
    const Number protocol = packet[Field::protocol];
    const bool tells = protocol == ip_protocol::tcp || protocol == ip_protocol::sctp ||
                       protocol == ip_protocol::dccp;
    return tells || !may_answer(packet);
  }

  // Some packet that this one answers was accepted, whatever the wire made of it.
  bool may_answer(const Packet& packet) const {
    Packet asking = mirror(packet);
    for (unsigned type = 0; type < 3; ++type) {  // to a host, broadcast, multicast
      asking[Field::packet_type] = type;
      if (accepts(before_, asking, CtState::new_)) return true;
    }
    return false;
  }

  // O2 as said, for one flow: its first packet, one of its later ones, an answer.
  bool is_broken(const Packet& first) const {
    if (!can_begin(first) || !accepts(before_, first, CtState::new_)) return false;
    bool first_untracked = false;
    bool answer_untracked = false;
    if (!accepts(after_, first, CtState::new_, &first_untracked)) return true;
    Packet later = first;
    Packet answer = mirror(first);
    if (first[Field::protocol] == ip_protocol::tcp) {
      later[Field::tcp_flags] = tcp_flag::ack;
      answer[Field::tcp_flags] = tcp_flag::syn | tcp_flag::ack;
    }
    (void)accepts(after_, answer, CtState::established, &answer_untracked);
    const bool is_whole = first_untracked == answer_untracked;
    for (const Packet& packet : {later, answer}) {
      if (!accepts(before_, packet, CtState::established)) continue;
      if (is_whole && !accepts(after_, packet, CtState::established)) return true;
    }
    return false;
  }

 private:
  const Program& before_;
  const Program& after_;
};

TEST(ObligationsProperty, NeverCallProvenWhatBreaks) {
  std::mt19937 dice = seeded_dice();
  std::array<std::size_t, 2> broken{};
  std::array<std::size_t, 2> proven{};
  for (int i = 0; i < 150; ++i) {
    const bool is_ipv6 = dice() % 4 == 0;
    const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    const RandomRulesetOptions options{
        .is_ipv6 = is_ipv6, .has_effects = false, .has_free = false, .most_rules = 4};
    const std::string text = random_ruleset(dice, options);
    const std::string rewritten = dice() % 6 == 0 ? text : spoiled(dice, text);
    const auto variables = std::make_shared<FreeVariables>();
    const auto before = read(text, version, variables);
    const auto after = read(rewritten, version, variables);
    const std::array<const Program*, 2> programs{before->program.get(), after->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr);
    const Certificate certificate =
        check_obligations(*world, RewriteMode::notrack, Assumptions::none());
    const Flow flow(*before->program, *after->program);
    for (std::size_t which = 0; which < 2; ++which) {
      const Obligation& obligation = certificate.obligations[which];
      // Of some it is not known, zones among them; the limits are far.
      ASSERT_EQ(obligation.explanation.find("limit of the analysis"), std::string::npos)
          << obligation.id << ": " << obligation.explanation << '\n'
          << text << "--- becomes\n"
          << rewritten;
      if (obligation.proof != Proof::proven) continue;
      ++proven[which];
      for (int k = 0; k < 600; ++k) {
        std::vector<bool> free;
        Packet packet = random_packet(dice, world->layout(), all_paths[dice() % 3], free);
        if (dice() % 2 == 0) packet[Field::protocol] = ip_protocol::tcp;
        if (packet[Field::protocol] == ip_protocol::tcp) {
          packet[Field::tcp_flags] = tcp_flag::syn;
        }
        if (packet[Field::later_fragment] != 0) continue;
        // Nothing is forwarded over loopback.
        if (packet.path == Path::forward &&
            (packet.in_interface == "lo" || packet.out_interface == "lo")) {
          continue;
        }
        const bool breaks = which == 0 ? flow.is_new_initiator(packet) : flow.is_broken(packet);
        ASSERT_FALSE(breaks) << obligation.id << " is called proven\n"
                             << text << "--- becomes\n"
                             << rewritten << "path " << to_text(packet.path) << " protocol "
                             << static_cast<int>(packet[Field::protocol]) << " ports "
                             << static_cast<int>(packet[Field::source_port]) << " > "
                             << static_cast<int>(packet[Field::destination_port]) << " iif "
                             << packet.in_interface << " oif " << packet.out_interface;
      }
    }
    for (std::size_t which = 0; which < 2; ++which) {
      if (certificate.obligations[which].proof == Proof::failed) ++broken[which];
    }
  }
  for (std::size_t which = 0; which < 2; ++which) {
    EXPECT_GT(broken[which], 0U);
    EXPECT_GT(proven[which], 5U);
  }
}

}  // namespace
}  // namespace untrack
