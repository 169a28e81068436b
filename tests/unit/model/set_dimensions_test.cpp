#include "model/set_dimensions.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace untrack {
namespace {

SetTest test_of(std::vector<std::string_view> fields, std::uint8_t count,
                std::uint8_t destination) {
  NamedSet set;
  set.fields = std::move(fields);
  SetTest test;
  test.dimension_count = count;
  test.destination_dimensions = destination;
  name_fields(test, set);
  return test;
}

TEST(SetDimensions, FollowTheTypeAndTheSides) {
  const SetTest test = test_of({"net", "port", "iface"}, 3, 0b010);
  ASSERT_EQ(test.field_count, 3);
  EXPECT_EQ(test.fields[0], Field::source_address);
  EXPECT_EQ(test.fields[1], Field::destination_port);
  EXPECT_EQ(test.fields[2], Field::in_interface);
}

TEST(SetDimensions, IgnoreSidesBeyondTheType) {
  EXPECT_EQ(test_of({"ip"}, 2, 0b01).field_count, 1);
  EXPECT_EQ(test_of({"ip"}, 2, 0b01).fields[0], Field::destination_address);
}

TEST(SetDimensions, AreUnknownWhereNoFieldSaysIt) {
  EXPECT_EQ(test_of({"ip", "mark"}, 2, 0).field_count, 0);
  EXPECT_EQ(test_of({"set"}, 1, 0).field_count, 0);
  EXPECT_EQ(test_of({"mac"}, 1, 1).field_count, 0);
  EXPECT_EQ(test_of({"ip", "port"}, 1, 0).field_count, 0);
}

}  // namespace
}  // namespace untrack
