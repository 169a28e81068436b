#include "parser/snapshot.hpp"

#include <gtest/gtest.h>

#include <string>

#include "report/snapshot_json.hpp"

namespace untrack {
namespace {

Snapshot full() {
  Snapshot snapshot;
  snapshot.kernel = "6.1.0-56-amd64";
  snapshot.machine = "x86_64";
  snapshot.netns = "web";
  snapshot.loads_modules = true;
  snapshot.rules = {{{"live:ip_set", "create a hash:ip\n"}, {"live:x", "\xff\xfe \xc3\xa9 \x01"}},
                    {"nftables: none"},
                    {"table nat"}};
  snapshot.settings = {{"MemTotal", "1 kB"}, {"net.netfilter.nf_conntrack_max", "65536"}};
  snapshot.parameters = {{"nf_conntrack.hashsize", "16384"}};
  snapshot.files = {{std::string(snapshot_file::modules), "a 1 0 - Live\n", true},
                    {std::string(snapshot_file::slabs), "nf_conntrack\t\x80\n", false}};
  snapshot.interfaces = {{"eth0", "veth", {"192.0.2.1/24", "2001:db8::1/64"}}, {"lo", "", {}}};
  snapshot.listening = {{"udp", "::", 65535}};
  snapshot.users = {{"tc", ConntrackUser::State::used, {"ct: 2"}},
                    {"IPVS", ConntrackUser::State::not_known, {}}};
  snapshot.not_read = {"/proc/slabinfo: Permission denied"};
  return snapshot;
}

TEST(Snapshot, ComesBackAsItWas) {
  const std::string text = write_snapshot_json(full(), "0.1.0");
  ASSERT_TRUE(is_snapshot(text));
  const ParsedSnapshot parsed = parse_snapshot(text);
  ASSERT_TRUE(parsed.snapshot) << parsed.why_not;
  EXPECT_EQ(write_snapshot_json(*parsed.snapshot, "0.1.0"), text);
  EXPECT_EQ(parsed.snapshot->rules.texts[1].text, full().rules.texts[1].text);
  EXPECT_EQ(parsed.snapshot->files[1].text, full().files[1].text);
  EXPECT_FALSE(parsed.snapshot->files[1].is_whole);
  EXPECT_EQ(parsed.snapshot->listening[0].port, 65535);
  EXPECT_EQ(parsed.snapshot->users[1].state, ConntrackUser::State::not_known);
  EXPECT_EQ(*parsed.snapshot->setting("MemTotal"), "1 kB");
  EXPECT_EQ(parsed.snapshot->setting("Mem"), nullptr);
}

TEST(Snapshot, IsKnownByItsFirstKey) {
  EXPECT_TRUE(is_snapshot(" {\n\"untrack_snapshot\": 1"));
  for (const char* other : {"", "{", "{}", "{\"nftables\": []}", "\"untrack_snapshot\"",
                            "{\"tool\": 1, \"untrack_snapshot\": 1}", "*filter\n"}) {
    EXPECT_FALSE(is_snapshot(other)) << other;
  }
}

std::string spoiled(std::string_view old, std::string_view by) {
  std::string text = write_snapshot_json(full(), "0.1.0");
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), by);
}

TEST(Snapshot, IsRefusedWhereItIsNotUnderstood) {
  const std::vector<std::pair<std::string, std::string>> spoils = {
      {spoiled("\"untrack_snapshot\": 1", "\"untrack_snapshot\": 2"), "version 2"},
      {spoiled("\"rules\"", "\"rulez\""), "no \"rules\" here"},
      {spoiled("\"unreadable_rules\"", "\"unreadable\""), "no \"unreadable_rules\""},
      {spoiled("\"encoding\": \"bytes\"", "\"encoding\": \"base64\""), "does not know"},
      {spoiled("\\u00fe", "\\u0100"), "no byte"},
      {spoiled("\"state\": \"used\"", "\"state\": \"usedd\""), "neither used"},
      {spoiled("65535", "65536"), "not a port"},
      {spoiled("65535", "\"65535\""), "not what \"port\" holds"},
      {spoiled("\"6.1.0-56-amd64\"", "6"), "not what \"kernel\" holds"},
      {spoiled("\"table nat\"", "7"), "no text in"},
      {write_snapshot_json(full(), "0.1.0").substr(0, 700), "line "}};
  for (const auto& [text, why] : spoils) {
    const ParsedSnapshot parsed = parse_snapshot(text);
    EXPECT_FALSE(parsed.snapshot) << why;
    EXPECT_NE(parsed.why_not.find(why), std::string::npos) << parsed.why_not;
  }
}

}  // namespace
}  // namespace untrack
