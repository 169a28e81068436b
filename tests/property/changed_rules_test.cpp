// Rules that matter (rules_that_matter): of two random rulesets that differ in a few rules, the
// programs without all other rules differ in exactly the packets in which the whole ones do, and
// decide these as they do. The slow twin is the whole comparison, in the same diagram. What makes
// it quick has slow twins, too: programs made with a survey are those made without one; rules told
// apart by addresses first are those that boxes alone tell apart; and a packet that is followed
// through the rules whose keys hold it ends as it does rule by rule.
#include "analysis/difference/changed_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "analysis/difference/difference.hpp"
#include "analysis/flows/world.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"
#include "tests/property/surveyed_programs.hpp"

namespace untrack {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool is_of_one_chain(const std::vector<std::string>& lines, std::size_t a, std::size_t b) {
  const auto chain = [](const std::string& line) { return line.substr(0, line.find(' ', 3)); };
  const auto from = lines.begin() + static_cast<std::ptrdiff_t>(std::min(a, b));
  const auto to = lines.begin() + static_cast<std::ptrdiff_t>(std::max(a, b));
  return chain(lines[a]) == chain(lines[b]) && std::find(from, to, "COMMIT") == to;
}

bool replace(std::string& line, const std::string& what, const std::string& with) {
  const std::size_t at = line.find(what);
  if (at == std::string::npos) return false;
  line.replace(at, what.size(), with);
  return true;
}

// One to three rules deleted, copied or moved to another place of their chain, or with another
// verdict; and what changes nothing: a comment, counters, a rule that is written in another place
// of the text. Of nft, elements of a set, too.
std::string changed(std::mt19937& dice, const std::string& text, bool is_nft) {
  std::vector<std::string> lines = lines_of(text);
  const auto is_rule = [&](const std::string& line) {
    if (!is_nft) return line.starts_with("-A ");
    const bool is_chain = line.find("policy") != std::string::npos;
    return !is_chain && (line.ends_with(" accept") || line.ends_with(" drop"));
  };
  const auto changes = 1 + dice() % 3;
  for (std::size_t i = 0; i < changes; ++i) {
    std::vector<std::size_t> rules;
    for (std::size_t k = 0; k < lines.size(); ++k) {
      if (is_rule(lines[k])) rules.push_back(k);
    }
    if (rules.empty()) break;
    const std::size_t at = rules[dice() % rules.size()];
    const auto where = lines.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t other = rules[dice() % rules.size()];
    switch (dice() % 6) {
      case 3:
        if (is_nft || is_of_one_chain(lines, at, other)) std::swap(lines[at], lines[other]);
        break;
      case 4:
        if (is_nft) {
          lines[at] += " comment \"other\"";
        } else {
          (void)replace(lines[at], " -j ", " -m comment --comment other -j ");
        }
        break;
      case 5:
        if (is_nft) {
          for (std::string& line : lines) {
            if (replace(line, "192.0.2.1 }", "192.0.2.2 }")) break;
          }
        } else {
          lines[at] = "[7:8] " + lines[at];
        }
        break;
      case 0:
        lines.erase(where);
        break;
      case 1:
        if (is_nft || is_of_one_chain(lines, at, other)) {
          lines.insert(where, std::string(lines[other]));
        }
        break;
      default:
        (void)(is_nft ? replace(lines[at], " accept", " drop") ||
                            replace(lines[at], " drop", " accept")
                      : replace(lines[at], "-j ACCEPT", "-j RETURN") ||
                            replace(lines[at], "-j DROP", "-j ACCEPT"));
    }
  }
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  return joined;
}

// Rules change places with their neighbours, some of which decide otherwise.
std::string shuffled(std::mt19937& dice, const std::string& text) {
  std::vector<std::string> lines = lines_of(text);
  for (int i = 0; i < 12; ++i) {
    const std::size_t at = dice() % (lines.size() - 1);
    const bool are_rules = lines[at].starts_with("-A ") && lines[at + 1].starts_with("-A ");
    if (are_rules && is_of_one_chain(lines, at, at + 1)) std::swap(lines[at], lines[at + 1]);
  }
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  return joined;
}

// Twins that stand in another order in the new ruleset.
int exchanged(const PairedRules& pairs, const Ruleset& before, const Ruleset& after) {
  std::vector<std::size_t> place(after.rules.size());
  for (const Chain& chain : after.chains) {
    for (std::size_t i = 0; i < chain.rules.size(); ++i) place[chain.rules[i].index()] = i;
  }
  std::vector<RuleId> partner(before.rules.size());
  for (const auto& [left, right] : pairs.twins) partner[left.index()] = right;
  int count = 0;
  for (const Chain& chain : before.chains) {
    std::size_t furthest = 0;
    for (const RuleId rule : chain.rules) {
      if (!partner[rule.index()].names_something()) continue;
      const std::size_t at = place[partner[rule.index()].index()];
      if (at < furthest) ++count;
      furthest = std::max(furthest, at);
    }
  }
  return count;
}

struct Seen {
  int compared = 0;  // pairs in which only rules differ
  int smaller = 0;   // of which some rules do not matter
  int different = 0;
  int told_by_key = 0;  // rules that a packet was not held against
  int exchanged = 0;    // rules that stand in another order and are no change
};

void expect_same_difference(const Program& before, const Program& after, const std::string& texts,
                            bool is_exact, Seen& seen) {
  const auto pairs = pair_rules(before.ruleset(), after.ruleset(), before.version());
  if (!pairs) return;
  expect_same_with_surveys(before, after, *pairs, texts);
  const auto matter = rules_that_matter(before, after, *pairs);
  PairedRules without_keys = *pairs;
  for (RuleSurvey& survey : without_keys.surveys) survey.keys.clear();
  ASSERT_EQ(matter, rules_that_matter(before, after, without_keys)) << texts;
  if (!matter) return;
  const std::array<const Program*, 2> programs{&before, &after};
  const auto world = World::make(programs);
  ASSERT_NE(world, nullptr) << texts;
  Diagram& d = world->diagram();
  SymbolicWalk old_walk(before, world->layout(), d, &(*matter)[0]);
  SymbolicWalk new_walk(after, world->layout(), d, &(*matter)[1]);
  ++seen.compared;
  seen.exchanged += exchanged(*pairs, before.ruleset(), after.ruleset());
  seen.told_by_key += expect_same_walks(*world, *pairs, texts);
  if (std::ranges::find((*matter)[0], false) != (*matter)[0].end()) ++seen.smaller;
  bool differs = false;
  for (const Path path : all_paths) {
    const auto decided = [&](Ref old_decision, Ref new_decision, std::uint32_t a, std::uint32_t b) {
      return d.conj(d.where(old_decision, a), d.where(new_decision, b));
    };
    const auto whole = [&](std::uint32_t a, std::uint32_t b) {
      return decided(world->walk(0).decide(path), world->walk(1).decide(path), a, b);
    };
    const auto less = [&](std::uint32_t a, std::uint32_t b) {
      return decided(old_walk.decide(path), new_walk.decide(path), a, b);
    };
    constexpr auto unknown = static_cast<std::uint32_t>(Decision::unknown);
    for (std::uint32_t a = 0; a <= unknown; ++a) {
      for (std::uint32_t b = 0; b <= unknown; ++b) {
        if (a == b) continue;
        differs = differs || whole(a, b) != Diagram::no;
        if (is_exact) {
          ASSERT_EQ(whole(a, b), less(a, b)) << to_text(path) << " " << a << " " << b << texts;
          continue;
        }
        if (a == unknown || b == unknown) continue;
        // How much of what becomes of a mark is left open depends on how rules are put together:
        // where both say something, it is the same.
        for (std::uint32_t c = 0; c < unknown; ++c) {
          for (std::uint32_t e = 0; e < unknown; ++e) {
            if (c == a && e == b) continue;
            ASSERT_FALSE(d.intersects(whole(a, b), less(c, e))) << texts;
            ASSERT_FALSE(d.intersects(less(a, b), whole(c, e))) << texts;
          }
        }
      }
    }
    if (!before.tracks()) continue;
    const std::array before_it{world->walk(0).untracked(path), world->walk(1).untracked(path)};
    const std::array with_less{old_walk.untracked(path), new_walk.untracked(path)};
    ASSERT_EQ(d.minus(before_it[0], before_it[1]), d.minus(with_less[0], with_less[1])) << texts;
    ASSERT_EQ(d.minus(before_it[1], before_it[0]), d.minus(with_less[1], with_less[0])) << texts;
  }
  if (differs) ++seen.different;
  // And as `diff` asks, with a layout of these rules alone; its witnesses are judged there.
  const auto small = World::of_rules(programs, *matter);
  ASSERT_NE(small, nullptr);
  const bool is_equivalent = difference(*small).is_equivalent;
  if (is_exact) {
    ASSERT_EQ(is_equivalent, difference(*world).is_equivalent) << texts;
  }
}

// Two texts of which it is known that they differ.
void expect_difference(const std::string& text, const std::string& other, std::size_t matter) {
  const auto before = read(text, IpVersion::ipv4, nullptr, AddressWrites::followed);
  const auto after = read(other, IpVersion::ipv4, before->variables, AddressWrites::followed);
  Seen seen;
  expect_same_difference(*before->program, *after->program, "\n" + text + "\nbecame\n" + other,
                         false, seen);
  EXPECT_EQ(seen.different, 1);
  const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
  ASSERT_TRUE(pairs.has_value());
  const auto found = rules_that_matter(*before->program, *after->program, *pairs);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count((*found)[0], true)), matter);
}

template <class Write>
Seen compare(int rulesets, IpVersion version, bool is_nft, bool is_exact, Write&& write,
             bool shuffles = false) {
  std::mt19937 dice = seeded_dice();
  Seen seen;
  for (int i = 0; i < rulesets; ++i) {
    const std::string text = write(dice);
    std::string other = text;
    if (!shuffles || dice() % 2 == 0) other = changed(dice, text, is_nft);
    if (shuffles) other = shuffled(dice, other);
    const auto before = read(text, version, nullptr, AddressWrites::followed);
    const auto after = read(other, version, before->variables, AddressWrites::followed);
    // Tracking stays as it is, as if something else forced it.
    const Program program(after->ruleset, version, before->program->tracks(), *before->variables,
                          NotrackUse::obeyed, AddressWrites::followed);
    expect_same_difference(*before->program, program, "\n" + text + "\nbecame\n" + other, is_exact,
                           seen);
    if (testing::Test::HasFatalFailure()) break;
  }
  return seen;
}

void expect_many(const Seen& seen, int compared, int smaller, int different) {
  EXPECT_GE(seen.compared, compared);
  EXPECT_GE(seen.smaller, smaller);
  EXPECT_GE(seen.different, different);
  EXPECT_GE(seen.told_by_key, 20);
}

// Rules of which only the addresses of the second lie in the changed region are told apart by it;
// what is written of them otherwise, and where, says nothing.
TEST(ChangedRules, AreNotThoseWithAnotherTextAlone) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
:hosts - [0:0]
-A INPUT -i eth0 -j hosts
-A hosts -s 192.0.2.1 -p tcp -m tcp --dport 22 -j ACCEPT
-A hosts -s 192.0.2.1 -p udp -m udp --dport 53 -j ACCEPT
-A hosts -s 198.51.100.0/24 -m limit --limit 3/min -j LOG
-A INPUT -s 192.0.2.0/24 -p tcp -j REJECT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "-A hosts -s 192.0.2.1 -p udp -m udp",
                      "[4:5] -A hosts -s 192.0.2.1/32 -p udp -m comment --comment dns -m udp"));
  const auto before = read(text, IpVersion::ipv4);
  const auto after = read(other, IpVersion::ipv4, before->variables);
  const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::ranges::count(pairs->changed[0], true), 0);
  EXPECT_EQ(std::ranges::count(pairs->changed[1], true), 0);
  ASSERT_TRUE(replace(other, "dport 22", "dport 23"));
  // The jump, the rule itself in each, and the REJECT; of the LOG the addresses are others.
  expect_difference(text, other, 3);
}

// The same rule says another thing where its set holds other elements, and where a condition that
// no packet tells is another one of its kind.
TEST(ChangedRules, AreThoseThatMeanAnotherThing) {
  const std::string text = R"(table ip t {
  set hosts { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
  chain i {
    type filter hook input priority filter; policy drop;
    ip saddr @hosts tcp dport 22 accept
    ip daddr 198.51.100.1 limit rate 3/second accept
    ip daddr 198.51.100.2 limit rate 3/second accept
  }
}
)";
  const auto changed_after = [&](const std::string& what, const std::string& with) {
    std::string other = text;
    EXPECT_TRUE(replace(other, what, with));
    const auto before = read(text, IpVersion::ipv4);
    const auto after = read(other, IpVersion::ipv4, before->variables);
    const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
    const auto changed = changed_rules(*before->program, *after->program, *pairs);
    return changed ? std::ranges::count((*changed)[1], true) : -1;
  };
  EXPECT_EQ(changed_after("192.0.2.2 }", "192.0.2.3 }"), 1);
  EXPECT_EQ(changed_after("tcp dport 22 accept", "tcp dport 22 accept comment \"ssh\""), 0);
  // The second limit is the first one now.
  EXPECT_EQ(changed_after("    ip daddr 198.51.100.1 limit rate 3/second accept\n", ""), 1);
}

// Rules that all accept may stand in any order; not with one that drops, or with a limit, between
// them, nor rules of which a limit is one.
TEST(ChangedRules, AreNotThoseInAnOrderThatMeansTheSame) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22:25 -j ACCEPT
-A INPUT -s 192.0.2.1 -p udp -j ACCEPT
-A INPUT -s 192.0.2.7 -j DROP
-A INPUT -s 192.0.2.8 -j DROP
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -s 192.0.2.9 -j LOG
-A INPUT -p 47 -j REJECT
-A INPUT -p 50 -j REJECT --reject-with icmp-host-unreachable
COMMIT
)";
  const std::vector<std::string> lines = lines_of(text);
  const auto changed_after = [&](std::size_t a, std::size_t b) {
    std::vector<std::string> moved = lines;
    std::swap(moved[a + 1], moved[b + 1]);
    std::string other;
    for (const std::string& line : moved) other += line + "\n";
    const auto before = read(text, IpVersion::ipv4);
    const auto after = read(other, IpVersion::ipv4, before->variables);
    const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
    return std::ranges::count(pairs->changed[1], true);
  };
  EXPECT_EQ(changed_after(1, 2), 0);
  EXPECT_EQ(changed_after(1, 3), 0);
  EXPECT_EQ(changed_after(4, 5), 0);
  EXPECT_EQ(changed_after(3, 4), 1);
  EXPECT_EQ(changed_after(1, 6), 2);
  EXPECT_EQ(changed_after(6, 7), 1);
  // The limit alone: the two are neighbours but for it.
  EXPECT_EQ(changed_after(6, 8), 1);
  EXPECT_EQ(changed_after(8, 9), 1);
  EXPECT_EQ(changed_after(10, 11), 1);
  std::string other = text;
  ASSERT_TRUE(replace(other, "-A INPUT -s 192.0.2.0/24", "-A INPUT -s 192.0.2.0/25"));
  ASSERT_TRUE(replace(other, "-A INPUT -s 192.0.2.7 -j DROP\n-A INPUT -s 192.0.2.8 -j DROP\n",
                      "-A INPUT -s 192.0.2.8 -j DROP\n-A INPUT -s 192.0.2.7 -j DROP\n"));
  const auto before = read(text, IpVersion::ipv4);
  const auto after = read(other, IpVersion::ipv4, before->variables);
  const auto pairs = pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::ranges::count(pairs->changed[0], true), 1);
}

// The rule that translates bears on what the filter behind it sees.
TEST(ChangedRules, BehindTranslation) {
  const std::string text = R"(*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 203.0.113.1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.1
-A PREROUTING -d 203.0.113.2 -p udp -m udp --dport 80 -j DNAT --to-destination 192.0.2.2
COMMIT
*filter
:FORWARD DROP [0:0]
-A FORWARD -d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -d 192.0.2.9 -p udp -m udp --dport 80 -j ACCEPT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "-d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT",
                      "-d 192.0.2.1 -p tcp -m tcp --dport 80 -j REJECT"));
  expect_difference(text, other, 2);
}

// Over loopback, NOTRACK on the way out makes packets untracked on the way in, where they have no
// interface to go out by.
TEST(ChangedRules, OverLoopback) {
  const std::string text = R"(table ip t {
  chain o {
    type filter hook output priority raw; policy accept;
    oifname "lo" tcp dport 80 notrack
    udp dport 53 notrack
  }
  chain i {
    type filter hook input priority filter; policy drop;
    oifname != "lo" ct state untracked accept
  }
}
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "oifname \"lo\" tcp dport 80 notrack", ""));
  expect_difference(text, other, 2);
}

// Of the states that rules behind conntrack see, those of other states do not matter.
TEST(ChangedRules, OfOneState) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
)";
  std::string other = text;
  ASSERT_TRUE(replace(other, "--dport 22", "--dport 2222"));
  expect_difference(text, other, 1);
}

TEST(ChangedRulesProperty, OfPlainFilters) {
  const RandomRulesetOptions options{.tracks = false, .has_effects = false, .most_rules = 9};
  expect_many(compare(300, IpVersion::ipv4, false, true,
                      [&](std::mt19937& dice) { return random_ruleset(dice, options); }),
              150, 100, 20);
}

TEST(ChangedRulesProperty, AmongStatesMarksAndTranslation) {
  const RandomRulesetOptions options{.most_rules = 7};
  expect_many(compare(300, IpVersion::ipv4, false, false,
                      [&](std::mt19937& dice) { return random_ruleset(dice, options); }),
              100, 60, 10);
}

TEST(ChangedRulesProperty, AmongStates) {
  const RandomRulesetOptions options{.has_effects = false, .most_rules = 7};
  expect_many(compare(300, IpVersion::ipv4, false, true,
                      [&](std::mt19937& dice) { return random_ruleset(dice, options); }),
              100, 60, 10);
}

TEST(ChangedRulesProperty, InAnotherOrder) {
  const RandomRulesetOptions options{.tracks = false, .has_effects = false, .most_rules = 9};
  const Seen seen = compare(
      600, IpVersion::ipv4, false, true,
      [&](std::mt19937& dice) { return random_ruleset(dice, options); }, true);
  expect_many(seen, 150, 100, 20);
  EXPECT_GE(seen.exchanged, 40);
}

TEST(ChangedRulesProperty, InAnotherOrderAmongMarksAndTranslation) {
  const RandomRulesetOptions options{.most_rules = 9};
  const Seen seen = compare(
      600, IpVersion::ipv4, false, false,
      [&](std::mt19937& dice) { return random_ruleset(dice, options); }, true);
  expect_many(seen, 100, 60, 10);
  EXPECT_GE(seen.exchanged, 40);
}

TEST(ChangedRulesProperty, OfIpv6) {
  const RandomRulesetOptions options{.is_ipv6 = true, .most_rules = 7};
  expect_many(compare(200, IpVersion::ipv6, false, false,
                      [&](std::mt19937& dice) { return random_ruleset(dice, options); }),
              60, 40, 10);
}

TEST(ChangedRulesProperty, OfNft) {
  expect_many(
      compare(200, IpVersion::ipv4, true, false,
              [&](std::mt19937& dice) { return random_nft_ruleset(dice, true, dice() % 2 == 0); }),
      60, 40, 10);
}

}  // namespace
}  // namespace untrack
