// What makes the comparison of large rulesets quick, held against its slow twins: programs made
// with a survey of the rules, and packets that are followed through the rules whose keys hold them.
// Used by changed_rules_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/program/side_work.hpp"
#include "tests/property/random_packet.hpp"

namespace untrack {

// What a program is of each part that it looks at, and of the whole.
inline void expect_same_program(const Program& a, const Program& b, const std::string& texts) {
  const Ruleset& ruleset = a.ruleset();
  ASSERT_EQ(a.variables().size(), b.variables().size()) << texts;
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant || !ip_versions(table.family).has(a.version())) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) {
        const auto parts = ruleset[rule].parts;
        for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) {
          ASSERT_EQ(a.kind(i), b.kind(i)) << i << texts;
          ASSERT_EQ(a.variable(i), b.variable(i)) << i << texts;
        }
      }
    }
  }
  ASSERT_EQ(a.template_variable(), b.template_variable()) << texts;
  ASSERT_EQ(a.reassembles(), b.reassembles()) << texts;
  for (const CtState status : {CtState::snat, CtState::dnat}) {
    ASSERT_EQ(a.status_variable(status), b.status_variable(status)) << texts;
  }
}

inline void expect_same_work(const SideWorkOfBoth& a, const SideWorkOfBoth& b,
                             const std::string& texts) {
  const auto words_of = [](const SideWorks& works) {
    std::vector<std::tuple<std::uint32_t, std::uint32_t, std::string, SideWorkKind>> all;
    for (const auto& [rule, list] : works) {
      for (const SideWork& work : list) all.emplace_back(rule, work.part, work.text, work.kind);
    }
    return all;
  };
  ASSERT_EQ(a.memories, b.memories) << texts;
  for (const std::size_t i : {0U, 1U})
    ASSERT_EQ(words_of(a.works[i]), words_of(b.works[i])) << texts;
}

// With and without the surveys, both programs are the same, of both ways to take addresses that are
// set.
inline void expect_same_with_surveys(const Program& before, const Program& after,
                                     const PairedRules& pairs, const std::string& texts) {
  for (const AddressWrites writes : {AddressWrites::open, AddressWrites::followed}) {
    FreeVariables whole;
    FreeVariables surveyed;
    const auto made = [&](const Program& of, FreeVariables& variables, const RuleSurvey* survey) {
      return Program(of.ruleset(), of.version(), of.tracks(), variables, NotrackUse::obeyed, writes,
                     survey);
    };
    const Program old_whole = made(before, whole, nullptr);
    const Program new_whole = made(after, whole, nullptr);
    const Program old_surveyed = made(before, surveyed, &pairs.surveys[0]);
    const Program new_surveyed = made(after, surveyed, &pairs.surveys[1]);
    expect_same_program(old_whole, old_surveyed, texts);
    if (testing::Test::HasFatalFailure()) return;
    expect_same_program(new_whole, new_surveyed, texts);
    if (testing::Test::HasFatalFailure()) return;
    expect_same_work(side_work_of(old_whole, new_whole), side_work_of(old_surveyed, new_surveyed),
                     texts);
    expect_same_work(deeds_of(old_whole, new_whole), deeds_of(old_surveyed, new_surveyed), texts);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// How many rules it need not look at.
inline int expect_same_walks(World& world, const PairedRules& pairs, const std::string& texts) {
  std::mt19937 dice(7);
  int told = 0;
  for (const std::size_t side : {0U, 1U}) {
    const Program& program = world.walk(side).program();
    RulesByKey by_key(program.ruleset(), pairs.surveys[side]);
    for (int i = 0; i < 12; ++i) {
      Choices choices;
      const Packet packet =
          random_packet(dice, world.layout(), all_paths[dice() % all_paths.size()], choices.free);
      const Trace whole = walk(program, packet, choices);
      const Trace less = walk(program, packet, choices, by_key);
      EXPECT_EQ(whole.decision, less.decision) << texts;
      EXPECT_EQ(whole.decided_by, less.decided_by) << texts;
      EXPECT_EQ(whole.decided_in, less.decided_in) << texts;
      // Rules that were left out may have asked for what is not known.
      EXPECT_TRUE(whole.guessed.empty() || !less.guessed.empty()) << texts;
      told += static_cast<int>(whole.steps.size()) - static_cast<int>(less.steps.size());
    }
  }
  return told;
}

}  // namespace untrack
