#include "analysis/pressure/table_change.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace untrack {
namespace {

TableSide side(std::initializer_list<std::pair<const char*, const char*>> settings) {
  TableSide made;
  made.is_used = true;
  made.kernel = {6, 1, 0};
  for (const auto& [name, value] : settings) take_setting(name, value, {}, made.host);
  return made;
}

const TableChange* find(const std::vector<TableChange>& changes, std::string_view name) {
  const auto at = std::ranges::find(changes, name, &TableChange::name);
  return at == changes.end() ? nullptr : &*at;
}

TEST(TableChange, tells_nothing_of_what_is_alike) {
  const TableSide one = side({{"net.netfilter.nf_conntrack_max", "1000"}});
  EXPECT_TRUE(table_changes(one, one).empty());
  EXPECT_TRUE(table_changes(side({}), side({})).empty());
}

TEST(TableChange, compares_settings_that_both_sides_have) {
  const auto changes = table_changes(side({{"net.netfilter.nf_conntrack_max", "1000"},
                                           {"net.netfilter.nf_conntrack_buckets", "1000"}}),
                                     side({{"net.netfilter.nf_conntrack_max", "4000"},
                                           {"net.netfilter.nf_conntrack_buckets", "1000"},
                                           {"net.netfilter.nf_conntrack_udp_timeout", "10"}}));
  const TableChange* max = find(changes, "nf_conntrack_max");
  ASSERT_NE(max, nullptr);
  EXPECT_EQ(max->before, 1000);
  EXPECT_EQ(max->after, 4000);
  const TableChange* timeout = find(changes, "nf_conntrack_udp_timeout");
  ASSERT_NE(timeout, nullptr);
  EXPECT_FALSE(timeout->before);
  EXPECT_EQ(timeout->after, 10);
  const TableChange* full = find(changes, "full_table");
  ASSERT_NE(full, nullptr);
  EXPECT_EQ(full->before, 1000 * 256 + 1000 * 8);
  EXPECT_EQ(full->after, 4000 * 256 + 1000 * 8);
  const TableChange* depth = find(changes, "full_depth");
  ASSERT_NE(depth, nullptr);
  EXPECT_EQ(depth->after, 8);
  EXPECT_EQ(find(changes, "entry"), nullptr);
  EXPECT_EQ(changes.size(), 4U);
}

TEST(TableChange, does_not_compare_with_a_side_without_settings) {
  EXPECT_TRUE(table_changes(side({}), side({{"net.netfilter.nf_conntrack_max", "1000"}})).empty());
}

TEST(TableChange, a_rule_or_a_setting_makes_an_entry_larger) {
  TableSide after = side({});
  after.rules.of_matched.add(EntryExtension::helper);
  after.rules.matched_why = "-j CT --helper in a rule";
  const auto changes = table_changes(side({}), after);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].name, "entry");
  EXPECT_EQ(changes[0].before, 256);
  EXPECT_EQ(changes[0].after, 384);
  // As large as before, and of all now.
  TableSide of_all = side({});
  of_all.rules.of_all.add(EntryExtension::acct);
  const auto others = table_changes(after, of_all);
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].before, others[0].after);
}

TEST(TableChange, a_table_that_is_not_used_has_no_entries) {
  TableSide off = side(
      {{"net.netfilter.nf_conntrack_max", "1000"}, {"net.netfilter.nf_conntrack_buckets", "1000"}});
  const TableSide on = off;
  off.is_used = false;
  const auto changes = table_changes(on, off);
  const TableChange* entry = find(changes, "entry");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->before, 256);
  EXPECT_FALSE(entry->after);
  ASSERT_NE(find(changes, "full_table"), nullptr);
  EXPECT_FALSE(find(changes, "full_table")->after);
}

}  // namespace
}  // namespace untrack
