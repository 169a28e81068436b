#include "model/resolve.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "parser/parse.hpp"

namespace untrack {
namespace {

// Chains 0 ... n-1 of a table, with the jumps given, entered from INPUT by chain 0.
Ruleset ruleset_of(std::size_t count, const std::vector<std::vector<bool>>& jumps,
                   Sources& sources) {
  std::string text = "*filter\n";
  for (std::size_t i = 0; i < count; ++i) text += ":c" + std::to_string(i) + " - [0:0]\n";
  text += ":INPUT ACCEPT [0:0]\n-A INPUT -j c0\n";
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      if (!jumps[i][j]) continue;
      text += "-A c" + std::to_string(i) + " -j c" + std::to_string(j) + "\n";
    }
  }
  text += "COMMIT\n";
  const std::vector<Input> inputs{
      {sources.add("rules.v4", text), Format::iptables_save, IpVersion::ipv4}};
  return parse(sources, inputs);
}

// The slow twin: closes the relation of jumps step by step.
bool has_loop(std::vector<std::vector<bool>> reaches, bool only_from_first) {
  const std::size_t count = reaches.size();
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        if (reaches[i][k] && reaches[k][j]) reaches[i][j] = true;
      }
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (reaches[i][i] && (!only_from_first || i == 0 || reaches[0][i])) return true;
  }
  return false;
}

TEST(Resolve, FindsLoopsWhereThereAreAny) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    const std::size_t count = 1 + random() % 5;
    std::vector<std::vector<bool>> jumps(count, std::vector<bool>(count));
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) jumps[i][j] = random() % 5 == 0;
    }
    Sources sources;
    Ruleset ruleset = ruleset_of(count, jumps, sources);
    resolve(ruleset);
    bool any = false;
    bool refused = false;
    for (const Problem& problem : ruleset.problems) {
      const bool is_loop = problem.message.starts_with("a loop of chains");
      EXPECT_TRUE(is_loop) << problem.message;
      any = any || is_loop;
      refused = refused || (is_loop && problem.kind == ProblemKind::error);
    }
    ASSERT_EQ(any, has_loop(jumps, false));
    ASSERT_EQ(refused, has_loop(jumps, true));
  }
}

TEST(Resolve, LinksEveryJump) {
  Sources sources;
  Ruleset ruleset = ruleset_of(2, {{false, true}, {false, false}}, sources);
  resolve(ruleset);
  EXPECT_TRUE(ruleset.problems.empty());
  std::size_t jumps = 0;
  for (const RulePart& part : ruleset.parts) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
    if (jump == nullptr) continue;
    ++jumps;
    ASSERT_TRUE(jump->chain.names_something());
    EXPECT_EQ(ruleset[jump->chain].name, jump->chain_name);
  }
  EXPECT_EQ(jumps, 2U);
}

}  // namespace
}  // namespace untrack
