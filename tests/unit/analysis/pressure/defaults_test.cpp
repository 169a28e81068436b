#include "analysis/pressure/defaults.hpp"

#include <gtest/gtest.h>

#include "analysis/pressure/advice.hpp"
#include "analysis/pressure/depth.hpp"
#include "analysis/pressure/extension_rules.hpp"
#include "analysis/pressure/flood.hpp"
#include "analysis/pressure/listener.hpp"
#include "analysis/pressure/memory.hpp"
#include "analysis/pressure/pressure.hpp"
#include "analysis/pressure/statistics.hpp"
#include "analysis/pressure/timeout_effect.hpp"
#include "analysis/pressure/timeouts.hpp"

namespace untrack {
namespace {

constexpr std::uint64_t mib = 1024ULL * 1024;
constexpr std::uint64_t gib = 1024 * mib;

struct Sizing {
  KernelVersion kernel;
  int bits;
  std::uint64_t ram;
  std::uint64_t buckets;
  std::uint64_t max;
};

// By hand from the rules in each row's evidence.
const Sizing sizings[] = {
    // 2.6.18: list_head of 16 bytes (8 on 32 bit), 8,192 above 1 GiB, max 8 x.
    {{2, 6, 18}, 64, 512 * mib, 2048, 16384},
    {{2, 6, 18}, 32, 512 * mib, 4096, 32768},
    {{2, 6, 18}, 64, gib, 4096, 32768},
    {{2, 6, 18}, 64, 8 * gib, 8192, 65536},
    {{2, 6, 18}, 32, 32 * mib, 256, 2048},  // "32MB machine has 256 buckets" (its comment)
    {{2, 6, 18}, 32, mib, 16, 128},
    // 2.6.32: hlist_head, whole pages, 16,384 above 1 GiB, max 4 x.
    {{2, 6, 32}, 32, 32 * mib, 1024, 4096},  // 512, but a page holds 1,024 heads of 4 bytes
    {{2, 6, 32}, 64, 512 * mib, 4096, 16384},
    {{2, 6, 32}, 64, 64 * gib, 16384, 65536},
    // 4.19 and 5.10: 65,536 above 4 GiB on 64 bit.
    {{4, 19, 0}, 64, gib, 8192, 32768},
    {{4, 19, 0}, 64, 4 * gib, 16384, 65536},
    {{4, 19, 0}, 64, 8 * gib, 65536, 262144},
    {{5, 10, 0}, 32, 8 * gib, 16384, 65536},
    {{5, 14, 99}, 64, 256 * gib, 65536, 262144},
    // 5.15 and later: max = buckets.
    {{5, 15, 0}, 64, 256 * gib, 262144, 262144},
    {{6, 1, 0}, 64, 512 * mib, 4096, 4096},
    {{6, 1, 0}, 64, gib, 8192, 8192},
    {{6, 1, 0}, 64, gib + 1, 65536, 65536},
    {{6, 1, 0}, 64, 4 * gib, 65536, 65536},
    {{6, 1, 0}, 64, 8 * gib, 262144, 262144},
    {{6, 1, 0}, 32, 8 * gib, 65536, 65536},
    {{6, 1, 0}, 64, 64 * mib, 1024, 1024},
    {{6, 1, 0}, 64, 16 * mib, 1024, 1024},
    // This kind of machine was measured: 6.18, MemTotal 24,684,092 kB.
    {{6, 18, 0}, 64, 24684092ULL * 1024, 262144, 262144},
};

TEST(Defaults, follow_version_memory_and_pointer_size) {
  for (const Sizing& sizing : sizings) {
    const Platform platform{sizing.kernel, sizing.bits};
    const Quantity buckets = default_buckets(platform, sizing.ram);
    const std::string what = to_text(sizing.kernel) + "/" + std::to_string(sizing.bits) + "/" +
                             std::to_string(sizing.ram);
    EXPECT_EQ(buckets.value, sizing.buckets) << what;
    EXPECT_EQ(default_max(platform, buckets.value).value, sizing.max) << what;
    EXPECT_EQ(buckets.source.origin, Origin::kernel_default);
    EXPECT_FALSE(buckets.source.text.empty());
  }
}

TEST(Defaults, hashsize_fills_pages_and_multiplies_max_by_eight) {
  EXPECT_EQ(rounded_buckets({{6, 1, 0}, 64}, 1000), 1024U);
  EXPECT_EQ(rounded_buckets({{6, 1, 0}, 64}, 512), 512U);
  EXPECT_EQ(rounded_buckets({{6, 1, 0}, 32}, 1000), 1024U);
  EXPECT_EQ(rounded_buckets({{6, 1, 0}, 32}, 1025), 2048U);
  EXPECT_EQ(rounded_buckets({{2, 6, 18}, 64}, 1000), 1000U);
  EXPECT_EQ(max_with_hashsize({{6, 1, 0}, 64}, 1000).value, 8192U);
  EXPECT_EQ(max_with_hashsize({{2, 6, 18}, 64}, 1000).value, 8000U);
}

TEST(Defaults, rows_are_in_order_and_carry_evidence) {
  for (std::size_t i = 0; i < sizing_rows().size(); ++i) {
    EXPECT_FALSE(sizing_rows()[i].evidence.empty());
    if (i > 0) {
      EXPECT_LT(sizing_rows()[i - 1].since, sizing_rows()[i].since);
    }
  }
  for (const EntryRow& row : entry_rows()) EXPECT_FALSE(row.evidence.empty());
  for (std::size_t i = 0; i < timeout_rows().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(timeout_rows()[i].timeout), i);
    EXPECT_FALSE(timeout_rows()[i].evidence.empty());
  }
}

TEST(PressureTables, CarryEvidence) {
  const auto carry = [](const auto& rows) {
    EXPECT_FALSE(rows.empty());
    for (const auto& row : rows) EXPECT_FALSE(row.evidence.empty());
  };
  carry(boot_files_rows());
  carry(chain_cap_rows());
  carry(counter_rows());
  carry(eviction_rows());
  carry(extension_rule_rows());
  carry(lowering_rows());
  carry(pressure_finding_rows());
}

TEST(Timeouts, change_with_the_kernel) {
  EXPECT_EQ(default_seconds(Timeout::udp_stream, {4, 19, 0}), 180U);
  EXPECT_EQ(default_seconds(Timeout::udp_stream, {5, 0, 0}), 120U);
  EXPECT_EQ(default_seconds(Timeout::sctp_established, {6, 1, 0}), 432000U);
  EXPECT_EQ(default_seconds(Timeout::sctp_established, {6, 18, 0}), 210U);
  EXPECT_EQ(default_seconds(Timeout::tcp_time_wait, {2, 6, 18}), 120U);
}

TEST(Timeouts, have_the_names_of_their_time) {
  EXPECT_EQ(sysctl_name("udp_timeout", {6, 1, 0}), "net.netfilter.nf_conntrack_udp_timeout");
  EXPECT_EQ(sysctl_name("udp_timeout", {2, 6, 18}), "net.ipv4.netfilter.ip_conntrack_udp_timeout");
  EXPECT_EQ(sysctl_name("max", {2, 6, 18}), "net.ipv4.ip_conntrack_max");
}

TEST(Memory, an_entry_is_256_bytes_and_384_with_extensions) {
  EXPECT_EQ(entry_bytes({{6, 1, 0}, 64}).value, 256U);
  EXPECT_EQ(entry_bytes({{6, 1, 0}, 64}, {}).value, 384U);
  EXPECT_EQ(entry_bytes({{6, 1, 0}, 64}).source.origin, Origin::measured);
  EXPECT_EQ(entry_bytes({{2, 6, 18}, 64}, {}).value, 304U);
  EXPECT_EQ(entry_bytes({{2, 6, 18}, 64}, {}).source.origin, Origin::estimated);
  EXPECT_EQ(entry_bytes({{3, 10, 0}, 32}, {}).value, 384U);
}

std::optional<Quantity> given(std::uint64_t value) { return Quantity{value, {Origin::given, "x"}}; }

bool is_used(const KernelVersion& kernel, const ExtensionSettings& settings) {
  return extension_use(kernel, settings).is_used();
}

TEST(Memory, the_extension_block_follows_the_settings) {
  EXPECT_FALSE(is_used({6, 1, 0}, {}));
  EXPECT_TRUE(is_used({5, 10, 0}, {}));  // events are on by default until 5.19
  EXPECT_TRUE(is_used({6, 1, 0}, {.acct = given(1)}));
  EXPECT_TRUE(is_used({6, 1, 0}, {.acct = given(0), .timestamp = given(1)}));
  EXPECT_FALSE(is_used({6, 1, 0}, {.acct = given(0), .timestamp = given(0), .events = given(2)}));
  EXPECT_FALSE(is_used({5, 10, 0}, {.events = given(0)}));
  EXPECT_TRUE(is_used({6, 1, 0}, {.events = given(1)}));
  EXPECT_FALSE(is_used({2, 6, 18}, {}));
}

TEST(Memory, a_listener_counts_where_events_wait_for_one) {
  EXPECT_TRUE(is_used({6, 1, 0}, {.has_listener = true}));
  EXPECT_TRUE(is_used({6, 1, 0}, {.events = given(2), .has_listener = true}));
  EXPECT_FALSE(is_used({6, 1, 0}, {.events = given(0), .has_listener = true}));
  EXPECT_FALSE(is_used({5, 10, 0}, {.events = given(0), .has_listener = true}));
  EXPECT_FALSE(is_used({6, 1, 0}, {.has_listener = false}));
}

TEST(Memory, rules_give_the_block_to_all_or_to_what_they_match) {
  ExtensionRules rules;
  EXPECT_EQ(extension_use({6, 1, 0}, {}, &rules).of, BlockOf::none);
  // Masks of events count where events are off; measured.
  rules.of_matched.add(EntryExtension::events);
  EXPECT_EQ(extension_use({6, 1, 0}, {}, &rules).of, BlockOf::none);
  EXPECT_EQ(extension_use({6, 1, 0}, {.events = given(0)}, &rules).of, BlockOf::matched_entries);
  rules.of_matched.add(EntryExtension::nat);
  EXPECT_EQ(extension_use({6, 1, 0}, {}, &rules).of, BlockOf::matched_entries);
  EXPECT_EQ(extension_use({6, 1, 0}, {.acct = given(1)}, &rules).of, BlockOf::all_entries);
  rules.of_all.add(EntryExtension::labels);
  EXPECT_EQ(extension_use({6, 1, 0}, {}, &rules).of, BlockOf::all_entries);
}

TEST(Memory, many_extensions_take_a_larger_block) {
  ExtensionSet few;
  few.add(EntryExtension::acct);
  few.add(EntryExtension::helper);
  EXPECT_EQ(block_bytes(few, {6, 18, 0}, 128), 128U);  // 16 + 32 + 56
  few.add(EntryExtension::seqadj);
  EXPECT_EQ(block_bytes(few, {6, 18, 0}, 128), 128U);  // with 24 more it is full
  ExtensionSet many = few;
  many.add(EntryExtension::events);
  EXPECT_EQ(block_bytes(many, {6, 18, 0}, 128), 192U);
  EXPECT_EQ(entry_bytes({{6, 18, 0}, 64}, many).value, 448U);
  // A larger head until 5.6.
  EXPECT_EQ(block_bytes(few, {5, 4, 0}, 128), 192U);
  // All of them need no more than the largest block.
  ExtensionSet all;
  for (const ExtensionRow& row : extension_rows()) all.add(row.extension);
  EXPECT_EQ(block_bytes(all, {6, 18, 0}, 128), 256U);
}

TEST(Memory, a_listener_is_a_netlink_socket_in_a_group_of_conntrack) {
  const std::string head =
      "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n";
  EXPECT_EQ(listens_to_events(head), false);
  EXPECT_EQ(listens_to_events(head + "00000000f3 12  77   00000007 0 0 0 2 0 1\n"), true);
  EXPECT_EQ(listens_to_events(head + "00000000f3 12  77   00000020 0 0 0 2 0 1\n"), true);
  // nf_tables, and another protocol.
  EXPECT_EQ(listens_to_events(head + "00000000f3 12  77   00000040 0 0 0 2 0 1\n"), false);
  EXPECT_EQ(listens_to_events(head + "00000000f3 0   77   00000007 0 0 0 2 0 1\n"), false);
  EXPECT_EQ(listens_to_events(""), std::nullopt);
  for (const char* other :
       {"something else\n", "sock Eth Pid Groups\n", "sk Prot Pid Groups\n", "sk Eth Pid Rmem\n"}) {
    EXPECT_EQ(listens_to_events(other), std::nullopt) << other;
  }
  EXPECT_EQ(listens_to_events(head + "00000000f3 12  77   zz 0\n"), std::nullopt);
}

}  // namespace
}  // namespace untrack
