#include "rewriter/unload/module_graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace untrack {
namespace {

using Names = std::vector<std::string>;

// The slow twin: tries every order, keeps those in which a module goes only when no module that is
// left uses it, and takes the alphabetically first. Empty if there is none.
Names first_valid_order(Names modules, const std::set<std::pair<std::string, std::string>>& uses) {
  std::ranges::sort(modules);
  do {
    bool is_valid = true;
    for (std::size_t i = 0; i < modules.size() && is_valid; ++i) {
      for (std::size_t later = i + 1; later < modules.size(); ++later) {
        if (uses.contains({modules[later], modules[i]})) is_valid = false;
      }
    }
    if (is_valid) return modules;
  } while (std::ranges::next_permutation(modules).found);
  return {};
}

TEST(ModuleGraph, RemovalOrderIsThatOfTheSlowTwin) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 400; ++round) {
    const std::size_t size = 1 + random() % 6;
    Names names;
    for (std::size_t i = 0; i < size; ++i)
      names.push_back(std::string(1, static_cast<char>('a' + i)));
    std::ranges::shuffle(names, random);
    std::set<std::pair<std::string, std::string>> uses;
    ModuleGraph graph;
    for (const std::string& name : names) graph.add(name);
    // Mostly without circles (a later name uses an earlier one), now and then with one.
    const bool may_circle = round % 5 == 0;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        if (i == j || (i > j && !may_circle) || random() % 3 != 0) continue;
        uses.emplace(names[i], names[j]);
        graph.add_use(names[i], names[j]);
      }
    }
    const ModuleGraph::Order order =
        graph.removal_order(std::set<std::string>(names.begin(), names.end()));
    const Names expected = first_valid_order(names, uses);
    if (expected.empty()) {
      EXPECT_FALSE(order.stuck.empty()) << "round " << round;
    } else {
      EXPECT_EQ(order.modules, expected) << "round " << round;
      EXPECT_TRUE(order.stuck.empty());
    }
  }
}

TEST(ModuleGraph, StandingOnFollowsUsersOfUsers) {
  ModuleGraph graph;
  graph.add_use("xt_nat", "nf_nat");
  graph.add_use("nf_nat", "nf_conntrack");
  graph.add_use("nf_conntrack", "nf_defrag_ipv4");
  graph.add_use("xt_socket", "nf_defrag_ipv4");
  EXPECT_EQ(graph.standing_on(conntrack_cores()),
            (std::set<std::string>{"nf_conntrack", "nf_nat", "xt_nat"}));
}

TEST(ModuleGraph, CircleIsReportedAndDoesNotHang) {
  ModuleGraph graph;
  graph.add_use("a", "b");
  graph.add_use("b", "a");
  graph.add_use("c", "a");
  const auto order = graph.removal_order({"a", "b", "c"});
  EXPECT_EQ(order.modules, Names{"c"});
  EXPECT_EQ(order.stuck, (Names{"a", "b"}));
}

// Measured: QEMU, Debian's 6.1 kernel, with -m state and MASQUERADE loaded and flushed again.
TEST(ModuleGraph, OrderOnDebian12) {
  const ModuleGraph graph = known_modules(KernelVersion{6, 1, 0});
  const auto order = graph.removal_order(
      {"nf_conntrack", "nf_nat", "xt_MASQUERADE", "iptable_nat", "xt_conntrack"});
  EXPECT_EQ(order.modules,
            (Names{"iptable_nat", "xt_MASQUERADE", "nf_nat", "xt_conntrack", "nf_conntrack"}));
}

TEST(ModuleGraph, OldKernelHasTheOldNames) {
  const ModuleGraph graph = known_modules(KernelVersion{2, 6, 18});
  const auto standing = graph.standing_on(conntrack_cores());
  for (const char* name :
       {"ip_conntrack", "ip_nat", "iptable_nat", "ipt_MASQUERADE", "ipt_state"}) {
    EXPECT_TRUE(standing.contains(name)) << name;
  }
  EXPECT_FALSE(standing.contains("xt_MASQUERADE"));
  const auto order = graph.removal_order(standing);
  EXPECT_TRUE(order.stuck.empty());
  // Both trackers could be built; what stands on them goes first.
  EXPECT_LT(std::ranges::find(order.modules, "iptable_nat"),
            std::ranges::find(order.modules, "ip_conntrack"));
  EXPECT_LT(std::ranges::find(order.modules, "ipt_state"),
            std::ranges::find(order.modules, "ip_conntrack"));
}

TEST(ModuleGraph, LoadedModulesAddWhatTheTableDoesNotKnow) {
  ModuleGraph graph = known_modules(std::nullopt);
  const LoadedModule core{"nf_conntrack", 1, {"my_own_helper"}, false, {}};
  add_loaded(graph, std::span(&core, 1));
  EXPECT_TRUE(graph.standing_on(conntrack_cores()).contains("my_own_helper"));
}

}  // namespace
}  // namespace untrack
