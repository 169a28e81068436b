#include "analysis/pressure/settings.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

struct Reading {
  Sources sources;
  HostSettings host;
  std::vector<Problem> problems;
};

Reading read(std::string text) {
  Reading reading;
  const SourceId id = reading.sources.add("host.sysctl", std::move(text));
  take_settings(reading.sources[id], id, reading.host, reading.problems);
  return reading;
}

TEST(Settings, read_a_dump_of_sysctl) {
  const Reading reading = read(
      "kernel.osrelease = 5.10.0-28-amd64\n"
      "net.core.somaxconn = 4096\n"
      "net.netfilter.nf_conntrack_buckets = 65536\n"
      "net.netfilter.nf_conntrack_count = 1234\n"
      "net.netfilter.nf_conntrack_max = 262144\n"
      "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 30\n"
      "net.netfilter.nf_conntrack_acct = 1\n"
      "net.nf_conntrack_max = 262144\n");
  EXPECT_TRUE(reading.problems.empty());
  EXPECT_EQ(reading.host.kernel, (KernelVersion{5, 10, 0}));
  EXPECT_EQ(reading.host.buckets->value, 65536U);
  EXPECT_EQ(reading.host.buckets->source.text, "host.sysctl:3");
  EXPECT_EQ(reading.host.count->value, 1234U);
  EXPECT_EQ(reading.host.max->value, 262144U);
  EXPECT_EQ(reading.host.extension.acct->value, 1U);
  EXPECT_EQ(reading.host.timeouts[static_cast<std::size_t>(Timeout::tcp_time_wait)]->value, 30U);
  EXPECT_FALSE(reading.host.timeouts[static_cast<std::size_t>(Timeout::udp)]);
}

TEST(Settings, an_old_name_never_replaces_the_new_one) {
  const Reading last = read(
      "net.netfilter.nf_conntrack_max = 262144\nnet.ipv4.ip_conntrack_max = 1000\n"
      "net.ipv4.netfilter.ip_conntrack_udp_timeout = 9\n");
  EXPECT_EQ(last.host.max->value, 262144U);
  EXPECT_EQ(last.host.timeouts[static_cast<std::size_t>(Timeout::udp)]->value, 9U);
  const Reading first =
      read("net.ipv4.ip_conntrack_max = 1000\nnet.netfilter.nf_conntrack_max = 262144\n");
  EXPECT_EQ(first.host.max->value, 262144U);
}

TEST(Settings, read_old_names_and_every_spelling) {
  const Reading reading = read(
      "# comment\n; another\n\n"
      "-net.ipv4.netfilter.ip_conntrack_udp_timeout: 10\n"
      "net/ipv4/ip_conntrack_max=65536\r\n"
      "nf_conntrack_count : 7\n"
      "MemTotal:       24684084 kB\n"
      "options nf_conntrack expect_hashsize=64 hashsize=131072\n"
      "options e1000 debug=1\n"
      "sysctl: permission denied on key 'fs.protected_fifos'\n");
  EXPECT_TRUE(reading.problems.empty());
  EXPECT_EQ(reading.host.timeouts[static_cast<std::size_t>(Timeout::udp)]->value, 10U);
  EXPECT_EQ(reading.host.max->value, 65536U);
  EXPECT_EQ(reading.host.count->value, 7U);
  EXPECT_EQ(reading.host.ram->value, 24684084ULL * 1024);
  EXPECT_EQ(reading.host.hashsize->value, 131072U);
}

TEST(Settings, the_later_value_wins) {
  const Reading reading =
      read("net.netfilter.nf_conntrack_max = 1000\nnet.netfilter.nf_conntrack_max = 2000\n");
  EXPECT_EQ(reading.host.max->value, 2000U);
  EXPECT_EQ(reading.host.max->source.text, "host.sysctl:2");
}

TEST(Settings, the_update_of_a_debian_kernel_is_known_by_its_version) {
  const std::string release = "kernel.osrelease = 6.1.0-41-amd64\n";
  const std::string version =
      "kernel.version = #1 SMP PREEMPT_DYNAMIC Debian 6.1.158-1 (2025-11-09)\n";
  const KernelVersion update{6, 1, 158};
  EXPECT_EQ(update, *read(release + version).host.kernel);
  EXPECT_EQ(update, *read(version + release).host.kernel);
  EXPECT_EQ("host.sysctl:1", read(version + release).host.kernel_source.text);
  // Another series: what is told is not this kernel's.
  EXPECT_EQ((KernelVersion{6, 1, 0}),
            *read(release + "kernel.version = #1 Debian 5.10.9-1\n").host.kernel);
  EXPECT_EQ((KernelVersion{6, 8, 0}),
            *read(version + "kernel.osrelease = 6.8.0-45-generic\n").host.kernel);
  EXPECT_EQ((KernelVersion{5, 15, 0}),
            *read("kernel.osrelease = 5.15.0-91-generic\nkernel.version = #101-Ubuntu SMP\n")
                 .host.kernel);
}

TEST(Settings, nothing_is_dropped_in_silence) {
  const Reading reading = read(
      "net.netfilter.nf_conntrack_max = lots\n"
      "net.netfilter.nf_conntrack_count = 12 13\n"
      "kernel.osrelease = unknown\n"
      "MemTotal: 12 MB\n"
      "just words\n"
      "sysctl: cannot read net.netfilter.nf_conntrack_max\n"
      "options nf_conntrack hashsize=\n"
      "net.netfilter.nf_conntrack_buckets = -1\n"
      "net.netfilter.nf_conntrack_acct = 99999999999\n");
  EXPECT_EQ(reading.problems.size(), 9U);
  for (const Problem& problem : reading.problems) {
    EXPECT_EQ(problem.kind, ProblemKind::not_understood);
    EXPECT_FALSE(problem.label.empty());
  }
  EXPECT_EQ(reading.host.taken, 0U);
}

TEST(Settings, survive_any_bytes) {
  for (const char* text : {"=", ":", "\n\n=\n", "options nf_conntrack", "options  ", "a",
                           "\xff\xfe=\x01", "options nf_conntrack hashsize=5 "}) {
    const Reading reading = read(text);
    EXPECT_LE(reading.problems.size(), 2U);
  }
}

}  // namespace
}  // namespace untrack
