#include "live/table_reading.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "live/child.hpp"
#include "live/kernel_parts.hpp"
#include "live/records.hpp"

namespace untrack::live {
namespace {

constexpr const char* statistics_path = "/proc/net/stat/nf_conntrack";
constexpr const char* count_path = "/proc/sys/net/netfilter/nf_conntrack_count";

bool print_file(const char* path) {
  int error = 0;
  const auto text = read_proc(path, error);
  if (text) print_record(path, *text);
  if (!text) std::fprintf(stderr, "%s: %s\n", path, std::strerror(error));
  return text.has_value();
}

}  // namespace

TableReading read_table(const std::string& netns) {
  const Namespace where = namespace_of(netns);
  TableReading reading;
  const auto read_file = [&](const char* path) -> std::optional<std::string> {
    ChildResult read = in_child(where, [&] { return print_file(path); });
    std::optional<std::string> text;
    each_record(read.out, [&](const std::string&, std::string value) { text = std::move(value); });
    if (!text) reading.not_read.push_back(read.err);
    return text;
  };
  reading.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  reading.statistics = read_file(statistics_path);
  reading.count = read_file(count_path);
  return reading;
}

}  // namespace untrack::live
