#include "parser/anonymize/names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace untrack {
namespace {

// What is turned into what may be learned from the name alone: letters, digits and signs.
TEST(AnonymousNames, OfInterfacesKeepTheirShape) {
  const std::string name = "Ab_3.zZ-09+";
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const std::string other = anonymize::Names({seed, 2}).of_interface(name);
    ASSERT_EQ(other.size(), name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
      const auto is = [&](char first, char last) {
        return std::pair(first <= name[i] && name[i] <= last,
                         first <= other[i] && other[i] <= last);
      };
      for (const auto& [was, is_now] : {is('a', 'z'), is('A', 'Z'), is('0', '9')}) {
        EXPECT_EQ(was, is_now) << other << " at " << i;
      }
      if (std::string_view("_.-+").find(name[i]) != std::string_view::npos) {
        EXPECT_EQ(other[i], name[i]);
      }
    }
  }
}

}  // namespace
}  // namespace untrack
