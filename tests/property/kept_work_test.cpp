// What the engine keeps, asks the other way round, or gives up half-way must be what the plain way
// would find: rows of runs that were walked before (RunReaches), flows that lack an error
// (World::asking_for_errors), walks that a limit has ended, rules that name what assumptions are
// about (Flows::assumed_sources).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/flows/flows.hpp"
#include "analysis/flows/obligation_sets.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/walk/reach.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

struct Two {
  explicit Two(const std::string& text, IpVersion version)
      : given(read(text, version)),
        tracked(given->ruleset, version, given->program->tracks(), *given->variables,
                NotrackUse::ignored),
        programs{given->program.get(), &tracked},
        world(World::make(programs)) {}

  std::unique_ptr<Case> given;
  Program tracked;
  std::array<const Program*, 2> programs;
  std::unique_ptr<World> world;
};

// Rows that say something, by what they are of.
using Rows = std::map<std::tuple<std::size_t, ChainId, RuleId>, std::pair<Ref, std::optional<Ref>>>;

Rows rows_of(const PathReach& found, const ReachQuestion& question) {
  Rows rows;
  for (const RuleReach& row : found.rules) {
    const auto asks = [&](const std::optional<RuleSet>& rules) {
      return rules && (*rules)[row.rule.index()];
    };
    if (question.wanted && !asks(question.wanted) && !asks(question.whole)) continue;
    if (row.matches == Diagram::no && row.reaches.value_or(Diagram::no) == Diagram::no) continue;
    rows[{row.run, row.chain, row.rule}] = {row.matches, row.reaches};
  }
  return rows;
}

std::map<std::pair<std::size_t, ChainId>, Ref> chains_of(const PathReach& found) {
  std::map<std::pair<std::size_t, ChainId>, Ref> chains;
  for (const ChainReach& chain : found.chains) {
    if (chain.entering != Diagram::no) chains[{chain.run, chain.chain}] = chain.entering;
  }
  return chains;
}

void compare_reach(const RandomRulesetOptions& options, int rulesets) {
  std::mt19937 dice = seeded_dice();
  const IpVersion version = options.is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  for (int i = 0; i < rulesets; ++i) {
    const std::string text = random_ruleset(dice, options);
    const Two two(text, version);
    ASSERT_NE(two.world, nullptr);
    World& world = *two.world;
    Diagram& d = world.diagram();
    const Ruleset& ruleset = two.given->ruleset;
    for (std::size_t asked = 0; asked < 6; ++asked) {
      const std::size_t program = dice() % 2;
      SymbolicWalk plain(*two.programs[program], world.layout(), d);
      for (const Path path : all_paths) {
        const auto state = static_cast<Diagram::Atom>(dice() % 4);
        const Ref in_state = d.interval(world.layout().level_of(Field::ct_state), state, state);
        const Ref starts[] = {world.walk(program).possible(path), in_state,
                              d.conj(in_state, world.initiators(false, false))};
        ReachQuestion question;
        if (asked % 3 == 1) {
          question.wanted = rules_where(ruleset, [&](const Rule&) { return dice() % 3 == 0; });
        }
        if (asked % 2 == 1) {
          question.whole = rules_where(ruleset, [&](const Rule&) { return dice() % 3 == 0; });
        }
        const Ref start = starts[dice() % 3];
        const PathReach kept = reach(world.walk(program), path, start, question);
        const PathReach walked = reach(plain, path, start, question);
        ASSERT_EQ(rows_of(kept, question), rows_of(walked, question)) << text;
        // Chains that lead to nothing that is asked about may be left out.
        if (!question.wanted) {
          ASSERT_EQ(chains_of(kept), chains_of(walked)) << text;
        }
        ASSERT_EQ(kept.policies.size(), walked.policies.size());
        for (std::size_t k = 0; k < kept.policies.size(); ++k) {
          ASSERT_EQ(kept.policies[k].reaches, walked.policies[k].reaches) << text;
        }
      }
    }
  }
}

TEST(KeptWorkProperty, RowsOfKnownRuns) { compare_reach({.has_effects = false}, 150); }

TEST(KeptWorkProperty, RowsAmongMarksAndTranslation) { compare_reach({}, 100); }

TEST(KeptWorkProperty, RowsOfIpv6) { compare_reach({.is_ipv6 = true}, 60); }

TEST(KeptWorkProperty, FlowsThatLackAnError) {
  std::mt19937 dice = seeded_dice();
  for (int i = 0; i < 120; ++i) {
    const Two two(random_ruleset(dice, {}), IpVersion::ipv4);
    ASSERT_NE(two.world, nullptr);
    World& world = *two.world;
    Diagram& d = world.diagram();
    for (const Path path : all_paths) {
      std::vector<Ref> sets{Diagram::no, Diagram::yes};
      for (const RuleReach& row : reach(world.walk(0), path, Diagram::yes).rules) {
        sets.push_back(row.matches);
      }
      for (int k = 0; k < 30; ++k) {
        const Ref flows = world.flow_of(sets[dice() % sets.size()]);
        const Ref errors = d.conj(sets[dice() % sets.size()], world.errors());
        ASSERT_EQ(d.intersects(world.errors_to_source(flows), errors),
                  d.intersects(flows, world.asking_for_errors(errors)));
      }
    }
  }
}

// Against the set itself, narrowed and then forgotten but for one level.
TEST(KeptWorkProperty, AtomsWithinABox) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 60; ++round) {
    std::vector<Diagram::Atom> sizes(3 + dice() % 3);
    for (auto& size : sizes) size = static_cast<Diagram::Atom>(1 + dice() % 5);
    Diagram d(sizes);
    const auto side = [&](Diagram::Level level) {
      const auto a = static_cast<Diagram::Atom>(dice() % sizes[level]);
      const auto b = static_cast<Diagram::Atom>(dice() % sizes[level]);
      return Diagram::Constraint{level, std::min(a, b), std::max(a, b)};
    };
    const auto set_of = [&](const Diagram::Constraint& c) {
      return d.interval(c.level, c.first, c.last);
    };
    std::vector<Ref> sets{Diagram::no, Diagram::yes};
    for (int k = 0; k < 40; ++k) {
      const Ref one = set_of(side(static_cast<Diagram::Level>(dice() % sizes.size())));
      const Ref other = sets[dice() % sets.size()];
      const Ref made[] = {one, d.conj(one, other), d.disj(one, other), d.minus(other, one)};
      sets.push_back(made[dice() % 4]);
    }
    for (int k = 0; k < 60; ++k) {
      const Ref set = sets[dice() % sets.size()];
      const auto level = static_cast<Diagram::Level>(dice() % sizes.size());
      Ref below = Diagram::yes;
      Ref narrowed = set;
      std::vector<Diagram::Constraint> above;
      for (Diagram::Level other = 0; other < sizes.size(); ++other) {
        if (other == level || dice() % 3 == 0) continue;
        const Diagram::Constraint chosen = side(other);
        narrowed = d.conj(narrowed, set_of(chosen));
        if (other < level) {
          above.push_back(chosen);
        } else {
          below = d.conj(below, set_of(chosen));
        }
      }
      std::vector<bool> gone(sizes.size(), true);
      gone[level] = false;
      ASSERT_EQ(d.ranges(level, d.atoms_within(set, level, above, below)),
                d.exists(narrowed, gone));
    }
  }
}

// Who may begin a flow, as the rules that name ports and protocols tell: found of packets that are
// asked about alone, it is what it is by following all first packets through all rules.
TEST(KeptWorkProperty, AssumptionsAboutThoseWhoBegin) {
  std::mt19937 dice = seeded_dice();
  int told = 0;
  for (int i = 0; i < 200; ++i) {
    RandomRulesetOptions options;
    options.has_effects = dice() % 4 == 0;
    options.tracks = options.has_effects || dice() % 2 == 0;
    const std::string text = random_ruleset(dice, options);
    const auto given = read(text, IpVersion::ipv4);
    const std::array<const Program*, 1> programs{given->program.get()};
    Assumptions assumptions = Assumptions::none();
    assumptions.set(Assumption::client_ports, true);
    assumptions.set(Assumption::tcp_udp_icmp_only, dice() % 2 == 0);
    const auto world = World::make(programs, assumptions);
    ASSERT_NE(world, nullptr);
    Flows quick(*world, 0, assumptions);
    Flows slow(*world, 0, assumptions);
    for (const Path path : all_paths) {
      const Ref sources = quick.assumed_sources(path);
      const Ref protocols = quick.assumed_protocols(path);
      (void)slow.reach_of_first(path);
      ASSERT_EQ(sources, slow.assumed_sources(path)) << text;
      ASSERT_EQ(protocols, slow.assumed_protocols(path)) << text;
      // More than the assumption says by itself.
      const Interval& usual = path == Path::out ? assumptions.host_ports : assumptions.other_ports;
      Diagram& d = world->diagram();
      const Ref others = d.negate(world->walk(0).encoder().has(Field::source_port));
      if (sources != d.disj(world->range(Field::source_port, usual), others)) ++told;
    }
  }
  EXPECT_GT(told, 100);
}

// What may answer flows from the ports that clients have is told of all answers, where it can be.
TEST(KeptWorkProperty, AnswersToClients) {
  std::mt19937 dice = seeded_dice();
  int narrowed = 0;
  for (int i = 0; i < 200; ++i) {
    RandomRulesetOptions options;
    options.has_effects = dice() % 4 == 0;
    const std::string text = random_ruleset(dice, options);
    const auto before = read(text, IpVersion::ipv4);
    const auto after = read(random_ruleset(dice, options), IpVersion::ipv4, before->variables);
    const std::array<const Program*, 2> programs{before->program.get(), after->program.get()};
    Assumptions assumptions = Assumptions::none();
    assumptions.set(Assumption::client_ports, true);
    const auto world = World::make(programs, assumptions);
    ASSERT_NE(world, nullptr);
    Comparison comparison(*world, assumptions);
    // Whoever begins, this host or others, may have what ports others have.
    assumptions.host_ports = assumptions.other_ports;
    Flows slow(*world, 0, assumptions);
    slow.be_exact();
    Flows any(*world, 0, Assumptions::none());
    for (const Path path : all_paths) {
      const Ref answers = comparison.answer_direction(path);
      ASSERT_EQ(answers, slow.answer_direction(path)) << text;
      if (answers != any.answer_direction(path)) ++narrowed;
    }
  }
  EXPECT_GT(narrowed, 100);
}

// Each walk numbers its outcomes as it meets them.
void expect_same(SymbolicWalk& a, const ChainTree& of_a, SymbolicWalk& b, const ChainTree& of_b) {
  Diagram& d = a.diagram();
  ASSERT_EQ(of_a.functions.size(), of_b.functions.size());
  for (std::size_t k = 0; k < of_a.functions.size(); ++k) {
    ASSERT_EQ(of_a.functions[k].size(), of_b.functions[k].size());
    for (std::size_t i = 0; i < of_a.functions[k].size(); ++i) {
      for (const std::uint32_t value : d.values_of(of_a.functions[k][i])) {
        const std::uint32_t other = b.outcomes().of(a.outcomes()[value]);
        ASSERT_EQ(d.where(of_a.functions[k][i], value), d.where(of_b.functions[k][i], other));
      }
    }
  }
}

// Whatever a walk was doing when its limit came, it says the same afterwards as one that had none.
TEST(KeptWorkProperty, WalksThatALimitEnded) {
  std::mt19937 dice = seeded_dice();
  std::size_t ended = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string text = random_ruleset(dice, {.most_rules = 9});
    const auto given = read(text, IpVersion::ipv4);
    const Program* programs[] = {given->program.get()};
    const Layout layout(programs, {}, Order::source_first);
    Diagram tried(layout.sizes());
    SymbolicWalk walk(*given->program, layout, tried);
    for (std::size_t steps = 1; steps < 3'000; steps += 1 + dice() % 40) {
      tried.allow({.steps = steps});
      const Path path = all_paths[dice() % 3];
      if (!within_budget([&] { return walk.decide(path); })) ++ended;
    }
    tried.allow({});
    SymbolicWalk fresh(*given->program, layout, tried);
    for (const Path path : all_paths) {
      ASSERT_EQ(walk.decide(path), fresh.decide(path)) << text;
      for (const untrack::Run& run : given->program->runs(path)) {
        const View view = walk.view_of(path, run);
        expect_same(walk, walk.tree(run.chain, view), fresh, fresh.tree(run.chain, view));
        if (testing::Test::HasFailure()) FAIL() << text;
      }
    }
  }
  EXPECT_GE(ended, 500U);
}

}  // namespace
}  // namespace untrack
