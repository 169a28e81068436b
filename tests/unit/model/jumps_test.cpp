#include "model/jumps.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

constexpr const char* calls =
    "table inet t {\n"
    "  map verdicts { type inet_service : verdict; elements = { 22 : jump deep, 23 : drop }; }\n"
    "  chain deep { goto round; }\n"
    "  chain round { jump round; }\n"
    "  chain near { jump deep; jump deep; }\n"
    "  chain nobody { jump near; }\n"
    "  chain input {\n"
    "    type filter hook input priority 0;\n"
    "    jump near;\n"
    "    tcp dport vmap @verdicts;\n"
    "    udp dport vmap { 53 : jump deep, 54 : goto near };\n"
    "  }\n"
    "}\n";

class CalledChains : public testing::Test {
 protected:
  CalledChains() {
    const std::vector<Input> inputs{
        {sources_.add("calls.nft", calls), Format::nft_script, IpVersion::ipv4}};
    ruleset_ = parse(sources_, inputs);
    resolve(ruleset_);
  }

  [[nodiscard]] ChainId chain(std::string_view name) const {
    for (std::size_t i = 0; i < ruleset_.chains.size(); ++i) {
      if (ruleset_.chains[i].name == name) return ChainId(i);
    }
    return {};
  }

  [[nodiscard]] std::string called_from(std::vector<ChainId> first) const {
    std::string names;
    for (const ChainId id : with_called_chains(ruleset_, first)) {
      names += names.empty() ? "" : " ";
      names += ruleset_[id].name;
    }
    return names;
  }

  Sources sources_;
  Ruleset ruleset_;
};

TEST_F(CalledChains, AreEachFoundOnce) {
  EXPECT_EQ(called_from({chain("input")}), "input near deep round");
  EXPECT_EQ(called_from({chain("round")}), "round");
  EXPECT_EQ(called_from({chain("deep"), chain("input")}), "deep input round near");
  EXPECT_EQ(called_from({}), "");
}

TEST_F(CalledChains, ComeAsOftenAsTheyAreCalled) {
  std::string names;
  for (const RuleId rule : ruleset_[chain("input")].rules) {
    for_each_called_chain(ruleset_, rule, [&](ChainId called) {
      names += names.empty() ? "" : " ";
      names += ruleset_[called].name;
    });
  }
  EXPECT_EQ(names, "near deep deep near");
}

TEST(CalledChain, ThatIsInNoInputIsLeftOut) {
  Sources sources;
  const std::vector<Input> inputs{
      {sources.add("rules", "*filter\n:INPUT ACCEPT\n-A INPUT -j ELSEWHERE\nCOMMIT\n"),
       Format::iptables_save, IpVersion::ipv4}};
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  for_each_called_chain(ruleset, RuleId(0), [](ChainId) { FAIL(); });
}

}  // namespace
}  // namespace untrack
