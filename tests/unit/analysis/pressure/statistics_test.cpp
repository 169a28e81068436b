#include "analysis/pressure/statistics.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr std::string_view two_processors =
    "entries  clashres found new invalid chainlength insert_failed drop\n"
    "0000002a  00000001 00000000 00000000 0000000f 00000002 ffffffff 00000010\n"
    "0000002a  00000002 00000000 00000000 00000001 00000000 00000001 00000000\n";

TEST(TableStatistics, columns_are_hexadecimal_and_summed) {
  const auto statistics = parse_statistics(two_processors, {Origin::measured, "there"});
  ASSERT_TRUE(statistics);
  EXPECT_EQ(statistics->entries, 42U);
  EXPECT_EQ(statistics->processors, 2U);
  EXPECT_EQ(statistics->value("clashres"), 3U);
  EXPECT_EQ(statistics->value("invalid"), 16U);
  EXPECT_EQ(statistics->value("insert_failed"), 0x100000000U);
  EXPECT_EQ(statistics->value("drop"), 16U);
  EXPECT_EQ(statistics->value("early_drop"), 0U);
  EXPECT_EQ(statistics->source.text, "there");
}

TEST(TableStatistics, something_else_is_refused) {
  for (const std::string_view text :
       {"", "entries drop\n", "entries drop\n00000001\n", "entries drop\n00000001 0000000g\n",
        "entries drop\n00000001 00000002 00000003\n", "drop\n00000001\n",
        "entries drop\n00000001 100000000\n"}) {
    EXPECT_FALSE(parse_statistics(text, {})) << text;
  }
}

TEST(TableStatistics, every_column_of_a_kernel_is_explained) {
  for (const std::string_view column :
       {"clashres", "found", "new", "invalid", "ignore", "delete", "chainlength", "insert",
        "insert_failed", "drop", "early_drop", "icmp_error", "expect_new", "expect_create",
        "expect_delete", "search_restart", "searched", "delete_list"}) {
    for (const KernelVersion& kernel : {KernelVersion{2, 6, 32}, KernelVersion{6, 18, 0}}) {
      const CounterRow* row = counter_row(column, kernel);
      ASSERT_NE(row, nullptr) << column;
      EXPECT_FALSE(row->meaning.empty() || row->evidence.empty()) << column;
      EXPECT_EQ(row->is_loss && row->advice.empty(), false) << column;
    }
  }
  EXPECT_EQ(counter_row("hops", {6, 1, 0}), nullptr);
}

TEST(TableStatistics, a_failed_insert_can_be_a_deep_bucket_since_5_15) {
  const auto says_depth = [](const KernelVersion& kernel) {
    return counter_row("insert_failed", kernel)->meaning.find("too deep") != std::string_view::npos;
  };
  EXPECT_FALSE(says_depth({5, 14, 0}));
  EXPECT_TRUE(says_depth({5, 15, 0}));
}

TEST(TableStatistics, the_limit_of_depth_is_that_of_the_update) {
  const auto says_wider = [](const KernelVersion& kernel) {
    return counter_row("chainlength", kernel)->meaning.find("50 to 79") != std::string_view::npos;
  };
  EXPECT_FALSE(says_wider({5, 14, 0}));
  EXPECT_FALSE(says_wider({6, 1, 19}));
  EXPECT_TRUE(says_wider({6, 1, 20}));
  EXPECT_FALSE(says_wider({6, 2, 0}));
  EXPECT_TRUE(says_wider({6, 3, 0}));
}

TEST(EntryBytes, come_from_the_pages_of_the_cache) {
  const auto of = [](std::string_view text) {
    return entry_bytes_of_slabs(text, Origin::measured, "slabs");
  };
  const auto one =
      of("# name <active_objs>\nnf_conntrack_expect 0 0 232 17 1 : tunables\n"
         "nf_conntrack 160 160 256 16 1 : tunables 0 0 0\n");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->value, 256U);
  EXPECT_EQ(one->source.text, "slabs: nf_conntrack of 256 bytes, 16 in a page of memory");
  // The rest of the pages counts, too.
  EXPECT_EQ(of("nf_conntrack 1 51 320 51 4 : tunables\n")->value, 321U);
  // A cache for each namespace: that of most entries.
  EXPECT_EQ(of("nf_conntrack_1 5 12 304 13 1 : x\nnf_conntrack_ffff88 900 910 320 12 1 : x\n"
               "nf_conntrack_2 6 12 304 13 1 : x\n")
                ->value,
            341U);
  EXPECT_FALSE(of("nf_conntrack_expect 0 0 232 17 1 : tunables\n"));
  EXPECT_FALSE(of("nf_conntrack 160 160 256 0 1 : tunables\n"));
  EXPECT_FALSE(of("nf_conntrack 160 160 many 16 1 : tunables\n"));
}

}  // namespace
}  // namespace untrack
