#include "app/files/read_settings.hpp"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace untrack {
namespace {

namespace fs = std::filesystem;

const PressureSetting* find(const PressureRequest& request, std::string_view name) {
  for (const PressureSetting& setting : request.single_settings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

TEST(ReadProc, takes_this_hosts_own_answers) {
  PressureRequest request;
  read_proc("/proc", Origin::measured, request);
  utsname system{};
  ASSERT_EQ(uname(&system), 0);
  ASSERT_NE(find(request, "kernel.osrelease"), nullptr);
  EXPECT_EQ(find(request, "kernel.osrelease")->value, system.release);
  EXPECT_EQ(find(request, "kernel.osrelease")->source.text, "/proc/sys/kernel/osrelease");
  ASSERT_NE(find(request, "MemTotal"), nullptr);

  // Where conntrack is there, what is reported is what the kernel says.
  std::ifstream max_file("/proc/sys/net/netfilter/nf_conntrack_max");
  std::string max;
  if (max_file >> max) {
    const PressureReport report = pressure(std::move(request));
    ASSERT_TRUE(report.pressure);
    EXPECT_EQ(std::to_string(report.pressure->max.value), max);
    EXPECT_EQ(report.pressure->max.source.origin, Origin::measured);
    EXPECT_TRUE(report.problems.empty());
  }
}

// The kernel's own choice, where it was left to it, is what the table of defaults says.
TEST(ReadProc, the_defaults_of_this_kernel_are_predicted) {
  PressureRequest request;
  read_proc("/proc", Origin::measured, request);
  if (find(request, "nf_conntrack_max") == nullptr) GTEST_SKIP() << "no conntrack on this host";
  const PressureReport measured = pressure(request);
  PressureRequest predicted_request;
  predicted_request.single_settings = {*find(request, "kernel.osrelease"),
                                       *find(request, "MemTotal")};
  const PressureReport predicted = pressure(std::move(predicted_request));
  ASSERT_TRUE(measured.pressure && predicted.pressure);
  if (measured.pressure->max.value != predicted.pressure->max.value) {
    GTEST_SKIP() << "this host's table was sized by someone, or its kernel is patched: "
                 << measured.pressure->max.value << " instead of " << predicted.pressure->max.value;
  }
  EXPECT_EQ(measured.pressure->buckets.value, predicted.pressure->buckets.value);
}

TEST(ReadProc, says_so_where_conntrack_is_absent) {
  const fs::path root = fs::path(testing::TempDir()) / "untrack_no_conntrack";
  fs::create_directories(root / "sys/net/netfilter");
  fs::create_directories(root / "sys/kernel");
  std::ofstream(root / "sys/kernel/osrelease") << "6.1.0-27-amd64\n";
  std::ofstream(root / "meminfo") << "MemTotal:        8000000 kB\n";
  PressureRequest request;
  std::istringstream nothing;
  EXPECT_EQ(read_settings(root.string(), nothing, request), "");
  ASSERT_EQ(request.notes.size(), 1U);
  EXPECT_NE(request.notes[0].find("has no nf_conntrack_max"), std::string::npos);
  const PressureReport report = pressure(std::move(request));
  ASSERT_TRUE(report.pressure);
  EXPECT_EQ(report.pressure->max.value, 262144U);
  EXPECT_EQ(report.pressure->max.source.origin, Origin::kernel_default);
  fs::remove_all(root);
}

TEST(ReadSettings, names_what_cannot_be_read) {
  PressureRequest request;
  std::istringstream nothing;
  EXPECT_EQ(read_settings("/nonexistent/x", nothing, request),
            "/nonexistent/x: No such file or directory");
  const fs::path empty = fs::path(testing::TempDir()) / "untrack_empty";
  fs::create_directories(empty);
  EXPECT_NE(read_settings(empty.string(), nothing, request).find("neither a copy of /proc"),
            std::string::npos);
  fs::remove_all(empty);
}

}  // namespace
}  // namespace untrack
