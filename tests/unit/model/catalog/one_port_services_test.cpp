#include "model/catalog/one_port_services.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/check.hpp"
#include "analysis/checks/list.hpp"

namespace untrack::catalog {
namespace {

TEST(OnePortServices, StandInOrderWithTheirEvidence) {
  unsigned next = 0;
  for (const OnePortService& row : one_port_services()) {
    EXPECT_GE(row.first_port, next) << row.name;
    EXPECT_GE(row.last_port, row.first_port) << row.name;
    EXPECT_FALSE(row.evidence.empty()) << row.name;
    next = row.last_port + 1U;
  }
}

// What the check is silent about, its own page names.
TEST(OnePortServices, AreNamedByTheCheckThatLeavesThemOut) {
  const std::string_view page = checks::notrack_one_direction.why;
  ASSERT_FALSE(one_port_services().empty());
  for (const OnePortService& row : one_port_services()) {
    EXPECT_NE(page.find(row.name), std::string_view::npos) << row.name;
  }
}

// The evidence beside each row of the table says why: nobody answers NetFlow, sFlow and syslog.
TEST(OnePortServices, SayOfEachPortWhetherItAnswers) {
  const auto row_of = [](unsigned port) {
    return *std::ranges::find_if(one_port_services(), [port](const OnePortService& row) {
      return row.first_port <= port && port <= row.last_port;
    });
  };
  for (const unsigned port : {514U, 2055U, 6343U}) {
    ASSERT_TRUE(std::ranges::any_of(one_port_services(), [port](const OnePortService& row) {
      return row.first_port == port && row.last_port == port;
    })) << port;
    EXPECT_EQ(row_of(port).answers, Answers::none) << port;
  }
  EXPECT_EQ(row_of(67).answers, Answers::on_one_port);
  EXPECT_EQ(row_of(5353).answers, Answers::on_one_port);
}

// The list that the recheck has for itself, as docs/assumptions.md says.
TEST(OnePortServices, AreAskedFromTheirPortWhereTheyAnswerOnIt) {
  constexpr std::uint16_t expected[] = {67, 68, 123, 137, 138, 500, 4500, 5353};
  EXPECT_TRUE(std::ranges::equal(symmetric_ports(), expected));
}

}  // namespace
}  // namespace untrack::catalog
