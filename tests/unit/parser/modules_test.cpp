#include "parser/modules.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

using Names = std::vector<std::string>;

struct Read {
  Sources sources;
  std::vector<Problem> problems;
  SourceId source{};
  explicit Read(std::string text) { source = sources.add("modules", std::move(text)); }
};

TEST(ProcModules, ReadsNamesCountsAndUsers) {
  Read read(
      "xt_conntrack 16384 2 - Live 0xffffffffc0a4e000\n"
      "nf_conntrack 188416 3 xt_conntrack,nf_nat,xt_MASQUERADE, Live 0x0000000000000000\n"
      "crc32c_generic 16384 0 [permanent], Live 0x0\n"
      "wireguard 1 - - Live 0x0 (O)\n");
  const auto modules = read_proc_modules(read.sources, read.source, read.problems);
  ASSERT_EQ(modules.size(), 4U);
  EXPECT_EQ(modules[0].name, "xt_conntrack");
  EXPECT_EQ(modules[0].use_count, 2U);
  EXPECT_TRUE(modules[0].used_by.empty());
  EXPECT_EQ(modules[1].used_by, (Names{"xt_conntrack", "nf_nat", "xt_MASQUERADE"}));
  EXPECT_TRUE(modules[2].is_permanent);
  EXPECT_TRUE(modules[2].used_by.empty());
  EXPECT_EQ(modules[3].use_count, std::nullopt);
  EXPECT_TRUE(read.problems.empty());
}

TEST(ProcModules, LsmodIsNotProcModules) {
  Read read("Module                  Size  Used by\nnf_conntrack          188416  1 nf_nat\n");
  EXPECT_TRUE(read_proc_modules(read.sources, read.source, read.problems).empty());
  ASSERT_EQ(read.problems.size(), 2U);
  EXPECT_EQ(read.problems[0].message,
            "not a line of /proc/modules: \"Module                  Size  Used by\"");
  EXPECT_EQ(read.problems[0].cure, "give the text of /proc/modules, not that of lsmod");
  EXPECT_EQ(read.sources.locate(read.problems[1].span).line, 2U);
}

TEST(ProcModules, NothingHostileBecomesAName) {
  Read read(
      "$(reboot) 1 0 - Live 0x0\n"
      "a;b 1 0 - Live 0x0\n"
      "ok 1 0 a'b, Live 0x0\n"
      "nul\0l 1 0 - Live 0x0\n" +
      std::string(100, 'x') + " 1 0 - Live 0x0\n");
  EXPECT_TRUE(read_proc_modules(read.sources, read.source, read.problems).empty());
  EXPECT_FALSE(read.problems.empty());
}

TEST(ModulesDep, ReadsPathsOfAllKinds) {
  Read read(
      "kernel/net/netfilter/nf_nat.ko.xz: kernel/net/netfilter/nf_conntrack.ko.xz "
      "kernel/net/ipv4/netfilter/nf-defrag-ipv4.ko\n"
      "kernel/lib/crc.ko:\n"
      "no colon here\n");
  const auto modules = read_modules_dep(read.sources, read.source, read.problems);
  ASSERT_EQ(modules.size(), 2U);
  EXPECT_EQ(modules[0].name, "nf_nat");
  EXPECT_EQ(modules[0].depends, (Names{"nf_conntrack", "nf_defrag_ipv4"}));
  EXPECT_TRUE(modules[1].depends.empty());
  EXPECT_EQ(read.problems.size(), 1U);
}

TEST(ModulesBuiltin, ReadsNames) {
  Read read("kernel/net/netfilter/nf_conntrack.ko\nkernel/net/ipv6/ipv6.ko\n");
  EXPECT_EQ(read_modules_builtin(read.sources, read.source, read.problems),
            (Names{"nf_conntrack", "ipv6"}));
}

}  // namespace
}  // namespace untrack
