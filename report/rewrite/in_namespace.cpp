#include "report/rewrite/in_namespace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "report/shell_word.hpp"

namespace untrack {
namespace {

constexpr std::string_view plain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

// With nothing in it that a shell or a file system takes for something else.
std::string file_name_of(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return plain.find(c) == std::string_view::npos; }, '_');
  return name;
}

}  // namespace

InNamespace in_namespace(const std::string& netns) {
  if (netns.empty()) return {};
  InNamespace where;
  where.suffix = ".netns-" + file_name_of(netns);
  where.is_process = std::ranges::all_of(netns, [](char c) { return c >= '0' && c <= '9'; });
  if (where.is_process) {
    where.lead = fmt::format("nsenter -t {} -n ", netns);
  } else if (netns.find('/') != std::string::npos) {
    where.lead = fmt::format("nsenter --net={} ", shell_word(netns));
  } else {
    where.lead = fmt::format("ip netns exec {} ", shell_word(netns));
  }
  return where;
}

}  // namespace untrack
