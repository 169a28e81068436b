#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "parser/iptables/execution.hpp"

namespace untrack::iptables {
namespace {

// A plain vector is the slow twin.
TEST(RuleOrder, IsAVectorWhateverIsDone) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    RuleOrder order;
    std::vector<RuleId> twin;
    for (std::size_t step = 0; step < 60; ++step) {
      const RuleId rule(step);
      const std::size_t position = random() % (twin.size() + 1);
      const auto at = static_cast<std::ptrdiff_t>(position);
      switch (random() % 6) {
        case 0:
        case 1:
          order.insert(0, rule);
          twin.insert(twin.begin(), rule);
          break;
        case 2:
          order.insert(position, rule);
          twin.insert(twin.begin() + at, rule);
          break;
        case 3:
          order.insert(order.size(), rule);
          twin.push_back(rule);
          break;
        case 4:
          if (position == twin.size()) break;
          order.erase(position);
          twin.erase(twin.begin() + at);
          break;
        case 5:
          if (position == twin.size()) break;
          order.replace(position, rule);
          twin[position] = rule;
          break;
      }
      if (random() % 40 == 0) {
        order.clear();
        twin.clear();
      }
      ASSERT_EQ(order.size(), twin.size());
      for (std::size_t i = 0; i < twin.size(); ++i) ASSERT_EQ(order.at(i), twin[i]);
    }
    // What was there stands in front, and the order is as new.
    std::vector<RuleId> moved;
    if (round % 2 == 0) moved.emplace_back(1000U);
    twin.insert(twin.begin(), moved.begin(), moved.end());
    order.move_to(moved);
    ASSERT_EQ(moved, twin);
    ASSERT_EQ(order.size(), 0U);
  }
}

}  // namespace
}  // namespace untrack::iptables
