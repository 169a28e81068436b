#include "live/entries.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

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

// With its first block, so that it is known whether it goes; null: it does not, for this reason.
std::shared_ptr<TextBlocks> begun(const Namespace& where, const std::function<bool()>& work,
                                  std::string& why_not) {
  std::shared_ptr<TextBlocks> stream = stream_of_child(where, work);
  std::string first(65536, '\0');
  first.resize(stream->read(first));
  why_not = stream->why_cut();
  if (first.empty() && !why_not.empty()) return nullptr;
  return std::make_shared<HeldText>(std::move(first), std::move(stream));
}

EntriesStream open_in(const Namespace& where) {
  std::string why_not;
  switch (presence_of("nf_conntrack_netlink", "ctnetlink_dump_table")) {
    case Presence::present: {
      const auto print = [] {
        Progress progress("reading the table", expected_entries());
        return print_conntrack_entries([&] { progress.add(1); });
      };
      if (auto text = begun(where, print, why_not)) return {std::move(text), {}};
      why_not = fmt::format("netlink: {}", why_not);
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
  std::string why_no_file;
  if (auto text = begun(where, print_entries_file, why_no_file)) return {std::move(text), {}};
  return {nullptr, fmt::format("{}; {}", why_no_file, why_not)};
}

}  // namespace

EntriesStream open_entries(const std::string& netns) { return open_in(namespace_of(netns)); }

EntriesRead read_entries(const Namespace& where) {
  const EntriesStream stream = open_in(where);
  if (!stream.text) return {false, {}, stream.why_not};
  EntriesRead read;
  std::vector<char> block(std::size_t{1} << 18U);
  while (const std::size_t count = stream.text->read(block)) read.text.append(block.data(), count);
  read.why_not = stream.text->why_cut();
  read.is_done = read.why_not.empty();
  if (!read.is_done) read.why_not = fmt::format("{}: {}", entries_path, read.why_not);
  return read;
}

}  // namespace untrack::live
