#include "model/beside_tracker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

struct Case {
  std::string_view name;
  std::string_view base;
  std::string_view rules;
  bool depends;
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

constexpr std::string_view beside = "type filter hook prerouting priority -200";
const Case cases[] = {
    {"untracks", beside, "udp dport 53 notrack;", true},
    {"asks_the_state", beside, "ct state new drop;", true},
    {"asks_the_entry", beside, "ct mark 1 drop;", true},
    {"in_another_chain", beside, "jump other;", true},
    {"in_a_chain_of_a_map", beside, "udp dport vmap { 53 : jump other };", true},
    {"of_output", "type filter hook output priority -200", "udp dport 53 notrack;", true},
    {"of_route", "type route hook output priority -200", "udp dport 53 notrack;", true},
    {"by_its_name", "type filter hook prerouting priority raw + 100", "udp dport 53 notrack;",
     true},
    {"nothing_of_tracking", beside, "udp dport 53 drop;", false},
    {"a_chain_without", beside, "jump harmless;", false},
    {"a_chain_that_calls_itself", beside, "jump round;", false},
    {"ahead", "type filter hook prerouting priority -201", "udp dport 53 notrack;", false},
    {"behind", "type filter hook prerouting priority -199", "udp dport 53 notrack;", false},
    // conntrack has no hook of that priority there.
    {"of_input", "type filter hook input priority -200", "ct state new drop;", false},
    {"of_forward", "type filter hook forward priority -200", "ct state new drop;", false},
    // All chains of nat stand behind one function, at -100.
    {"of_nat", "type nat hook prerouting priority -200", "ct state new dnat to 192.0.2.1;", false},
};

class BesideTracker : public testing::TestWithParam<Case> {};
TEST_P(BesideTracker, DependsOnTheOrder) {
  Sources sources;
  const std::string text =
      "table ip t {\n chain other { udp dport 53 notrack; }\n chain harmless { drop; }\n"
      " chain round { jump round; }\n chain p { " +
      std::string(GetParam().base) + "; " + std::string(GetParam().rules) + " }\n}\n";
  const std::array inputs{Input{sources.add("rules", text), Format::nft_script, std::nullopt}};
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  bool found = false;
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    found = found || depends_on_tracker_order(ruleset, ChainId(i));
  }
  EXPECT_EQ(found, GetParam().depends);
}
INSTANTIATE_TEST_SUITE_P(Table, BesideTracker, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace untrack
