// The engine against the recheck, which shares nothing with it but what a part of a rule is: of
// random pairs of rulesets, what the one calls proven the other must not refute, and what the one
// finds broken the other must find.
#include "analysis/certificate/recheck.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <sstream>

#include "analysis/certificate/claims_of.hpp"
#include "analysis/flows/obligations.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

// A rewrite with or without faults: some rules gone, changed, asked in another state.
std::string rewritten_at_random(std::mt19937& dice, const std::string& text) {
  std::istringstream lines(text);
  std::string spoiled;
  std::string line;
  const auto replace = [&](std::string_view from, std::string_view to) {
    if (const auto at = line.find(from); at != std::string::npos) line.replace(at, from.size(), to);
  };
  bool is_nat = false;  // whose chains may not drop
  while (std::getline(lines, line)) {
    if (line.starts_with('*')) is_nat = line == "*nat";
    if (is_nat) {
      spoiled += line + '\n';
      continue;
    }
    if (line.starts_with("-A ") && dice() % 4 == 0) {
      switch (dice() % 6) {
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
        case 4:
          if (line.find(" -p ") == std::string::npos)
            replace(" -m conntrack", " -p tcp -m conntrack");
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

Assumptions assumed_at_random(std::mt19937& dice) {
  Assumptions assumptions;
  switch (dice() % 3) {
    case 0:
      return Assumptions::none();
    case 1:
      return assumptions;
    default:
      for (const Assumption id :
           {Assumption::helpers_unused, Assumption::client_ports, Assumption::no_midstream,
            Assumption::loopback_open, Assumption::tcp_udp_icmp_only, Assumption::echo_only,
            Assumption::symmetric_paths, Assumption::no_fragments, Assumption::rate_per_packet}) {
        assumptions.set(id, dice() % 2 == 0);
      }
      return assumptions;
  }
}

struct Counted {
  std::map<std::pair<std::string, RecheckResult>, std::size_t> of_proofs;
  std::map<std::pair<std::string, RecheckResult>, std::size_t> of_failures;
  // Where more was claimed than the engine found.
  std::map<std::pair<std::string, RecheckResult>, std::size_t> more;
  std::map<std::string, std::size_t> why;
};

// Tells every disagreement; each is a fault of one of the two.
void agree(const std::string& text, const std::string& rewritten, IpVersion version,
           RewriteMode mode, const Assumptions& assumptions, Counted& counted) {
  const auto variables = std::make_shared<FreeVariables>();
  const auto before = read(text, version, variables);
  const auto after = read(rewritten, version, variables);
  const std::array<const Program*, 2> programs{before->program.get(), after->program.get()};
  const auto world = World::make(programs, assumptions);
  ASSERT_NE(world, nullptr);
  const Certificate certificate =
      check_obligations(*world, mode, assumptions, {}, Causes::left_out);
  const FamilyClaims claims = claims_of(certificate, *variables);
  const auto told = [&](std::string_view what) {
    std::ostringstream all;
    all << what << "\n" << text << "--- becomes\n" << rewritten << "--- under";
    for (const Assumption id : assumptions.list()) all << ' ' << row_of(id).name;
    return all.str();
  };
  const RecheckedFamily family =
      recheck(*before->program, *after->program, mode, assumptions, claims);
  for (const RecheckedClaim& row : family.claims) {
    auto& counts = row.claimed == Proof::failed ? counted.of_failures : counted.of_proofs;
    ++counts[{row.id, row.result}];
    if (row.result == RecheckResult::not_rechecked) ++counted.why[row.why];
    // The engine follows later packets with the addresses that they carry (docs/limits.md), and the
    // recheck with those that their flow was led to as well.
    const bool is_known_limit = row.result == RecheckResult::refused && row.id == "O2" &&
                                row.why.find("destination") != std::string::npos;
    if (is_known_limit) ++counted.why["of translated flows: " + row.why];
    if (is_known_limit) continue;
    ASSERT_NE(row.result, RecheckResult::refused)
        << told(row.id + " is " + std::string(to_text(row.claimed)) + ": " + row.why) << "\n"
        << (row.packet ? to_text(row.packet->path) : "");
  }
  // And the other way: what failed, called proven.
  FamilyClaims turned = claims;
  for (ClaimedObligation& row : turned.obligations) {
    // Failed, or found to hold under the assumptions alone.
    if (row.proof == Proof::proven_under_assumptions) row.proof = Proof::proven;
    if (row.proof == Proof::failed) row.proof = Proof::proven_under_assumptions;
  }
  const RecheckedFamily other =
      recheck(*before->program, *after->program, mode, assumptions, turned);
  for (std::size_t i = 0; i < claims.obligations.size(); ++i) {
    const Proof said = claims.obligations[i].proof;
    if (said != Proof::failed && said != Proof::proven_under_assumptions) continue;
    // Of packets whose way the engine does not know it says failed, to be safe.
    const auto& witness = claims.obligations[i].witness;
    const bool is_open =
        witness && (witness->before == Decision::unknown || witness->after == Decision::unknown);
    if (said == Proof::failed && is_open) continue;
    ASSERT_NE(other.claims[i].result, RecheckResult::rechecked)
        << told(other.claims[i].id + " is " + std::string(to_text(said)) +
                ", and more than that is rechecked");
    ++counted.more[{other.claims[i].id, other.claims[i].result}];
  }
}

struct Least {
  std::size_t proofs = 0;
  std::size_t failures = 0;
};

struct Pair {
  IpVersion version{};
  std::string original;
  std::string rewritten;
};

void compare(std::size_t rounds, const Least& least,
             const std::function<Pair(std::mt19937& dice)>& make) {
  if (const char* factor = std::getenv("UNTRACK_ROUNDS")) {
    rounds *= std::strtoul(factor, nullptr, 10);
  }
  std::mt19937 dice = seeded_dice();
  Counted counted;
  for (std::size_t i = 0; i < rounds; ++i) {
    const Pair pair = make(dice);
    const RewriteMode mode = dice() % 2 == 0 ? RewriteMode::notrack : RewriteMode::stateless;
    agree(pair.original, pair.rewritten, pair.version, mode, assumed_at_random(dice), counted);
    if (testing::Test::HasFatalFailure()) return;
  }
  if (std::getenv("UNTRACK_VERBOSE") != nullptr) {
    for (const auto* counts : {&counted.of_proofs, &counted.of_failures, &counted.more}) {
      for (const auto& [key, count] : *counts) {
        std::printf("%5zu %s %s\n", count, key.first.c_str(), to_text(key.second).data());
      }
    }
    for (const auto& [why, count] : counted.why) std::printf("%5zu %s\n", count, why.c_str());
  }
  for (const std::string id : {"O1", "O2", "O3"}) {
    EXPECT_GT((counted.of_proofs[{id, RecheckResult::rechecked}]), least.proofs) << id;
    if (least.failures == 0) continue;
    EXPECT_GT((counted.of_failures[{id, RecheckResult::rechecked}]), least.failures) << id;
    EXPECT_GT((counted.more[{id, RecheckResult::refused}]), least.failures) << id;
  }
}

Pair of_iptables(std::mt19937& dice, RandomRulesetOptions options) {
  options.is_ipv6 = dice() % 4 == 0;
  Pair pair;
  pair.version = options.is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  pair.original = random_ruleset(dice, options);
  pair.rewritten = dice() % 8 == 0 ? pair.original : rewritten_at_random(dice, pair.original);
  return pair;
}

// Rules gone, or with the other verdict.
Pair of_nft(std::mt19937& dice, bool has_effects) {
  Pair pair;
  pair.version = dice() % 3 == 0 ? IpVersion::ipv6 : IpVersion::ipv4;
  pair.original = random_nft_ruleset(dice, has_effects);
  std::istringstream lines(pair.original);
  std::string line;
  while (std::getline(lines, line)) {
    const bool is_rule = line.find(" policy ") == std::string::npos &&
                         line.find("elements") == std::string::npos &&
                         line.find(" : ") == std::string::npos;
    const auto end = line.find_last_not_of(" \t");
    const auto is_verdict = [&](std::string_view verdict) {
      return is_rule && end != std::string::npos && line.ends_with(verdict);
    };
    for (const auto& [from, to] :
         {std::pair(std::string_view(" accept"), std::string_view(" drop")),
          std::pair(std::string_view(" drop"), std::string_view(" accept"))}) {
      if (!is_verdict(from) || dice() % 4 != 0) continue;
      line.replace(line.size() - from.size(), from.size(), to);
      break;
    }
    if (is_verdict(" accept") && dice() % 10 == 0) continue;
    pair.rewritten += line + '\n';
  }
  return pair;
}

// Servers and routers as people write them, and rewrites that nearly keep what they do: each line
// stays, goes, or becomes what a stateless ruleset, or one with NOTRACK, has in its place.
class Plausible {
 public:
  explicit Plausible(std::mt19937& dice) : dice_(dice) {}

  Pair make() {
    const bool is_forwarding = chance(3);
    const std::string chain = is_forwarding ? "FORWARD" : "INPUT";
    const std::string policies = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT " +
                                 std::string(chance(3) ? "DROP" : "ACCEPT") + " [0:0]\n";
    std::string raw;
    for (const char* hook : {"INPUT", "OUTPUT"}) {
      if (hook == std::string("INPUT") || policies.find("OUTPUT DROP") != std::string::npos) {
        of_chain(hook == std::string("INPUT") ? chain : hook, raw);
      }
    }
    Pair pair;
    pair.version = IpVersion::ipv4;
    pair.original = "*filter\n" + policies + before_ + "COMMIT\n";
    if (!raw.empty()) {
      pair.rewritten = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + raw + "COMMIT\n";
    }
    pair.rewritten += "*filter\n" + policies + after_ + "COMMIT\n";
    return pair;
  }

 private:
  bool chance(unsigned one_of) { return dice_() % one_of == 0; }

  void both(const std::string& line) {
    before_ += line;
    if (!chance(12)) after_ += line;
  }

  void of_chain(const std::string& chain, std::string& raw) {
    const std::string add = "-A " + chain + " ";
    if (chain == "INPUT" && chance(2)) both(add + "-i lo -j ACCEPT\n");
    const char* states[] = {"ESTABLISHED", "RELATED", "RELATED,ESTABLISHED"};
    before_ +=
        add + "-m conntrack --ctstate " + states[chance(3) ? dice_() % 3 : 2] + " -j ACCEPT\n";
    for (const char* line : {"-p tcp -m tcp ! --tcp-flags ACK,RST NONE", "-p udp -m udp",
                             "-p icmp -m icmp --icmp-type 0", "-p icmp -m icmp --icmp-type 3",
                             "-p icmp -m icmp --icmp-type 11", "-p icmp -m icmp --icmp-type 12"}) {
      if (chance(9)) continue;
      std::string what = line;
      if (what.ends_with("udp") || (what.find("tcp") != std::string::npos && chance(2))) {
        what += chance(8) ? " --dport 1024:65535" : " --dport 32768:60999";
      }
      after_ += add + what + " -j ACCEPT\n";
    }
    if (chance(5)) after_ += add + "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
    for (const char* service :
         {"-p tcp -m tcp --dport 22", "-p tcp -m tcp --dport 443", "-p udp -m udp --dport 53",
          "-p icmp -m icmp --icmp-type 8", "-p udp -m udp --sport 123 --dport 123", "-p 47",
          "-p tcp -m tcp --dport 25 -m limit --limit 5/min"}) {
      if (!chance(3)) continue;
      const std::string asks_state = chance(2) ? " -m conntrack --ctstate NEW" : "";
      before_ += add + service + asks_state + " -j ACCEPT\n";
      if (!chance(12)) {
        after_ += add + service + (chance(3) ? asks_state : std::string()) + " -j ACCEPT\n";
      }
      if (chance(5) && std::string(service).find(" --dport") != std::string::npos &&
          std::string(service).find("--sport") == std::string::npos) {
        const std::string own = service;
        std::string back = own;
        back.replace(back.find("--dport"), 7, "--sport");
        raw += "-A PREROUTING " + own + " -j CT --notrack\n";
        if (!chance(5)) {
          raw +=
              (chain == "FORWARD" ? "-A PREROUTING " : "-A OUTPUT ") + back + " -j CT --notrack\n";
        }
      }
    }
    if (chance(3)) both(add + "-j REJECT\n");
  }

  std::mt19937& dice_;
  std::string before_;
  std::string after_;
};

// Routers with NOTRACK beside what works on entries: translation of either address, helpers, marks
// of connections; some of it gone, changed or untracked in the rewrite.
class Router {
 public:
  explicit Router(std::mt19937& dice) : dice_(dice) {}

  Pair make() {
    Pair pair;
    pair.version = IpVersion::ipv4;
    both("*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    if (chance(3)) changeable("-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp\n");
    untrack("tcp -m tcp", "80");
    untrack("udp -m udp", "53");
    untrack("udp -m udp", "123");
    if (chance(4)) changeable("-A OUTPUT -o eth0 -j CT --zone 1\n");
    both("COMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n");
    if (chance(4)) changeable("-A PREROUTING -i eth1 -j CONNMARK --restore-mark\n");
    if (chance(3)) changeable("-A FORWARD -p tcp -j MARK --set-xmark 0x1/0x3\n");
    if (chance(6)) changeable("-A FORWARD -p udp -j MARK --set-xmark 0x2/0x0\n");
    both(
        "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT "
        "[0:0]\n");
    if (chance(2)) {
      changeable("-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination " +
                 std::string(chance(3) ? "10.0.0.5-10.0.0.8" : "10.0.0.5") +
                 (chance(2) ? ":8080" : "") + "\n");
    }
    if (chance(4)) changeable("-A PREROUTING -i eth1 -p udp -m udp --dport 53 -j REDIRECT\n");
    if (chance(4)) changeable("-A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n");
    if (chance(2)) changeable("-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE\n");
    if (chance(4)) {
      changeable("-A POSTROUTING -o eth1 -p tcp -j SNAT --to-source 192.0.2.1\n");
    }
    both("COMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    both("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
    both("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
    if (chance(4)) changeable("-A FORWARD -m helper --helper ftp -j ACCEPT\n");
    for (const char* service :
         {"INPUT -p tcp -m tcp --dport 80", "INPUT -p tcp -m tcp --dport 8080",
          "INPUT -p udp -m udp --dport 53", "INPUT -p tcp -m tcp --dport 21",
          "FORWARD -i eth1 -o eth0", "FORWARD -d 10.0.0.5 -p tcp -m tcp --dport 8080",
          "FORWARD -i eth0 -d 10.0.0.0/8 -m conntrack --ctstate DNAT",
          "FORWARD -m mark --mark 0x1/0x1", "FORWARD -m mark --mark 0x2/0x3",
          "FORWARD -p udp -m udp --sport 123 --dport 123", "FORWARD -p tcp -m tcp --dport 21"}) {
      if (chance(3)) changeable("-A " + std::string(service) + " -j ACCEPT\n");
    }
    for (const char* answers :
         {"INPUT -p udp -m udp --sport 53", "FORWARD -p udp -m udp --sport 53",
          "FORWARD -p tcp -m tcp --sport 80 ! --syn"}) {
      if (chance(3)) after_ += "-A " + std::string(answers) + " -j ACCEPT\n";
    }
    both("COMMIT\n");
    pair.original = before_;
    pair.rewritten = after_;
    return pair;
  }

 private:
  bool chance(unsigned one_of) { return dice_() % one_of == 0; }

  void both(const std::string& text) {
    before_ += text;
    after_ += text;
  }

  void changeable(const std::string& line) {
    before_ += line;
    if (chance(40)) return;
    std::string now = line;
    const auto replace = [&](std::string_view from, std::string_view to) {
      if (const auto at = now.find(from); at != std::string::npos) now.replace(at, from.size(), to);
    };
    if (chance(40)) replace("eth0", "eth1");
    if (chance(40)) replace("10.0.0.5", "10.0.0.6");
    after_ += now;
  }

  void untrack(const std::string& protocol, const std::string& port) {
    if (!chance(4)) return;
    const std::string chain = chance(2) ? "OUTPUT" : "PREROUTING";
    const std::string interface = chance(3) && chain != "OUTPUT" ? "-i eth1 " : "";
    const std::string rest = " -j CT --notrack\n";
    after_ += "-A PREROUTING " + interface + "-p " + protocol + " --dport " + port + rest;
    if (!chance(5)) after_ += "-A " + chain + " -p " + protocol + " --sport " + port + rest;
  }

  std::mt19937& dice_;
  std::string before_;
  std::string after_;
};

TEST(RecheckProperty, AgreesWithTheEngineOnRouters) {
  compare(120, {12, 3}, [](std::mt19937& dice) { return Router(dice).make(); });
}

TEST(RecheckProperty, AgreesWithTheEngine) {
  compare(150, {50, 3}, [](std::mt19937& dice) {
    return of_iptables(dice, {.has_effects = false, .has_free = true, .most_rules = 4});
  });
}

TEST(RecheckProperty, AgreesWithTheEngineOnPlausibleRewrites) {
  compare(150, {20, 5}, [](std::mt19937& dice) { return Plausible(dice).make(); });
}

TEST(RecheckProperty, AgreesWithTheEngineOnEffects) {
  compare(80, {5, 0}, [](std::mt19937& dice) {
    return of_iptables(dice, {.has_effects = true, .has_free = true, .most_rules = 4});
  });
}

TEST(RecheckProperty, AgreesWithTheEngineOnNft) {
  compare(100, {20, 2}, [](std::mt19937& dice) { return of_nft(dice, dice() % 2 == 0); });
}

}  // namespace
}  // namespace untrack
