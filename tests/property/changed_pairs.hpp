// Pairs of rulesets that differ in a few rules, and what holds of those that matter: for the tests
// of changed_rules.hpp.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/difference/difference.hpp"
#include "analysis/flows/world.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"
#include "tests/property/surveyed_programs.hpp"

namespace untrack {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Both as they are read, and their rules paired.
struct PairOfTexts {
  PairOfTexts(const std::string& text, const std::string& other)
      : before(read(text, IpVersion::ipv4)),
        after(read(other, IpVersion::ipv4, before->variables)),
        pairs(pair_rules(before->ruleset, after->ruleset, IpVersion::ipv4)) {}

  decltype(read(std::string(), IpVersion::ipv4)) before;
  decltype(before) after;
  decltype(pair_rules(before->ruleset, before->ruleset, IpVersion::ipv4)) pairs;
};

inline bool is_of_one_chain(const std::vector<std::string>& lines, std::size_t a, std::size_t b) {
  const auto chain = [](const std::string& line) { return line.substr(0, line.find(' ', 3)); };
  const auto from = lines.begin() + static_cast<std::ptrdiff_t>(std::min(a, b));
  const auto to = lines.begin() + static_cast<std::ptrdiff_t>(std::max(a, b));
  return chain(lines[a]) == chain(lines[b]) && std::find(from, to, "COMMIT") == to;
}

inline bool replace(std::string& line, const std::string& what, const std::string& with) {
  const std::size_t at = line.find(what);
  if (at == std::string::npos) return false;
  line.replace(at, what.size(), with);
  return true;
}

// One to three rules deleted, copied or moved to another place of their chain, or with another
// verdict; and what changes nothing: a comment, counters, a rule that is written in another place
// of the text. Of nft, elements of a set, too.
inline std::string changed(std::mt19937& dice, const std::string& text, bool is_nft) {
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

// Twins that stand in another order in the new ruleset.
inline int exchanged(const PairedRules& pairs, const Ruleset& before, const Ruleset& after) {
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

inline void expect_same_difference(const Program& before, const Program& after,
                                   const std::string& texts, bool is_exact, Seen& seen) {
  // What a test says when it is asked again is left open, by more or less as with marks.
  is_exact = is_exact && before.keeps_outcomes() && after.keeps_outcomes();
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
inline void expect_difference(const std::string& text, const std::string& other,
                              std::size_t matter) {
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

// What has to be seen before a test shows anything.
struct Wanted {
  int compared = 0;
  int smaller = 0;
  int different = 0;
  int exchanged = 0;

  [[nodiscard]] bool are_seen(const Seen& seen) const {
    return seen.compared >= compared && seen.smaller >= smaller && seen.different >= different &&
           seen.told_by_key >= 20 && seen.exchanged >= exchanged;
  }
};

// `write` makes a ruleset, `change` another of it. Some dice show less than others: then more
// rulesets are asked, up to four times as many.
template <class Write, class Change>
Seen compare(int rulesets, const Wanted& wanted, IpVersion version, bool is_exact, Write&& write,
             Change&& change) {
  std::mt19937 dice = seeded_dice();
  Seen seen;
  for (int i = 0; i < rulesets || (i < 4 * rulesets && !wanted.are_seen(seen)); ++i) {
    const std::string text = write(dice);
    const std::string other = change(dice, text);
    const auto before = read(text, version, nullptr, AddressWrites::followed);
    const auto after = read(other, version, before->variables, AddressWrites::followed);
    // Tracking stays as it is, as if something else forced it.
    const Program program(after->ruleset, version, before->program->tracks(), *before->variables,
                          NotrackUse::obeyed, AddressWrites::followed);
    expect_same_difference(*before->program, program, "\n" + text + "\nbecame\n" + other, is_exact,
                           seen);
    if (testing::Test::HasFatalFailure()) return seen;
  }
  EXPECT_GE(seen.compared, wanted.compared);
  EXPECT_GE(seen.smaller, wanted.smaller);
  EXPECT_GE(seen.different, wanted.different);
  EXPECT_GE(seen.told_by_key, 20);
  EXPECT_GE(seen.exchanged, wanted.exchanged);
  return seen;
}

}  // namespace untrack
