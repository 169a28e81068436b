#include "model/catalog/kernel_modules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace untrack::catalog {
namespace {

TEST(KernelModules, RowsAreSortedByName) {
  const auto rows = kernel_modules();
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &KernelModule::name));
  for (const KernelModule& row : rows) {
    EXPECT_LT(row.since, row.before) << row.name;
    EXPECT_FALSE(row.evidence.empty()) << row.name;
  }
}

TEST(KernelModules, DependOnlyOnRowsOfTheTable) {
  std::set<std::string, std::less<>> names;
  for (const KernelModule& row : kernel_modules()) names.insert(std::string(row.name));
  for (const KernelModule& row : kernel_modules()) {
    std::istringstream words{std::string(row.depends)};
    for (std::string word; words >> word;) {
      EXPECT_TRUE(names.contains(word)) << row.name << " uses " << word;
    }
  }
}

TEST(KernelModules, EveryReplacementIsARow) {
  std::set<std::string, std::less<>> names;
  for (const KernelModule& row : kernel_modules()) names.insert(std::string(row.name));
  for (const KernelModule& row : kernel_modules()) {
    EXPECT_TRUE(row.now.empty() || names.contains(row.now)) << row.name << " became " << row.now;
  }
}

TEST(KernelModules, OldKernelsHaveTheOldNames) {
  const auto exists = [](std::string_view name, const KernelVersion& kernel) {
    return std::ranges::any_of(kernel_modules(), [&](const KernelModule& row) {
      return row.name == name && exists_in(row, kernel);
    });
  };
  for (const char* name :
       {"ip_conntrack", "ipt_state", "iptable_nat", "ipt_MASQUERADE", "ip_nat", "xt_state"}) {
    EXPECT_TRUE(exists(name, {2, 6, 18})) << name;
  }
  EXPECT_FALSE(exists("nft_ct", {2, 6, 18}));
  EXPECT_FALSE(exists("ip_conntrack", {6, 1, 0}));
  EXPECT_TRUE(exists("iptable_nat", {6, 1, 0}));
  EXPECT_FALSE(exists("ipt_MASQUERADE", {6, 1, 0}));
  EXPECT_TRUE(exists("nf_conntrack_ipv4", {4, 18, 0}));
  EXPECT_FALSE(exists("nf_conntrack_ipv4", {4, 19, 0}));
}

}  // namespace
}  // namespace untrack::catalog
