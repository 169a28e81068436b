#include "analysis/program/side_work.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

using Texts = std::vector<std::string>;

std::unique_ptr<ReadRuleset> read_nft(std::string_view declared, std::string_view rules) {
  return read_ruleset("table ip t {\n" + std::string(declared) +
                          "\n chain i { type filter hook input priority 0;\n" + std::string(rules) +
                          "\n }\n}\n",
                      Format::nft_script);
}

constexpr std::string_view nft_sets =
    " set s { type ipv4_addr; flags dynamic; }\n set other { type ipv4_addr; flags dynamic; }\n"
    " chain c { }\n map m { type ipv4_addr : verdict; }\n map n { type ipv4_addr : mark; }\n"
    " map p { type ipv4_addr : ipv4_addr; }\n";

std::unique_ptr<ReadRuleset> read_any(std::string_view rules) {
  return rules.starts_with('-') ? read_filter(rules) : read_nft(nft_sets, rules);
}

SideWorkOfBoth work_between(const Ruleset& before, const Ruleset& after) {
  FreeVariables variables;
  const Program old_program(before, IpVersion::ipv4, true, variables);
  const Program new_program(after, IpVersion::ipv4, true, variables);
  return side_work_of(old_program, new_program);
}

Texts texts_of(const SideWorks& works) {
  Texts all;
  for (const auto& [rule, list] : works) {
    for (const SideWork& work : list)
      all.push_back((work.kind == SideWorkKind::proxies ? "proxy: " : "") + work.text);
  }
  return all;
}

struct Case {
  std::string_view name;
  std::string_view rules;
  Texts memories;
  Texts works;
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

const Case cases[] = {
    {"nothing", "-A INPUT -p tcp -j ACCEPT\n", {}, {}},
    // recent
    {"recent_filled_and_asked",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     {"recent a"},
     {"recent --name a --set"}},
    {"recent_filled_and_not_asked", "-A INPUT -m recent --set --name a\n", {}, {}},
    {"recent_asked_and_not_filled", "-A INPUT -m recent --rcheck --name a -j DROP\n", {}, {}},
    {"recent_of_another_name",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name b -j DROP\n",
     {},
     {}},
    {"recent_update_does_both",
     "-A INPUT -m recent --update --seconds 9 --name a -j DROP\n",
     {"recent a"},
     {"recent --name a --seconds 9 --update"}},
    {"recent_remove_does_both",
     "-A INPUT -m recent --remove --name a -j DROP\n",
     {"recent a"},
     {"recent --name a --remove"}},
    {"recent_reap",
     "-A INPUT -m recent --rcheck --reap --seconds 9 --name a -j DROP\n",
     {"recent a"},
     {"recent --name a --rcheck --reap --seconds 9"}},
    {"recent_without_a_name",
     "-A INPUT -m recent --set\n-A INPUT -m recent --rcheck --name DEFAULT -j DROP\n",
     {"recent DEFAULT"},
     {"recent --set"}},
    // ipsets
    {"set_target",
     "-A INPUT -j SET --add-set s src\n-A INPUT -m set --match-set s src -j DROP\n",
     {"ipset s"},
     {"SET --add-set s src"}},
    {"set_target_that_deletes",
     "-A INPUT -j SET --del-set s src\n-A INPUT -m set --match-set s src -j DROP\n",
     {"ipset s"},
     {"SET --del-set s src"}},
    // It asks, and fills nothing.
    {"set_target_that_maps",
     "-A INPUT -j SET --map-set s src\n-A INPUT -m set --match-set s src -j DROP\n",
     {},
     {}},
    {"set_target_that_maps_what_is_filled",
     "-A INPUT -j SET --add-set s src\n-A INPUT -j SET --map-set s src --map-mark\n",
     {"ipset s"},
     {"SET --add-set s src"}},
    // Of a set that is not given nobody knows whether it holds others.
    {"set_that_may_hold_the_other",
     "-A INPUT -j SET --add-set s src\n-A INPUT -m set --match-set all src -j DROP\n",
     {"ipset s"},
     {"SET --add-set s src"}},
    {"set_target_alone", "-A INPUT -j SET --add-set s src\n", {}, {}},
    // Estimators of rates
    {"estimator_filled_and_asked",
     "-A INPUT -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 8s\n"
     "-A INPUT -m rateest --rateest a --rateest-gt --rateest-bps 1mbit -j DROP\n",
     {"rateest a"},
     {"RATEEST --rateest-ewmalog 8s --rateest-interval 1s --rateest-name a"}},
    {"estimator_asked_second",
     "-A INPUT -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 8s\n"
     "-A INPUT -m rateest --rateest1 b --rateest-lt --rateest2 a -j DROP\n",
     {"rateest a"},
     {"RATEEST --rateest-ewmalog 8s --rateest-interval 1s --rateest-name a"}},
    {"estimator_of_another_name",
     "-A INPUT -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 8s\n"
     "-A INPUT -m rateest --rateest b --rateest-gt --rateest-bps 1mbit -j DROP\n",
     {},
     {}},
    // nft
    {"nft_add",
     "add @s { ip saddr }\nip saddr @s drop",
     {"set ip t s"},
     {"add @s { ip saddr } of ip t"}},
    {"nft_update_with_timeout",
     "update @s { ip saddr timeout 5s }\nip saddr @s drop",
     {"set ip t s"},
     {"update @s { ip saddr timeout 5s } of ip t"}},
    {"nft_asked_by_another_rule_alone", "add @s { ip saddr }\nip saddr @other drop", {}, {}},
    // What is written as a look-up, and what is not understood of it.
    {"nft_asked_in_a_key_of_its_own",
     "add @s { ip saddr }\nip saddr & 255.255.255.0 @s drop",
     {"set ip t s"},
     {"add @s { ip saddr } of ip t"}},
    {"nft_asked_beside_the_entry",
     "add @s { ip saddr }\nct original ip saddr @s drop",
     {"set ip t s"},
     {"add @s { ip saddr } of ip t"}},
    {"nft_asked_by_a_statement",
     "add @n { ip saddr : 7 }\nct mark set ip saddr map @n",
     {"set ip t n"},
     {"add @n { ip saddr : 7 } of ip t"}},
    {"nft_asked_by_a_proxy",
     "add @p { ip saddr : 192.0.2.7 }\ntcp dport 80 tproxy to ip saddr map @p",
     {"set ip t p"},
     {"add @p { ip saddr : 192.0.2.7 } of ip t", "proxy: tproxy to ip saddr map @p"}},
    {"nft_asked_by_a_vmap_that_is_not_followed",
     "add @m { ip saddr : drop }\nip saddr & 255.255.255.0 vmap @m",
     {"set ip t m"},
     {"add @m { ip saddr : drop } of ip t"}},
    {"nft_asked_by_vmap",
     "add @m { ip saddr : drop }\nip saddr vmap @m",
     {"set ip t m"},
     {"add @m { ip saddr : drop } of ip t"}},
};

class SideWorkOf : public testing::TestWithParam<Case> {};
TEST_P(SideWorkOf, OneRulesetTwice) {
  const auto before = read_any(GetParam().rules);
  const auto after = read_any(GetParam().rules);
  const SideWorkOfBoth found = work_between(before->ruleset, after->ruleset);
  EXPECT_EQ(found.memories, GetParam().memories);
  EXPECT_EQ(texts_of(found.works[0]), GetParam().works);
  EXPECT_EQ(texts_of(found.works[1]), GetParam().works);
}
INSTANTIATE_TEST_SUITE_P(Table, SideWorkOf, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

// What one ruleset fills and the other asks counts in both.
TEST(SideWork, IsOfBothRulesets) {
  const auto fills = read_filter("-A INPUT -m recent --set --name a\n");
  const auto asks = read_filter("-A INPUT -m recent --rcheck --name a -j DROP\n");
  const SideWorkOfBoth found = work_between(fills->ruleset, asks->ruleset);
  EXPECT_EQ(found.memories, Texts{"recent a"});
  EXPECT_EQ(texts_of(found.works[0]), Texts{"recent --name a --set"});
  EXPECT_TRUE(found.works[1].empty());
}

TEST(SideWork, KnowsAListOfSetsAndASetOfAddresses) {
  const auto with_sets = [](std::string_view declared) {
    auto made = std::make_unique<ReadRuleset>();
    const std::array inputs{
        Input{made->sources.add("sets", std::string(declared)), Format::ipset_save, std::nullopt},
        Input{made->sources.add("rules",
                                "*filter\n:INPUT ACCEPT\n-A INPUT -j SET --add-set s src\n"
                                "-A INPUT -m set --match-set all src -j DROP\nCOMMIT\n"),
              Format::iptables_save, IpVersion::ipv4}};
    made->ruleset = parse(made->sources, inputs);
    resolve(made->ruleset);
    return work_between(made->ruleset, made->ruleset).memories;
  };
  EXPECT_EQ(with_sets("create s hash:ip\ncreate all list:set\nadd all s\n"), Texts{"ipset s"});
  EXPECT_EQ(with_sets("create s hash:ip\ncreate all hash:ip\n"), Texts{});
}

// Two tables may each have a set of one name.
TEST(SideWork, TellsSetsOfNftApartByTheirTable) {
  const std::string_view two =
      "table ip a {\n set s { type ipv4_addr; flags dynamic; }\n"
      " chain i { type filter hook input priority 0; add @s { ip saddr }; }\n}\n"
      "table ip b {\n set s { type ipv4_addr; flags dynamic; }\n"
      " chain i { type filter hook input priority 1; ip saddr @s drop; }\n}\n";
  const auto read = read_ruleset(two, Format::nft_script);
  EXPECT_EQ(work_between(read->ruleset, read->ruleset).memories, Texts{});
}

TEST(SideWork, LeavesOutTablesThatSleep) {
  const std::string_view sleeping =
      "table ip a {\n flags dormant;\n set s { type ipv4_addr; flags dynamic; }\n"
      " chain i { type filter hook input priority 0; add @s { ip saddr }; ip saddr @s drop; }\n}\n";
  const auto read = read_ruleset(sleeping, Format::nft_script);
  EXPECT_EQ(work_between(read->ruleset, read->ruleset).memories, Texts{});
}

TEST(SideWork, KnowsProxies) {
  const auto of_iptables = read_ruleset(
      "*mangle\n:PREROUTING ACCEPT\n"
      "-A PREROUTING -p tcp -j TPROXY --on-port 3128 --on-ip 127.0.0.1\nCOMMIT\n",
      Format::iptables_save);
  EXPECT_EQ(texts_of(work_between(of_iptables->ruleset, of_iptables->ruleset).works[0]),
            Texts{"proxy: TPROXY --on-ip 127.0.0.1 --on-port 3128"});
  const auto of_nft = read_ruleset(
      "table ip t { chain p { type filter hook prerouting priority -150; tcp dport 80 tproxy to "
      ":3128; }; }\n",
      Format::nft_script);
  EXPECT_EQ(texts_of(work_between(of_nft->ruleset, of_nft->ruleset).works[0]),
            Texts{"proxy: tproxy to :3128"});
}

// What stands in front of the part in its rule is asked before it is done.
TEST(SideWork, StandsAtItsPart) {
  const auto read = read_filter(
      "-A INPUT -p tcp -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n");
  const SideWorkOfBoth found = work_between(read->ruleset, read->ruleset);
  ASSERT_EQ(found.works[0].size(), 1U);
  const SideWork& work = found.works[0].begin()->second.front();
  EXPECT_EQ(work.part, read->ruleset.rules.front().parts.first + 1);
}

struct Order {
  std::string_view name;
  std::string_view before;
  std::string_view after;
  std::string_view memory;
};
void PrintTo(const Order& order, std::ostream* out) { *out << order.name; }

const Order orders[] = {
    {"same", "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n", ""},
    {"others_between",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     "-A INPUT -m recent --set --name a\n-A INPUT -p tcp\n-A INPUT -m recent --rcheck --name a -j "
     "DROP\n",
     ""},
    {"exchanged",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     "-A INPUT -m recent --rcheck --name a -j DROP\n-A INPUT -m recent --set --name a\n",
     "recent a"},
    // Asked twice in a row is asked once.
    {"asked_twice",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     "-A INPUT -m recent --set --name a\n-A INPUT -p tcp -m recent --rcheck --name a -j DROP\n"
     "-A INPUT -m recent --rcheck --name a -j DROP\n",
     ""},
    {"of_another_list",
     "-A INPUT -m recent --set --name a\n-A INPUT -m recent --rcheck --name a -j DROP\n",
     "-A INPUT -m recent --rcheck --name b -j DROP\n-A INPUT -m recent --set --name a\n-A INPUT -m "
     "recent --rcheck --name a -j DROP\n",
     ""},
    {"of_a_set_that_may_be_in_another",
     "-A INPUT -j SET --add-set s src\n-A INPUT -m set --match-set all src -j DROP\n",
     "-A INPUT -m set --match-set all src -j DROP\n-A INPUT -j SET --add-set s src\n", "ipset s"},
    {"nft_same", "jump c\nadd @s { ip saddr }\nip saddr @s drop",
     "add @s { ip saddr }\njump c\nip saddr @s drop", ""},
    {"nft_exchanged", "ip saddr @s drop\nadd @s { ip saddr }",
     "add @s { ip saddr }\nip saddr @s drop", "set ip t s"},
};

class ReorderedMemory : public testing::TestWithParam<Order> {};
TEST_P(ReorderedMemory, IsNamed) {
  const auto before = read_any(GetParam().before);
  const auto after = read_any(GetParam().after);
  FreeVariables variables;
  const Program one(before->ruleset, IpVersion::ipv4, false, variables);
  const Program other(after->ruleset, IpVersion::ipv4, false, variables);
  const auto memories = work_between(before->ruleset, after->ruleset).memories;
  EXPECT_EQ(reordered_memory(one, other, Path::in, memories), GetParam().memory);
  EXPECT_EQ(reordered_memory(other, one, Path::in, memories), GetParam().memory);
  // No chain of this way fills or asks.
  EXPECT_EQ(reordered_memory(one, other, Path::out, memories), "");
}
INSTANTIATE_TEST_SUITE_P(Table, ReorderedMemory, testing::ValuesIn(orders),
                         [](const auto& test) { return std::string(test.param.name); });

// A chain that is met again is met in its place.
TEST(ReorderedMemoryOfChains, FollowsJumps) {
  const auto with = [](std::string_view rules) {
    return read_nft(
        " set s { type ipv4_addr; flags dynamic; }\n chain fill { add @s { ip saddr }; }\n"
        " chain ask { ip saddr @s drop; }\n chain empty { counter; }\n",
        rules);
  };
  const auto differs = [&](std::string_view a, std::string_view b) {
    const auto before = with(a);
    const auto after = with(b);
    FreeVariables variables;
    const Program one(before->ruleset, IpVersion::ipv4, false, variables);
    const Program other(after->ruleset, IpVersion::ipv4, false, variables);
    const auto memories = work_between(before->ruleset, after->ruleset).memories;
    return !reordered_memory(one, other, Path::in, memories).empty();
  };
  EXPECT_FALSE(differs("jump fill; jump ask;", "jump fill; jump empty; jump ask; jump empty;"));
  EXPECT_TRUE(differs("jump fill; jump ask;", "jump ask; jump fill;"));
  EXPECT_TRUE(differs("jump ask; jump fill; jump ask;", "jump ask; jump fill;"));
}

}  // namespace
}  // namespace untrack
