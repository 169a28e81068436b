#include "analysis/program/ipset_names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

// What counts packets of an element answers otherwise from one packet of a flow to the next.
TEST(IpsetQuestion, TellsWhetherCountersAreAsked) {
  const auto asked = [](const std::string& options) {
    const auto read = read_filter("-A INPUT -m set --match-set guests src " + options + "\n");
    const IpsetQuestion found = ipset_question(read->ruleset, read->ruleset.parts.front());
    return std::pair(std::string(found.name), found.asks_counters);
  };
  for (const char* options : {"--packets-gt 5", "--packets-lt 5", "--packets-eq 5", "--bytes-gt 5",
                              "--bytes-lt 5", "! --bytes-eq 5"}) {
    EXPECT_EQ(asked(options).first, "guests") << options;
    EXPECT_TRUE(asked(options).second) << options;
  }
  EXPECT_EQ(asked("--return-nomatch").first, "guests");
  EXPECT_FALSE(asked("--return-nomatch").second);
}

}  // namespace
}  // namespace untrack
