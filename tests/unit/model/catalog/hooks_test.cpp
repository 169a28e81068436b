#include "model/catalog/hooks.hpp"

#include <gtest/gtest.h>

namespace untrack::catalog {
namespace {

TEST(Hooks, EveryTableHasItsChainsTogether) {
  std::size_t total = 0;
  for (const std::string_view table : table_names()) {
    const auto rows = builtin_chains_of(table);
    EXPECT_FALSE(rows.empty()) << table;
    for (const BuiltinChain& row : rows) EXPECT_EQ(row.table, table);
    total += rows.size();
  }
  EXPECT_EQ(total, builtin_chains().size());
  EXPECT_TRUE(builtin_chains_of("broute").empty());
}

TEST(Hooks, NatHasItsTwoPriorities) {
  for (const BuiltinChain& row : builtin_chains_of("nat")) {
    const bool is_destination = row.chain == "PREROUTING" || row.chain == "OUTPUT";
    EXPECT_EQ(row.priority, is_destination ? -100 : 100) << row.chain;
  }
}

TEST(Hooks, EveryRowHasEvidence) {
  for (const BuiltinChain& row : builtin_chains()) EXPECT_FALSE(row.evidence.empty()) << row.chain;
}

}  // namespace
}  // namespace untrack::catalog
