#include "analysis/program/tracking_place.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

// A table with base chains ahead of tracking and behind it, and what is told of its chain "asked".
TrackingPlace place_in(std::string_view ahead, std::string_view behind,
                       std::string_view more = "") {
  const auto read = read_ruleset(
      "table inet t {\n" + std::string(more) +
          " chain asked { counter; }\n chain between { jump asked; }\n" +
          " chain p { type filter hook prerouting priority raw; " + std::string(ahead) + " }\n" +
          " chain i { type filter hook input priority filter; " + std::string(behind) + " }\n}\n",
      Format::nft_script);
  for (std::size_t i = 0; i < read->ruleset.chains.size(); ++i) {
    if (read->ruleset.chains[i].name == "asked") return tracking_place(read->ruleset, ChainId(i));
  }
  ADD_FAILURE() << "no chain";
  return TrackingPlace::either;
}

TEST(TrackingPlace, IsThatOfTheBaseChainsThatLeadThere) {
  EXPECT_EQ(place_in("jump asked;", ""), TrackingPlace::ahead);
  EXPECT_EQ(place_in("", "jump asked;"), TrackingPlace::behind);
  EXPECT_EQ(place_in("jump asked;", "jump asked;"), TrackingPlace::either);
}

TEST(TrackingPlace, FollowsChainsBetweenAndMaps) {
  EXPECT_EQ(place_in("jump between;", ""), TrackingPlace::ahead);
  EXPECT_EQ(place_in("", "tcp dport vmap { 22 : jump between };"), TrackingPlace::behind);
  EXPECT_EQ(place_in("tcp dport vmap { 22 : jump asked };", "jump between;"),
            TrackingPlace::either);
}

TEST(TrackingPlace, IsEitherWhereNothingTells) {
  EXPECT_EQ(place_in("", ""), TrackingPlace::either);
  // Elements that come at run time may lead anywhere.
  EXPECT_EQ(place_in("", "jump asked;", " map m { type inet_service : verdict; flags timeout; }\n"),
            TrackingPlace::either);
}

}  // namespace
}  // namespace untrack
