#include "analysis/program/reject_answer.hpp"

#include <fmt/format.h>

namespace untrack {
namespace {

// Names of nft(8), REJECT STATEMENT, and of iptables-extensions(8), REJECT; codes of RFC 792, 1812
// and 4443. What icmpx comes to: nft_reject_icmp_code and nft_reject_icmpv6_code
// (nft_reject.c, 6.1).
struct Answer {
  IpVersion version{};
  unsigned code = 0;
  std::string_view nft;
  std::string_view iptables;
  std::string_view icmpx = {};
  unsigned icmpx_code = 0;
};
constexpr auto v4 = IpVersion::ipv4;
constexpr auto v6 = IpVersion::ipv6;
constexpr Answer answers[] = {
    {v4, 0, "net-unreachable", "icmp-net-unreachable", "no-route", 0},
    {v4, 1, "host-unreachable", "icmp-host-unreachable", "host-unreachable", 2},
    {v4, 2, "prot-unreachable", "icmp-proto-unreachable"},
    {v4, 3, "port-unreachable", "icmp-port-unreachable", "port-unreachable", 1},
    {v4, 4, "frag-needed", ""},
    {v4, 9, "net-prohibited", "icmp-net-prohibited"},
    {v4, 10, "host-prohibited", "icmp-host-prohibited"},
    {v4, 13, "admin-prohibited", "icmp-admin-prohibited", "admin-prohibited", 3},
    {v6, 0, "no-route", "icmp6-no-route", "no-route", 0},
    {v6, 1, "admin-prohibited", "icmp6-adm-prohibited", "admin-prohibited", 3},
    {v6, 3, "addr-unreachable", "icmp6-addr-unreachable", "host-unreachable", 2},
    {v6, 4, "port-unreachable", "icmp6-port-unreachable", "port-unreachable", 1},
    {v6, 5, "policy-fail", "icmp6-policy-fail"},
    {v6, 6, "reject-route", "icmp6-reject-route"},
};

bool is_named(std::string_view text, std::string_view name, unsigned code) {
  return !name.empty() && (text == name || text == fmt::format("{}", code));
}

}  // namespace

std::string reject_answer(std::string_view with, IpVersion version) {
  if (with == "tcp-reset") return "tcp reset";
  const std::string_view type = version == v4 ? "icmp" : "icmpv6";
  // The default of both languages.
  const std::string_view said = with.empty() ? "icmpx-port-unreachable" : with;
  const auto after = [&](std::string_view prefix) {
    return said.starts_with(prefix) && said.substr(prefix.size()).starts_with('-')
               ? said.substr(prefix.size() + 1)
               : std::string_view();
  };
  for (const Answer& row : answers) {
    if (row.version != version) continue;
    if (said == row.iptables || is_named(after(type), row.nft, row.code) ||
        is_named(after("icmpx"), row.icmpx, row.icmpx_code)) {
      return fmt::format("{} {}", type, row.nft);
    }
  }
  return std::string(with);
}

}  // namespace untrack
