#include "app/memory_limit.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "parser/reading_too_large.hpp"
#include "report/terminal.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNTRACK_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define UNTRACK_SANITIZED
#endif
#endif

namespace untrack {
namespace {

// Sanitizers reserve addresses by the terabyte, which count as data.
#ifdef UNTRACK_SANITIZED
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

// A program of this size is started on machines that have less left; it then works as before.
constexpr std::size_t least_memory = std::size_t{256} << 20U;

std::optional<std::size_t> number_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::size_t number = 0;
  if (!(stream >> number)) return std::nullopt;  // "max", or no such file
  return number;
}

// Of /proc/meminfo, in bytes.
std::optional<std::size_t> left_of_machine() {
  std::ifstream stream("/proc/meminfo");
  std::optional<std::size_t> available;
  std::size_t swap = 0;
  for (std::string line; std::getline(stream, line);) {
    const auto value_behind = [&](std::string_view key) -> std::optional<std::size_t> {
      if (!line.starts_with(key)) return std::nullopt;
      const std::size_t at = line.find_first_of("0123456789");
      std::size_t kibibytes = 0;
      if (at == std::string::npos) return std::nullopt;
      std::from_chars(line.data() + at, line.data() + line.size(), kibibytes);
      return kibibytes << 10U;
    };
    if (const auto value = value_behind("MemAvailable:")) available = value;
    if (const auto value = value_behind("SwapFree:")) swap = *value;
  }
  if (available) *available += swap;
  return available;
}

// Of this control group and those around it. Version 2 alone: systems with the first are told by
// the machine's memory.
std::optional<std::size_t> left_of_group() {
  std::ifstream stream("/proc/self/cgroup");
  std::optional<std::size_t> least;
  for (std::string line; std::getline(stream, line);) {
    constexpr std::string_view second = "0::/";
    if (!line.starts_with(second)) continue;
    const std::filesystem::path root("/sys/fs/cgroup");
    for (std::filesystem::path group = root / line.substr(second.size());;
         group = group.parent_path()) {
      if (const auto most = number_in(group / "memory.max")) {
        const std::size_t used = number_in(group / "memory.current").value_or(0);
        const std::size_t left = *most > used ? *most - used : 0;
        least = std::min(least.value_or(left), left);
      }
      if (group == root || group == group.root_path() || group.empty()) break;
    }
  }
  return least;
}

std::optional<std::size_t> soft_limit(bool of_addresses) {
  rlimit limit{};
  const int failed = of_addresses ? getrlimit(RLIMIT_AS, &limit) : getrlimit(RLIMIT_DATA, &limit);
  if (failed != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

// The limit that counts, in words.
std::string limit_words() {
  const std::optional<std::size_t> addresses = soft_limit(true);
  const std::optional<std::size_t> data = soft_limit(false);
  if (!addresses && !data) return "this machine has";
  const bool is_addresses = addresses && (!data || *addresses <= *data);
  return fmt::format("the {} MiB that this process may take",
                     (is_addresses ? *addresses : *data) >> 20U);
}

}  // namespace

void limit_memory(std::size_t most) {
  if (is_sanitized) return;
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
  static const rlim_t at_start = limit.rlim_cur;
  for (const auto& left : {left_of_machine(), left_of_group()}) {
    if (left) most = std::min(most, std::max(*left, least_memory));
  }
  limit.rlim_cur = at_start == RLIM_INFINITY ? most : std::min<rlim_t>(at_start, most);
  (void)setrlimit(RLIMIT_DATA, &limit);
}

void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::string out_of_memory(const std::bad_alloc& reason) {
  const std::string limit = limit_words();
  const auto* place = dynamic_cast<const ReadingTooLarge*>(&reason);
  if (place == nullptr) {
    return fmt::format("memory ran out: what is to be found out of these inputs needs more than {}",
                       limit);
  }
  return fmt::format(
      "{}:{}: memory ran out behind this line: to read this input of {} bytes needs "
      "more than {}",
      escape_control(place->path()), place->line(), place->size(), limit);
}

}  // namespace untrack
