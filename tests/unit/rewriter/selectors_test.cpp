#include "rewriter/notrack/selectors.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(Selectors, NamePortsInterfacesLinesAndComments) {
  const auto port = read_selector("443");
  ASSERT_TRUE(port);
  EXPECT_EQ(port->kind, Selector::Kind::port);
  EXPECT_EQ(port->protocol, 0);
  EXPECT_TRUE(port->ports.first == 443 && port->ports.last == 443);
  const auto ports = read_selector("udp/5000:5010");
  ASSERT_TRUE(ports);
  EXPECT_EQ(ports->protocol, 17);
  EXPECT_TRUE(ports->ports.first == 5000 && ports->ports.last == 5010);
  const auto interface = read_selector("if:eth0.100");
  ASSERT_TRUE(interface);
  EXPECT_EQ(interface->kind, Selector::Kind::interface);
  EXPECT_EQ(interface->text, "eth0.100");
  const auto line = read_selector("line:14");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Selector::Kind::line);
  EXPECT_TRUE(line->text.empty());
  EXPECT_EQ(line->line, 14);
  const auto in_file = read_selector("C:/a:b.rules:7");
  ASSERT_TRUE(in_file);
  EXPECT_EQ(in_file->text, "C:/a:b.rules");
  EXPECT_EQ(in_file->line, 7);
  const auto comment = read_selector("comment:line:3");
  ASSERT_TRUE(comment);
  EXPECT_EQ(comment->kind, Selector::Kind::comment);
  EXPECT_EQ(comment->text, "line:3");
}

TEST(Selectors, AreNoOtherWords) {
  for (const std::string_view word :
       {"", "0", "65536", "tcp/", "tcp/https", "sctp/5", "tcp/20:10", "tcp/1:", "-1", "1-2",
        "if:", "comment:", "line:", "line:0", ":14", "99999999999999999999"}) {
    EXPECT_FALSE(read_selector(word)) << word;
  }
}

}  // namespace
}  // namespace untrack
