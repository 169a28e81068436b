#include "live/entries.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "live/ctnetlink.hpp"
#include "live/kernel_parts.hpp"
#include "live/progress.hpp"

namespace untrack::live {
namespace {

constexpr const char* entries_path = "/proc/net/nf_conntrack";
constexpr const char* count_path = "/proc/sys/net/netfilter/nf_conntrack_count";

std::size_t expected_entries() {
  int error = 0;
  const auto text = read_proc(count_path, error);
  return text ? std::strtoul(text->c_str(), nullptr, 10) : 0;
}

bool print_entries_file() {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(entries_path, "re"), &std::fclose);
  if (!file) {
    std::fprintf(stderr, "%s: %s\n", entries_path, std::strerror(errno));
    return false;
  }
  Progress progress("reading the table", expected_entries());
  std::array<char, 262144> part{};
  std::size_t count = 0;
  while ((count = std::fread(part.data(), 1, part.size(), file.get())) > 0) {
    std::fwrite(part.data(), 1, count, stdout);
    std::size_t lines = 0;
    for (std::size_t i = 0; i < count; ++i) lines += part[i] == '\n' ? 1U : 0U;
    progress.add(lines);
  }
  if (std::ferror(file.get()) == 0) return true;
  std::fprintf(stderr, "%s: %s\n", entries_path, std::strerror(errno));
  return false;
}

}  // namespace

EntriesRead read_entries(const Namespace& where) {
  std::string why_not;
  switch (presence_of("nf_conntrack_netlink", "ctnetlink_dump_table")) {
    case Presence::present: {
      ChildResult read = in_child(where, [] {
        Progress progress("reading the table", expected_entries());
        return print_conntrack_entries([&] { progress.add(1); });
      });
      if (read.is_done) return {true, std::move(read.out), {}};
      why_not = fmt::format("netlink: {}", read.err);
      break;
    }
    case Presence::absent:
      why_not = "netlink: nf_conntrack_netlink is not loaded, and asking would load it";
      break;
    case Presence::not_known:
      why_not =
          "netlink: nothing says whether nf_conntrack_netlink is loaded, and asking could "
          "load it";
      break;
  }
  ChildResult read = in_child(where, print_entries_file);
  if (read.is_done) return {true, std::move(read.out), {}};
  return {false, {}, fmt::format("{}; {}", read.err, why_not)};
}

}  // namespace untrack::live
