#include "parser/anonymize/snapshot.hpp"

#include <gtest/gtest.h>

#include <string>

#include "parser/anonymize/address_words.hpp"
#include "parser/anonymize/rule_names.hpp"

namespace untrack {
namespace {

constexpr anonymize::Key key{1, 2};

TEST(AddressWords, AreFoundWhereverTheyStand) {
  const anonymize::AddressMap map(key);
  const auto changed = [&](const std::string& text) { return with_addresses(text, map); };
  const std::string one = changed("198.51.100.7");
  const std::string other = changed("2001:db8::1:7");
  ASSERT_NE(one, "198.51.100.7");
  ASSERT_NE(other, "2001:db8::1:7");
  const std::string mac = changed("02:00:5e:10:00:01");
  ASSERT_NE(mac, "02:00:5e:10:00:01");
  EXPECT_EQ(changed("--to-destination 198.51.100.7:80-90"), "--to-destination " + one + ":80-90");
  EXPECT_EQ(changed("! -s 198.51.100.7/32 x"), "! -s " + one + "/32 x");
  EXPECT_EQ(changed("[2001:db8::1:7]:53"), "[" + other + "]:53");
  EXPECT_EQ(changed("src=198.51.100.7,dst=2001:db8::1:7"), "src=" + one + ",dst=" + other);
  EXPECT_EQ(changed("{ 198.51.100.7 : accept, 198.51.100.7: drop }"),
            "{ " + one + " : accept, " + one + ": drop }");
  EXPECT_EQ(changed("ether saddr 02:00:5e:10:00:01"), "ether saddr " + mac);
  for (const char* same :
       {"--dports 1024:65535", "12:30:45", "-m limit --limit 3/min", "127.0.0.1/8", "ff02::1",
        "1.2.3", "1.2.3.4.5", "a1.2.3.4", "0x0a:1", "rule ab::cd::ef"}) {
    EXPECT_EQ(changed(same), same);
  }
  // Of a network the bits of hosts are none.
  EXPECT_EQ(changed("198.51.100.0/24").substr(0, one.rfind('.')), one.substr(0, one.rfind('.')));
  EXPECT_TRUE(changed("198.51.100.0/24").ends_with(".0/24"));
  EXPECT_TRUE(changed("198.51.100.0/255.255.255.0").ends_with(".0/255.255.255.0"));
}

TEST(AddressWords, RefuseWhatOtherAddressesWouldNotMean) {
  anonymize::AddressMap map(key);
  EXPECT_EQ(learn_ranges("-s 10.1.2.0/24 -d 10.0.0.1/255.255.0.0", map), "");
  EXPECT_EQ(learn_ranges("-s 10.0.0.1/255.0.255.0", map), "10.0.0.1/255.0.255.0");
  EXPECT_EQ(learn_ranges("ip saddr & 0.0.0.255 == 0.0.0.7", map), "0.0.0.255");
  EXPECT_EQ(learn_ranges("ip6 saddr ^ ::1", map), "::1");
}

TEST(RuleNames, OfIptablesHaveTheirOptions) {
  anonymize::Names names(key);
  const std::string wg = names.of_interface("wg7");
  EXPECT_EQ(wg.substr(0, 2), names.of_interface("wg+").substr(0, 2));
  EXPECT_EQ(names.of_interface("lo"), "lo");
  EXPECT_EQ(with_iptables_names(
                "# made by the boss\n*filter\n:INPUT DROP [0:0]\n:boss - [0:0]\n"
                "-A INPUT -i wg7 -j boss\n-A INPUT -i lo -j DROP\n"
                "-A boss -m comment --comment \"a \\\" b\" -m set --match-set boss src -j LOG "
                "--log-prefix boss\n-A boss -m string --hex-string \"|41|\" --algo bm -g boss\n"
                "-A boss -m recent --name DEFAULT -m owner --uid-owner 7 -j SET --timeout 9\n",
                names),
            "#\n*filter\n:INPUT DROP [0:0]\n:chain1 - [0:0]\n-A INPUT -i " + wg +
                " -j chain1\n-A INPUT -i lo -j DROP\n"
                "-A chain1 -m comment --comment \"text1\" -m set --match-set set1 src -j LOG "
                "--log-prefix \"text2\"\n-A chain1 -m string --hex-string \"|7465787433|\" --algo "
                "bm -g chain1\n"
                "-A chain1 -m recent --name list1 -m owner --uid-owner 7 -j SET --timeout 9\n");
}

TEST(RuleNames, OfIpsetHaveTheirTypes) {
  anonymize::Names names(key);
  const std::string wg = names.of_interface("wg7");
  EXPECT_EQ(with_ipset_names("create boss hash:net,iface family inet\n"
                             "add boss 10.0.0.0/8,wg7 comment \"wg7\"\n"
                             "add boss 10.0.0.0/8,physdev:wg7\n"
                             "create all list:set size 8\nadd all boss\n",
                             names),
            "create set1 hash:net,iface family inet\n"
            "add set1 10.0.0.0/8," +
                wg + " comment \"text1\"\nadd set1 10.0.0.0/8,physdev:" + wg +
                "\ncreate set2 list:set size 8\nadd set2 set1\n");
}

TEST(RuleNames, OfNftHaveTheirPlaces) {
  anonymize::Names names(key);
  const std::string wg = names.of_interface("wg7");
  const std::string eth = names.of_interface("eth0");
  const std::string text =
      "table inet boss {\n\tset boss {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1 comment "
      "\"boss\" }\n\t}\n\tct helper ftpx {\n\t\ttype \"ftp\" protocol tcp\n\t}\n"
      "\tcounter seen {\n\t\tpackets 0 bytes 0\n\t}\n"
      "\tflowtable fast {\n\t\thook ingress priority filter\n\t\tdevices = { wg7, eth0 }\n\t}\n"
      "\tchain input {\n\t\ttype filter hook ingress device \"eth0\" priority filter; policy "
      "drop;\n\t\tcounter packets 0 bytes 0 jump boss\n\t\tct helper set \"ftpx\"\n"
      "\t\tlimit rate 3/minute accept\n\t\tcounter name \"seen\" flow add @fast\n"
      "\t\tip saddr @boss iifname { \"wg7\", \"lo\" } goto boss comment \"boss\"\n"
      "\t\t@th,16,16 22 iifname vmap { \"wg7\" : jump boss, \"eth0\" : drop }\n"
      "\t\tmeta mark 1 jump {\n\t\t\tip saddr 10.0.0.1 drop\n\t\t}\n"
      "\t\tlog prefix \"boss: \" meta hour \"12:00\"-\"13:00\"\n"
      "\t\tadd @boss { ip saddr }\n\t}\n\tchain boss {\n\t}\n}\n";
  const std::string expected =
      "table inet table1 {\n\tset set1 {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1 comment "
      "\"text1\" }\n\t}\n\tct helper object1 {\n\t\ttype \"ftp\" protocol tcp\n\t}\n"
      "\tcounter object2 {\n\t\tpackets 0 bytes 0\n\t}\n"
      "\tflowtable object3 {\n\t\thook ingress priority filter\n\t\tdevices = { " +
      wg + ", " + eth + " }\n\t}\n\tchain input {\n\t\ttype filter hook ingress device \"" + eth +
      "\" priority filter; policy drop;\n\t\tcounter packets 0 bytes 0 jump chain1\n"
      "\t\tct helper set \"object1\"\n"
      "\t\tlimit rate 3/minute accept\n\t\tcounter name \"object2\" flow add @object3\n"
      "\t\tip saddr @set1 iifname { \"" +
      wg + "\", \"lo\" } goto chain1 comment \"text1\"\n\t\t@th,16,16 22 iifname vmap { \"" + wg +
      "\" : jump chain1, \"" + eth +
      "\" : drop }\n\t\tmeta mark 1 jump {\n\t\t\tip saddr 10.0.0.1 drop\n\t\t}\n"
      "\t\tlog prefix \"text2\" meta hour \"12:00\"-\"13:00\"\n"
      "\t\tadd @set1 { ip saddr }\n\t}\n\tchain chain1 {\n\t}\n}\n";
  EXPECT_EQ(with_nft_names(text, names), expected);
}

Snapshot host() {
  Snapshot snapshot;
  snapshot.netns = "boss";
  snapshot.rules.texts = {{"live:nf_tables/inet/boss", "table inet boss {\n}\n"},
                          {"live:ip_tables/filter",
                           "# Generated by untrack from the running kernel, as iptables-save does\n"
                           "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 198.51.100.7/32 -j ACCEPT\n"
                           "-A INPUT -m iprange --src-range 198.51.100.3-198.51.100.9 -j DROP\n"
                           "COMMIT\n"}};
  snapshot.interfaces = {{"wg7", "wireguard", {"198.51.100.7/24"}}};
  snapshot.listening = {{"tcp", "198.51.100.7", 22}};
  snapshot.files = {{std::string(snapshot_file::entries), "src=198.51.100.7 dst=1.1.1.1\n", true}};
  snapshot.users = {{std::string(conntrack_user::namespaces),
                     ConntrackUser::State::used,
                     {"boss: 3 entries", "process 12: 4 entries"}}};
  return snapshot;
}

TEST(Anonymized, IsTheSameEverywhere) {
  const Anonymized other = anonymized(host(), key);
  ASSERT_TRUE(other.snapshot) << other.why_not;
  const Snapshot& hidden = *other.snapshot;
  EXPECT_TRUE(hidden.is_anonymized);
  EXPECT_EQ(hidden.netns, "netns1");
  EXPECT_EQ(hidden.rules.texts[0].name, "live:nf_tables/inet/table1");
  EXPECT_EQ(hidden.rules.texts[0].text, "table inet table1 {\n}\n");
  EXPECT_EQ(hidden.users[0].details[0], "netns1: 3 entries");
  EXPECT_EQ(hidden.users[0].details[1], "process 12: 4 entries");
  const std::string address = hidden.listening[0].address;
  EXPECT_NE(address, "198.51.100.7");
  EXPECT_EQ(hidden.interfaces[0].addresses[0], address + "/24");
  EXPECT_NE(hidden.interfaces[0].name, "wg7");
  EXPECT_NE(hidden.rules.texts[1].text.find("-s " + address + "/32 "), std::string::npos);
  EXPECT_TRUE(hidden.files[0].text.starts_with("src=" + address + " "));
  EXPECT_NE(anonymized(host(), {3, 4}).snapshot->listening[0].address, address);
}

TEST(Anonymized, SaysWhatItCannotReplace) {
  Snapshot snapshot = host();
  snapshot.rules.texts[1].text += "-A INPUT -s 10.0.0.1/255.0.255.0 -j DROP\n";
  const Anonymized other = anonymized(snapshot, key);
  EXPECT_FALSE(other.snapshot);
  EXPECT_NE(other.why_not.find("10.0.0.1/255.0.255.0"), std::string::npos) << other.why_not;
}

}  // namespace
}  // namespace untrack
