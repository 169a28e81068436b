// What is said of each rule without the sets of all packets is what these show, too: a dead rule is
// matched by no packet of them, and every witness of a live one is followed to its rule by the
// whole concrete walk, rule by rule. What boxes leave of each other is what counting the packets of
// a small world leaves; and the indexes find what a look at each rule finds.
#include "analysis/local/rule_lives.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "analysis/flows/family_world.hpp"
#include "analysis/local/box.hpp"
#include "analysis/local/grid_index.hpp"
#include "analysis/local/rules_by_packet.hpp"
#include "analysis/packet/packet_text.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

struct Tally {
  std::size_t live = 0;
  std::size_t never = 0;
  std::size_t hidden = 0;   // by rules of their chain
  std::size_t by_many = 0;  // by several of them together
  std::size_t not_known = 0;
  std::size_t left_open = 0;  // by the sets of all packets, too
};

bool is_matched(const Trace& trace, RuleId rule) {
  return trace.decision != Decision::elsewhere &&
         std::ranges::any_of(
             trace.steps, [&](const TraceStep& step) { return step.rule == rule && step.matched; });
}

void compare(const std::string& text, IpVersion version, Tally& tally,
             const RuleLivesLimits& limits = {}) {
  const auto given = read(text, version);
  FamilyWorld family(given->ruleset, version, given->program->tracks());
  const Program& program = family.program();
  std::vector<bool> is_shown(given->ruleset.rules.size());
  const SeeWitness see = [&](RuleId rule, const Packet& packet, const Choices& choices) {
    ASSERT_FALSE(is_shown[rule.index()]) << "twice";
    is_shown[rule.index()] = true;
    ASSERT_TRUE(is_matched(walk(program, packet, choices), rule)) << text;
  };
  RuleLives lives = find_rule_lives(program, limits, see);
  std::vector<bool> is_possible(is_shown.size());
  for (const Path path : all_paths) {
    for (const RuleReach& row : family.reached(path).rules) {
      if (row.matches != Diagram::no) is_possible[row.rule.index()] = true;
    }
  }
  const auto check = [&] {
    for (std::size_t i = 0; i < lives.of_rule.size(); ++i) {
      ASSERT_EQ(lives.of_rule[i] == RuleLife::live, is_shown[i]) << text;
      if (lives.of_rule[i] == RuleLife::not_known) continue;
      // What a test says when it is asked again, and a mark that is given back, may seem to lead
      // farther than packets come.
      const bool is_exact =
          program.keeps_outcomes() && text.find("restore-mark") == std::string::npos;
      const bool is_live = lives.of_rule[i] == RuleLife::live;
      ASSERT_TRUE(is_possible[i] || !is_live) << i << "\n" << text;
      if (is_exact) {
        ASSERT_EQ(is_live, is_possible[i]) << i << "\n" << text;
      }
    }
  };
  check();
  for (std::size_t i = 0; i < lives.of_rule.size(); ++i) {
    tally.live += lives.of_rule[i] == RuleLife::live ? 1U : 0U;
    tally.never += lives.of_rule[i] == RuleLife::never ? 1U : 0U;
    tally.not_known += lives.of_rule[i] == RuleLife::not_known ? 1U : 0U;
    const auto& shadow = lives.shadows.of_rule[i];
    if (!shadow) continue;
    ASSERT_EQ(lives.of_rule[i], RuleLife::never);
    ++tally.hidden;
    if (shadow->takers.size() > 1) ++tally.by_many;
  }
  complete(lives, family, see);
  check();
  tally.left_open +=
      static_cast<std::size_t>(std::ranges::count(lives.of_rule, RuleLife::not_known));
}

void expect_agreement(bool is_ipv6) {
  std::mt19937 dice = seeded_dice();
  const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  Tally tally;
  for (int i = 0; i < 400; ++i) {
    const bool is_plain = i % 3 == 0;
    compare(random_ruleset(dice, {.is_ipv6 = is_ipv6,
                                  .tracks = !is_plain,
                                  .has_effects = !is_plain,
                                  .has_free = i % 2 == 0,
                                  .most_rules = 9}),
            version, tally);
    if (testing::Test::HasFatalFailure()) return;
  }
  // A test that never met one shows nothing.
  EXPECT_GE(tally.live, 2'000U);
  EXPECT_GE(tally.never, 300U);
  EXPECT_GE(tally.hidden, 100U);
  EXPECT_LE(tally.not_known, tally.live / 3 * 2);  // a half, give or take what the dice do
  EXPECT_LE(tally.left_open, tally.live / 10);
}

TEST(RuleLives, AreThoseOfAllPackets) { expect_agreement(false); }
TEST(RuleLives, AreThoseOfAllPacketsInIpv6) { expect_agreement(true); }

// One long chain of boxes in a world of a few addresses and ports, so that many are covered by
// many.
std::string random_boxes(std::mt19937& dice, bool is_ipv6, std::size_t count) {
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  const auto net = [&] {
    const unsigned bits = 1U + static_cast<unsigned>(dice() % 3);
    const unsigned host = static_cast<unsigned>(dice() % 8) >> (3 - bits) << (3 - bits);
    return is_ipv6 ? fmt::format("2001:db8::{:x}/{}", host, 125 + bits)
                   : fmt::format("192.0.2.{}/{}", host, 29 + bits);
  };
  for (std::size_t i = 0; i < count; ++i) {
    text += "-A FORWARD";
    if (dice() % 4 != 0) text += " -s " + net();
    if (dice() % 4 != 0) text += " -d " + net();
    if (dice() % 4 != 0) {
      const unsigned first = static_cast<unsigned>(dice() % 6);
      const unsigned last = first + static_cast<unsigned>(dice() % 3);
      text += fmt::format(" -p tcp -m tcp --dport {}:{}", first, last);
    }
    text += dice() % 2 == 0 ? " -j ACCEPT\n" : " -j DROP\n";
  }
  return text + "COMMIT\n";
}

void expect_all_known(bool is_ipv6) {
  std::mt19937 dice = seeded_dice();
  Tally tally;
  for (int i = 0; i < 60; ++i) {
    compare(random_boxes(dice, is_ipv6, 60), is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4, tally);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_EQ(tally.not_known, 0U);
  EXPECT_EQ(tally.hidden, tally.never);
  EXPECT_GE(tally.live, 600U);
  EXPECT_GE(tally.by_many, 40U);
}

TEST(RuleLives, OfPlainListsAreAllKnown) { expect_all_known(false); }
TEST(RuleLives, OfPlainListsAreAllKnownInIpv6) { expect_all_known(true); }

// What is found does not depend on how many threads look for it, whatever the limits: dealt out in
// tiny shares, of every kind of ruleset.
void expect_same_of_threads(const std::string& text, IpVersion version,
                            const RuleLivesLimits& limits) {
  const auto given = read(text, version);
  const auto found = [&](std::size_t threads, std::vector<std::string>& seen) {
    RuleLivesLimits own = limits;
    own.threads = threads;
    const SeeWitness see = [&](RuleId rule, const Packet& packet, const Choices& choices) {
      seen.push_back(
          fmt::format("{} {} {}", rule.index(), to_text(packet), fmt::join(choices.free, "")));
    };
    return find_rule_lives(*given->program, own, see);
  };
  std::vector<std::string> seen_by_one;
  const RuleLives one = found(1, seen_by_one);
  for (const std::size_t threads : {std::size_t{2}, std::size_t{5}}) {
    std::vector<std::string> seen;
    const RuleLives several = found(threads, seen);
    ASSERT_EQ(one.of_rule, several.of_rule) << text;
    ASSERT_EQ(seen_by_one, seen) << text;
    for (std::size_t i = 0; i < one.of_rule.size(); ++i) {
      const auto& a = one.shadows.of_rule[i];
      const auto& b = several.shadows.of_rule[i];
      ASSERT_EQ(a.has_value(), b.has_value()) << text;
      if (!a) continue;
      ASSERT_EQ(a->takers, b->takers) << text;
    }
  }
}

TEST(RuleLives, AreTheSameOfAnyNumberOfThreads) {
  std::mt19937 dice = seeded_dice();
  for (int i = 0; i < 60; ++i) {
    const RuleLivesLimits limits{.rules_of_share = i % 2 == 0 ? 1U : 20U, .worth_threads = 1};
    expect_same_of_threads(random_ruleset(dice, {.most_rules = 9}), IpVersion::ipv4, limits);
    expect_same_of_threads(random_ruleset(dice, {.is_ipv6 = true, .most_rules = 9}),
                           IpVersion::ipv6, limits);
    expect_same_of_threads(random_nft_ruleset(dice, true, true), IpVersion::ipv4, limits);
    expect_same_of_threads(random_boxes(dice, false, 60), IpVersion::ipv4, limits);
    // Where the limits end it, in the middle of what threads have begun.
    expect_same_of_threads(random_boxes(dice, false, 120), IpVersion::ipv4,
                           {.most_met = 300U + dice() % 3'000,
                            .most_cut = dice() % 60,
                            .rules_of_share = 2,
                            .worth_threads = 1});
    if (testing::Test::HasFatalFailure()) return;
  }
}

// And the same as of all packets, as above.
TEST(RuleLives, OfTinySharesAreThoseOfAllPackets) {
  std::mt19937 dice = seeded_dice();
  Tally tally;
  for (int i = 0; i < 60; ++i) {
    compare(random_ruleset(dice, {.most_rules = 9}), IpVersion::ipv4, tally,
            {.threads = 3, .rules_of_share = 2, .worth_threads = 1});
    compare(random_boxes(dice, false, 60), IpVersion::ipv4, tally,
            {.threads = 3, .rules_of_share = 20, .worth_threads = 1});
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GE(tally.live, 600U);
  EXPECT_GE(tally.by_many, 40U);
}

TEST(RuleLives, EndInNotKnown) {
  std::mt19937 dice = seeded_dice();
  const auto given = read(random_boxes(dice, false, 200), IpVersion::ipv4);
  const RuleLives lives = find_rule_lives(*given->program, {.most_met = 2'000, .most_cut = 20});
  const auto unknown = std::ranges::count(lives.of_rule, RuleLife::not_known);
  EXPECT_GT(unknown, 50);
  EXPECT_LT(unknown, 200);
  const RuleLives whole = find_rule_lives(*given->program);
  for (std::size_t i = 0; i < lives.of_rule.size(); ++i) {
    if (lives.of_rule[i] == RuleLife::not_known) continue;
    EXPECT_EQ(lives.of_rule[i], whole.of_rule[i]);
  }
}

std::string chains_in_a_row(unsigned count, std::string_view calls, std::string_view end) {
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  for (unsigned i = 0; i < count; ++i) text += fmt::format(":c{} - [0:0]\n", i);
  text += "-A FORWARD -j c0\n";
  for (unsigned i = 0; i + 1 < count; ++i) {
    for (unsigned k = 0; k < calls.size(); ++k) text += fmt::format("-A c{} -j c{}\n", i, i + 1);
  }
  return text + std::string(end) + "COMMIT\n";
}

// Each chain calls the next one twice: a packet would meet 2^60 rules.
TEST(RuleLives, EndWherePacketsWouldNot) {
  const auto given =
      read(chains_in_a_row(60, "xx", "-A c59 -p tcp -j ACCEPT\n-A FORWARD -p udp -j ACCEPT\n"),
           IpVersion::ipv4);
  const RuleLives lives = find_rule_lives(*given->program, {.most_met = 100'000});
  EXPECT_EQ(lives.of_rule.back(), RuleLife::not_known);
}

TEST(RuleLives, AreNotKnownOfChainsThatCallEachOtherTooDeep) {
  const auto given = read(chains_in_a_row(50'000, "x", ""), IpVersion::ipv4);
  const RuleLives lives = find_rule_lives(*given->program);
  EXPECT_EQ(std::ranges::count(lives.of_rule, RuleLife::not_known), 50'000);
}

// Worlds of three fields with eight values each, in which every packet can be looked at.
TEST(RangeBox, LeavesWhatCountingLeaves) {
  std::mt19937 dice = seeded_dice();
  constexpr std::array fields = {Field::protocol, Field::ttl, Field::mark};
  BoxDomains domains;
  for (const Field field : fields) {
    domains[static_cast<std::size_t>(field)] = Ranges(Interval{0, 7});
  }
  const auto any_box = [&] {
    RangeBox box;
    for (const Field field : fields) {
      if (dice() % 4 == 0) continue;
      std::vector<Interval> ranges;
      for (Number first = dice() % 4; first < 8; first += 2 + dice() % 4) {
        ranges.push_back({first, std::min<Number>(7, first + dice() % 2)});
      }
      (void)box.restrict(field, Ranges(ranges));
    }
    return box;
  };
  const auto holds_in = [&](const RangeBox& box, const std::array<Number, 3>& packet) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const Ranges* side = box.side(fields[i]);
      if (side != nullptr && !side->has(packet[i])) return false;
    }
    return true;
  };
  std::size_t emptied = 0;
  std::size_t apart = 0;
  for (int i = 0; i < 400; ++i) {
    const RangeBox whole = any_box();
    std::vector<RangeBox> taken;
    for (unsigned k = 0; k < 1 + dice() % 5; ++k) taken.push_back(any_box());
    std::vector<RangeBox> left = {whole};
    for (const RangeBox& box : taken) (void)cut_out(left, box, domains);
    bool is_whole_within = true;
    RangeBox common = whole;
    const bool have_common = common.restrict(taken.front());
    apart += have_common ? 0U : 1U;
    std::array<Number, 3> packet{};
    for (unsigned n = 0; n < 512; ++n) {
      packet = {n % 8, n / 8 % 8, n / 64};
      const bool is_taken =
          std::ranges::any_of(taken, [&](const RangeBox& box) { return holds_in(box, packet); });
      const auto pieces =
          std::ranges::count_if(left, [&](const RangeBox& box) { return holds_in(box, packet); });
      ASSERT_EQ(pieces, holds_in(whole, packet) && !is_taken ? 1 : 0);
      const bool is_common = holds_in(whole, packet) && holds_in(taken.front(), packet);
      ASSERT_EQ(have_common && holds_in(common, packet), is_common);
      if (holds_in(whole, packet) && !holds_in(taken.front(), packet)) is_whole_within = false;
    }
    ASSERT_EQ(is_within(whole, taken.front(), domains), is_whole_within);
    emptied += left.empty() ? 1U : 0U;
  }
  EXPECT_GE(emptied, 10U);
  EXPECT_GE(apart, 20U);
}

TEST(RulesByPacket, LeavesOutNoRuleThatMatches) {
  std::mt19937 dice = seeded_dice();
  std::size_t left_out = 0;
  for (int i = 0; i < 30; ++i) {
    const auto given =
        read(random_boxes(dice, i % 2 == 0, 80), i % 2 == 0 ? IpVersion::ipv6 : IpVersion::ipv4);
    const Program* programs[] = {given->program.get()};
    const Layout layout(programs, Distinctions{}, Order::source_first);
    RulesByPacket index(given->ruleset, 1'000'000);
    for (int k = 0; k < 50; ++k) {
      Choices choices;
      const Packet packet = random_packet(dice, layout, Path::forward, choices.free);
      const Trace whole = walk(*given->program, packet, choices);
      const Trace quick = walk(*given->program, packet, choices, index);
      ASSERT_EQ(whole.decision, quick.decision);
      ASSERT_EQ(whole.decided_by, quick.decided_by);
      left_out += whole.steps.size() - quick.steps.size();
    }
  }
  EXPECT_GE(left_out, 1'000U);
}

TEST(GridIndex, FindsWhatALookAtEachFinds) {
  std::mt19937 dice = seeded_dice();
  std::size_t looked_at = 0;
  std::size_t held = 0;
  for (int i = 0; i < 300; ++i) {
    const bool is_flat = i % 3 == 0;
    // Networks of all sizes, ranges of all kinds, and the last number there is.
    const auto any = [&](unsigned width) {
      const Number last = width == 128 ? ~Number{0} : (Number{1} << width) - 1;
      const Number all =
          (Number{dice()} << 96U | Number{dice()} << 64U | Number{dice()} << 32U | dice());
      if (dice() % 8 == 0) return Interval{last, last};
      const unsigned size = static_cast<unsigned>(dice() % (width + 1));
      const Number inside = size == 128 ? last : (Number{1} << size) - 1;
      const Number first = all & last & ~inside;
      if (dice() % 2 == 0) return Interval{first, first | inside};
      const Number begin = all & last;
      return Interval{begin, begin + std::min(inside, last - begin)};
    };
    const unsigned across_width = i % 2 == 0 ? 8 : 128;
    const unsigned along_width = i % 5 == 0 ? across_width : 6;
    std::vector<GridIndex::Rectangle> rectangles(dice() % 60);
    for (GridIndex::Rectangle& each : rectangles) {
      each = {any(across_width), is_flat ? Interval{0, 0} : any(along_width)};
    }
    GridIndex::Rectangles kept;
    for (const GridIndex::Rectangle& each : rectangles) kept.push_back(each);
    const GridIndex index(kept);
    for (int k = 0; k < 20; ++k) {
      const Interval near = k % 2 == 0 || rectangles.empty()
                                ? any(across_width)
                                : rectangles[dice() % rectangles.size()].across;
      const Number x = dice() % 2 == 0 ? near.first : near.last;
      const Number y = is_flat ? 0 : any(along_width).first;
      std::vector<bool> found(rectangles.size());
      index.for_each_at(x, y, [&](std::uint32_t place) {
        found[place] = true;
        ++looked_at;
      });
      for (std::size_t place = 0; place < rectangles.size(); ++place) {
        const GridIndex::Rectangle& each = rectangles[place];
        const bool holds = each.across.first <= x && x <= each.across.last &&
                           each.along.first <= y && y <= each.along.last;
        held += holds ? 1 : 0;
        ASSERT_TRUE(found[place] || !holds) << i << ' ' << k << ' ' << place;
      }
    }
  }
  // A point of a cell of the size of the rectangle is in it one time in four, if not more seldom in
  // long ones.
  EXPECT_LT(looked_at, held * 8);
}

}  // namespace
}  // namespace untrack
