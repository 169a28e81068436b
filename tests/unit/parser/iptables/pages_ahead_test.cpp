#include "parser/iptables/pages_ahead.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace untrack::iptables {
namespace {

constexpr std::size_t page = 4096;

// Pages of a mapping that are there.
std::size_t pages_there(void* memory, std::size_t bytes) {
  std::vector<unsigned char> there(bytes / page);
  if (::mincore(memory, bytes, there.data()) != 0) return 0;
  std::size_t count = 0;
  for (const unsigned char each : there) count += each & 1U;
  return count;
}

TEST(PagesAhead, AsksForALittleAndNothingBehindTheEnd) {
  constexpr std::size_t bytes = 256 * page;
  void* const memory = ::mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  PagesAhead pages;
  pages.follow(begin + 10, begin + bytes);
  const std::size_t first = pages_there(memory, 2 * bytes);
  if (first == 0) GTEST_SKIP() << "this kernel knows no MADV_POPULATE_WRITE";
  EXPECT_LE(first, 64U);
  // Nothing to do as long as enough is left.
  pages.follow(begin + page, begin + bytes);
  EXPECT_EQ(pages_there(memory, 2 * bytes), first);
  for (std::size_t at = 0; at < bytes; at += page) pages.follow(begin + at, begin + bytes);
  // All but the first page, of which a part was written already, and nothing that is another's.
  EXPECT_EQ(pages_there(memory, 2 * bytes), bytes / page - 1);
  ::munmap(memory, 2 * bytes);
}

TEST(PagesAhead, LeavesWhatIsWritten) {
  std::vector<std::uint64_t> pool;
  pool.reserve(1'000'000);
  PagesAhead pages;
  for (std::uint64_t i = 0; i < 3'000'000; ++i) {
    if (i % 64 == 0) pages.follow(pool);
    pool.push_back(i);
  }
  std::vector<std::uint64_t> wanted(pool.size());
  std::iota(wanted.begin(), wanted.end(), std::uint64_t{0});
  EXPECT_TRUE(pool == wanted);
}

}  // namespace
}  // namespace untrack::iptables
