#include "analysis/program/translated_status.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

struct Case {
  std::string_view name;
  std::string_view text;
  Format format;
  std::string_view says;  // of the rules' parts: which are met by nothing; whether nat is unseen
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

std::string said(const Ruleset& ruleset) {
  std::string text;
  for (const RulePart& part : ruleset.parts) {
    if (translation_asked(ruleset, part).empty()) continue;
    text += asks_in_vain(ruleset, IpVersion::ipv4, part) ? "in vain" : "asked";
    text += ", ";
  }
  return text + (asks_of_unseen_translation(ruleset, IpVersion::ipv4) ? "unseen" : "seen");
}

constexpr std::string_view no_rules = "*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n";
constexpr std::string_view asks = "*filter\n:INPUT ACCEPT\n-A INPUT -m conntrack --ctstate DNAT\n";

const std::string nft_asks =
    "table ip f { chain i { type filter hook input priority 0; ct status dnat accept; }\n}\n";
const std::string nft_nat = "table ip n { chain p { type nat hook prerouting priority -100; }\n}\n";

const std::string texts[] = {
    std::string(asks) + "COMMIT\n",
    std::string(no_rules) + std::string(asks) + "COMMIT\n",
    "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -j DNAT --to-destination 10.0.0.2\nCOMMIT\n" +
        std::string(asks) + "COMMIT\n",
    "*nat\n:POSTROUTING ACCEPT\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n" + std::string(asks) +
        "COMMIT\n",
    std::string(no_rules) +
        "*filter\n:INPUT ACCEPT\n-A INPUT -m conntrack ! --ctstate DNAT\n"
        "-A INPUT -m conntrack --ctstate DNAT,NEW\nCOMMIT\n",
    nft_asks,
    nft_nat + nft_asks,
    "table ip6 n { chain p { type nat hook prerouting priority -100; }\n}\n" + nft_asks,
    nft_nat +
        "table ip f { chain i { type filter hook input priority 0; ct status snat,dnat "
        "accept; ct status != dnat drop; ct status assured accept; }\n}\n",
    nft_nat + "table ip o { chain p { type nat hook output priority 0; dnat to 10.0.0.2; }\n}\n" +
        nft_asks,
};

const Case cases[] = {
    {"no_nat_given", texts[0], Format::iptables_save, "asked, unseen"},
    {"nat_without_rules", texts[1], Format::iptables_save, "in vain, seen"},
    {"dnat", texts[2], Format::iptables_save, "asked, seen"},
    {"masquerade_gives_no_dnat", texts[3], Format::iptables_save, "in vain, seen"},
    {"more_than_that_is_asked", texts[4], Format::iptables_save, "seen"},
    {"nft_no_nat_given", texts[5], Format::nft_script, "asked, unseen"},
    {"nft_nat_without_rules", texts[6], Format::nft_script, "in vain, seen"},
    {"nft_nat_of_the_other_family", texts[7], Format::nft_script, "asked, unseen"},
    {"nft_other_status", texts[8], Format::nft_script, "seen"},
    {"nft_dnat", texts[9], Format::nft_script, "asked, seen"},
};

class TranslatedStatus : public testing::TestWithParam<Case> {};

TEST_P(TranslatedStatus, IsAsked) {
  const auto made = read_ruleset(GetParam().text, GetParam().format);
  EXPECT_EQ(said(made->ruleset), GetParam().says) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Rules, TranslatedStatus, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace untrack
