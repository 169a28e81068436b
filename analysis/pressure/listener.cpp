#include "analysis/pressure/listener.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace untrack {
namespace {

constexpr std::uint64_t netlink_netfilter = 12;  // <linux/netlink.h>
// NFNLGRP_CONNTRACK_NEW to NFNLGRP_CONNTRACK_EXP_DESTROY, groups 1 to 6.
constexpr std::uint64_t conntrack_groups = 0x3f;

std::string_view take_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(' ');
  line.remove_prefix(begin == std::string_view::npos ? line.size() : begin);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number_of(std::string_view word, int base) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [at, error] = std::from_chars(word.data(), end, number, base);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<bool> listens_to_events(std::string_view netlink_sockets) {
  bool has_head = false;
  bool listens = false;
  while (!netlink_sockets.empty()) {
    std::string_view line = netlink_sockets.substr(0, netlink_sockets.find('\n'));
    netlink_sockets.remove_prefix(std::min(netlink_sockets.size(), line.size() + 1));
    const std::string_view first = take_word(line);
    const std::string_view protocol = take_word(line);
    (void)take_word(line);  // the port, which is often a process
    const std::string_view groups = take_word(line);
    if (!has_head) {
      if (first != "sk" || protocol != "Eth" || groups != "Groups") return std::nullopt;
      has_head = true;
      continue;
    }
    const auto protocol_number = number_of(protocol, 10);
    const auto group_bits = number_of(groups, 16);
    if (!protocol_number || !group_bits) return std::nullopt;
    if (*protocol_number == netlink_netfilter && (*group_bits & conntrack_groups) != 0) {
      listens = true;
    }
  }
  if (!has_head) return std::nullopt;
  return listens;
}

}  // namespace untrack
