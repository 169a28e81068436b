#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "parser/conntrack/identities.hpp"

namespace untrack {
namespace {

constexpr std::string_view line =
    "tcp 6 431999 ESTABLISHED src=192.0.2.1 dst=198.51.100.2 sport=40000 dport=443 packets=3 "
    "src=198.51.100.2 dst=192.0.2.1 sport=443 dport=40000 packets=2 [ASSURED] mark=0 use=1";

std::uint64_t with(std::string_view from, std::string_view to) {
  std::string text(line);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return conntrack_identity(text.replace(at, from.size(), to));
}

TEST(ConntrackIdentity, IsOfTheFirstDirectionAlone) {
  const std::uint64_t known = conntrack_identity(line);
  const std::pair<const char*, const char*> same[] = {
      {"431999", "17"},           {"ESTABLISHED", "TIME_WAIT"}, {"packets=3", "packets=9"},
      {"packets=2", "packets=8"}, {"sport=443", "sport=444"},   {"[ASSURED] ", ""},
      {"use=1", "use=2"}};
  for (const auto& [from, to] : same) EXPECT_EQ(with(from, to), known) << from;
  const std::pair<const char*, const char*> others[] = {{"src=192.0.2.1", "src=192.0.2.2"},
                                                        {"dst=198.51.100.2", "dst=198.51.100.3"},
                                                        {"sport=40000", "sport=40001"},
                                                        {"dport=443", "dport=80"},
                                                        {"use=1", "zone=3 use=1"}};
  for (const auto& [from, to] : others) EXPECT_NE(with(from, to), known) << from;
}

}  // namespace
}  // namespace untrack
