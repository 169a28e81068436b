// The engine against the recheck, which shares nothing with it but what a part of a rule is: of
// random pairs of rulesets, what the one calls proven the other must not refute, and what the one
// finds broken the other must find.
#include "analysis/recheck/recheck.hpp"

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
#include "tests/property/random_pair.hpp"
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
    // So it does of marks that an entry gives back, and may call in need of assumptions what the
    // recheck, which follows each mark, proves without any.
    const bool has_open_marks = text.find("restore-mark") != std::string::npos;
    const bool is_closer = said == Proof::proven_under_assumptions && has_open_marks &&
                           other.claims[i].result == RecheckResult::rechecked;
    if (is_closer) ++counted.why["proven by the recheck alone, of marks that are not known"];
    if (is_closer) continue;
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

void compare(std::size_t rounds, const Least& least,
             const std::function<Pair(std::mt19937& dice)>& make) {
  if (const char* factor = std::getenv("UNTRACK_ROUNDS")) {
    rounds *= std::strtoul(factor, nullptr, 10);
  }
  Least wanted = least;
#ifdef UNTRACK_SANITIZED
  // What is right is asked by the ordinary build, of more pairs; the sanitizers look at the same
  // code.
  rounds /= 3;
  wanted = {least.proofs / 3, least.failures / 3};
#endif
  std::mt19937 dice = seeded_dice();
  Counted counted;
  const auto are_enough = [&] {
    for (const std::string id : {"O1", "O2", "O3"}) {
      if (counted.of_proofs[{id, RecheckResult::rechecked}] <= wanted.proofs) return false;
      if (wanted.failures == 0) continue;
      if (counted.of_failures[{id, RecheckResult::rechecked}] <= wanted.failures) return false;
      if (counted.more[{id, RecheckResult::refused}] <= wanted.failures) return false;
    }
    return true;
  };
  // Some dice show less than others: then more pairs are asked, up to four times as many.
  for (std::size_t i = 0; i < rounds || (i < 4 * rounds && !are_enough()); ++i) {
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
    EXPECT_GT((counted.of_proofs[{id, RecheckResult::rechecked}]), wanted.proofs) << id;
    if (wanted.failures == 0) continue;
    EXPECT_GT((counted.of_failures[{id, RecheckResult::rechecked}]), wanted.failures) << id;
    EXPECT_GT((counted.more[{id, RecheckResult::refused}]), wanted.failures) << id;
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
