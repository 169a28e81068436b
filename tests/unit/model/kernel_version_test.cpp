#include "model/kernel_version.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(KernelVersion, ReadsWhatUnamePrints) {
  EXPECT_EQ(parse_kernel_version("6.1"), (KernelVersion{6, 1, 0}));
  EXPECT_EQ(parse_kernel_version("2.6.18"), (KernelVersion{2, 6, 18}));
  EXPECT_EQ(parse_kernel_version("4.18.0-305.el8.x86_64"), (KernelVersion{4, 18, 0}));
  EXPECT_EQ(parse_kernel_version("6.1.0-27-amd64"), (KernelVersion{6, 1, 0}));
  EXPECT_EQ(parse_kernel_version("6.99999"), (KernelVersion{6, 99999, 0}));
}

TEST(KernelVersion, RefusesWhatIsNoVersion) {
  for (const char* text : {"", "6", "6.", ".1", "six.one", "-6.1", "99999999999.1", "6.100000"}) {
    EXPECT_EQ(parse_kernel_version(text), std::nullopt) << text;
  }
}

TEST(KernelVersion, ComparesAsNumbers) {
  EXPECT_LT((KernelVersion{4, 9, 0}), (KernelVersion{4, 10, 0}));
  EXPECT_LT((KernelVersion{2, 6, 18}), (KernelVersion{3, 0, 0}));
}

TEST(KernelVersion, PrintsThePatchOnlyWhereThereIsOne) {
  EXPECT_EQ(to_text(KernelVersion{6, 1, 0}), "6.1");
  EXPECT_EQ(to_text(KernelVersion{2, 6, 18}), "2.6.18");
}

}  // namespace
}  // namespace untrack
