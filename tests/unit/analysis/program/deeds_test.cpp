#include "analysis/program/deeds.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

ConstructId target_of(const Ruleset& ruleset) {
  ConstructId found;
  for (std::size_t i = 0; i < ruleset.constructs.size(); ++i) {
    if (ruleset.constructs[i].kind == catalog::ExtensionKind::target) found = ConstructId(i);
  }
  return found;
}

std::unique_ptr<ReadRuleset> read_nat(std::string_view rule) {
  return read_ruleset("*mangle\n:PREROUTING ACCEPT\n*nat\n:PREROUTING ACCEPT\n-A PREROUTING " +
                          std::string(rule) + "\nCOMMIT\n",
                      Format::iptables_save);
}

std::unique_ptr<ReadRuleset> read_nft_nat(std::string_view rule) {
  return read_ruleset("table ip t {\n chain p { type nat hook prerouting priority -100; " +
                          std::string(rule) + "; }\n}\n",
                      Format::nft_script);
}

std::unique_ptr<ReadRuleset> read_any(std::string_view rule) {
  return rule.starts_with('-') ? read_nat(rule) : read_nft_nat(rule);
}

struct Pair {
  std::string_view name;
  std::string_view before;
  std::string_view after;
  Likeness likeness;
};
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.name; }

using enum Likeness;
const Pair pairs[] = {
    {"same", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "-p tcp -j DNAT --to-destination 192.0.2.1", same},
    {"matches_of_packets_are_not_compared", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "-p udp -j DNAT --to-destination 192.0.2.1", same},
    {"elsewhere", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "-p tcp -j DNAT --to-destination 192.0.2.2", different},
    {"other_port", "-p tcp -j DNAT --to-destination 192.0.2.1:80",
     "-p tcp -j DNAT --to-destination 192.0.2.1:81", different},
    {"a_port_more", "-p tcp -j DNAT --to-destination 192.0.2.1:80",
     "-p tcp -j DNAT --to-destination 192.0.2.1", different},
    {"leads_alike_in_other_words", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "-p tcp -j DNAT --to-destination 192.0.2.1-192.0.2.1", perhaps},
    {"redirect_for_dnat", "-p tcp -j REDIRECT --to-ports 80",
     "-p tcp -j DNAT --to-destination 192.0.2.1:80", different},
    {"of_two_languages", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "ip protocol tcp dnat to 192.0.2.1", perhaps},
    {"of_two_languages_elsewhere", "-p tcp -j DNAT --to-destination 192.0.2.1",
     "ip protocol tcp dnat to 192.0.2.2", different},
    {"nft_same", "tcp dport 80 dnat to 192.0.2.1", "tcp dport 80 dnat to 192.0.2.1", same},
    {"nft_port", "tcp dport 80 dnat to 192.0.2.1:80", "tcp dport 80 dnat to 192.0.2.1:81",
     different},
    {"nft_map", "dnat to tcp dport map { 80 : 192.0.2.1, 81 : 192.0.2.2 }",
     "dnat to tcp dport map { 80 : 192.0.2.2, 81 : 192.0.2.1 }", perhaps},
    {"nft_map_to_others", "dnat to tcp dport map { 80 : 192.0.2.1, 81 : 192.0.2.2 }",
     "dnat to tcp dport map { 80 : 192.0.2.3, 81 : 192.0.2.4 }", perhaps},
    {"connmark_words", "-j CONNMARK --set-mark 1", "-j CONNMARK --set-mark 2", different},
    {"connmark_same", "-j CONNMARK --save-mark --nfmask 1 --ctmask 2",
     "-j CONNMARK --save-mark --ctmask 2 --nfmask 1", same},
    {"nft_mark_words", "ct mark set 1", "ct mark set 0x1", perhaps},
    {"mark_of_two_languages", "-j CONNMARK --set-mark 1", "ct mark set 1", perhaps},
    {"nft_zone_for_timeout", "ct zone set 1", "ct timeout set \"t\"", different},
    {"mark_for_label", "-j CONNMARK --set-mark 1", "-j CT --zone 1", different},
    {"entries_asked_otherwise", "-m connmark --mark 1 -j CONNMARK --set-mark 2",
     "-m connmark --mark 3 -j CONNMARK --set-mark 2", perhaps},
    {"tuple_asked_otherwise", "-m conntrack --ctproto 6 -j CONNMARK --set-mark 2",
     "-m conntrack --ctproto 17 -j CONNMARK --set-mark 2", perhaps},
    {"state_asked_otherwise", "-m conntrack --ctstate NEW -j CONNMARK --set-mark 2",
     "-m conntrack --ctstate ESTABLISHED -j CONNMARK --set-mark 2", same},
    {"entries_asked_in_other_order",
     "-m connmark --mark 1 -m connbytes --connbytes 9: --connbytes-dir both --connbytes-mode bytes "
     "-j CONNMARK --set-mark 2",
     "-m connbytes --connbytes 9: --connbytes-dir both --connbytes-mode bytes -m connmark --mark 1 "
     "-j CONNMARK --set-mark 2",
     same},
};

class CompareDeeds : public testing::TestWithParam<Pair> {};
TEST_P(CompareDeeds, TellsWhetherTwoDoTheSame) {
  const auto before = read_any(GetParam().before);
  const auto after = read_any(GetParam().after);
  const ConstructId one = target_of(before->ruleset);
  const ConstructId other = target_of(after->ruleset);
  ASSERT_TRUE(one.names_something() && other.names_something());
  EXPECT_EQ(compare_deeds(before->ruleset, one, after->ruleset, other), GetParam().likeness);
  EXPECT_EQ(compare_deeds(after->ruleset, other, before->ruleset, one), GetParam().likeness);
}
INSTANTIATE_TEST_SUITE_P(Table, CompareDeeds, testing::ValuesIn(pairs),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DeedText, SortsOptionsAndKeepsNegations) {
  const auto read = read_filter("-A INPUT -m recent ! --rcheck --name b --seconds 3\n");
  EXPECT_EQ(deed_text(read->ruleset, read->ruleset.constructs.front()),
            "recent ! --rcheck --name b --seconds 3");
  const auto other = read_filter("-A INPUT -m recent --seconds 3 ! --rcheck --name b\n");
  EXPECT_EQ(deed_text(other->ruleset, other->ruleset.constructs.front()),
            "recent ! --rcheck --name b --seconds 3");
}

TEST(DeedText, IsOfNftItsOwnWords) {
  const auto read = read_nft_nat("ct mark set 7");
  EXPECT_EQ(deed_text(read->ruleset, read->ruleset[target_of(read->ruleset)]), "ct mark set 7");
}

}  // namespace
}  // namespace untrack
