#include "parser/anonymize/address_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace untrack::anonymize {
namespace {

constexpr Key test_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

unsigned common_bits(Number one, Number other, unsigned width) {
  unsigned common = 0;
  while (common < width && one >> (width - common - 1) == other >> (width - common - 1)) ++common;
  return common;
}

TEST(AddressMap, HashesAsItsInventorsDo) {
  std::string text;
  for (char c = 0; c < 15; ++c) text += c;
  EXPECT_EQ(hash_of(test_key, text), 0xa129ca6149be45e5U);  // SipHash paper, appendix A
  EXPECT_EQ(hash_of(test_key, ""), 0x726fdb47dd0e0e31U);    // the first of its reference vectors
}

TEST(AddressMap, KeepsWhatAddressesHaveInCommon) {
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  for (const AddressKind kind : {AddressKind::ipv4, AddressKind::ipv6, AddressKind::mac}) {
    const AddressMap map(test_key);
    const unsigned width = width_of(kind);
    std::size_t changed = 0;
    for (int i = 0; i < 500; ++i) {
      const Number one = (Number{random()} << 64U | random()) >> (128 - width);
      const Number other = one ^ Number { random() } >> random() % 64U;
      const Number limit = width == 128 ? ~Number{0} : (Number{1} << width) - 1;
      EXPECT_EQ(common_bits(one, other & limit, width),
                common_bits(map(kind, one), map(kind, other & limit), width));
      changed += map(kind, one) != one ? 1U : 0U;
    }
    EXPECT_GT(changed, 200U);
  }
}

TEST(AddressMap, KeepsRangesInOnePiece) {
  std::mt19937 random(11);  // NOLINT(bugprone-random-generator-seed): the same each time
  AddressMap map(test_key);
  const Number base = 0xcb007100;  // 203.0.113.0
  std::vector<Interval> ranges;
  for (int i = 0; i < 6; ++i) {
    const Number one = base + random() % 256;
    const Number other = base + random() % 256;
    ranges.push_back({std::min(one, other), std::max(one, other)});
    map.keep_range(AddressKind::ipv4, ranges.back().first, ranges.back().last);
  }
  std::set<Number> all;
  for (Number address = base; address < base + 256; ++address) {
    const Number mapped = map(AddressKind::ipv4, address);
    all.insert(mapped);
    for (const Interval& range : ranges) {
      const bool is_in = range.first <= address && address <= range.last;
      const Interval other = map.range(AddressKind::ipv4, range.first, range.last);
      const bool comes_in = other.first <= mapped && mapped <= other.last;
      EXPECT_EQ(is_in, comes_in) << static_cast<unsigned>(address);
    }
  }
  EXPECT_EQ(all.size(), 256U);
  // A range that is a network keeps nothing in its place.
  AddressMap networks(test_key);
  networks.keep_range(AddressKind::ipv4, 0xcb000000, 0xcbffffff);
  EXPECT_EQ(networks(AddressKind::ipv4, 0xcb007101),
            AddressMap(test_key)(AddressKind::ipv4, 0xcb007101));
  EXPECT_NE(*all.begin(), base);
}

TEST(AddressMap, KeepsWhatHasAMeaning) {
  const AddressMap map(test_key);
  for (const Number whole : {0x00000000U, 0x7f000001U, 0xe0000001U, 0xffffffffU, 0xffffff00U}) {
    EXPECT_EQ(map(AddressKind::ipv4, whole), whole);
  }
  EXPECT_EQ(map(AddressKind::ipv4, 0x0a010203) >> 24U, Number{10});
  EXPECT_EQ(map(AddressKind::ipv4, 0xac1f0001) >> 20U, Number{0xac1});
  EXPECT_EQ(map(AddressKind::ipv4, 0xc0a80101) >> 16U, Number{0xc0a8});
  EXPECT_EQ(map(AddressKind::ipv6, 1), Number{1});
  EXPECT_EQ(map(AddressKind::ipv6, Number{0xfe80} << 112U | 5) >> 64U, Number{0xfe80} << 48U);
  EXPECT_NE(map(AddressKind::ipv6, Number{0xfe80} << 112U | 5), Number{0xfe80} << 112U | 5);
  EXPECT_EQ(map(AddressKind::mac, 0xffffffffffff), Number{0xffffffffffff});
}

}  // namespace
}  // namespace untrack::anonymize
