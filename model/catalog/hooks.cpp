// table
#include "model/catalog/hooks.hpp"

#include <algorithm>

namespace untrack::catalog {
namespace {

constexpr std::string_view in_filter =
    "linux/netfilter_ipv4.h NF_IP_PRI_FILTER, iptable_filter.c (6.1)";
constexpr std::string_view in_nat =
    "linux/netfilter_ipv4.h NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC, iptable_nat.c (6.1)";
constexpr std::string_view in_mangle =
    "linux/netfilter_ipv4.h NF_IP_PRI_MANGLE, iptable_mangle.c (6.1); iptables 1.8.9 nft.c";
constexpr std::string_view in_raw = "linux/netfilter_ipv4.h NF_IP_PRI_RAW, iptable_raw.c (6.1)";
constexpr std::string_view in_security =
    "linux/netfilter_ipv4.h NF_IP_PRI_SECURITY, iptable_security.c (6.1)";

using enum Hook;

constexpr BuiltinChain rows[] = {
    {"filter", "INPUT", input, 0, ChainType::filter, in_filter},
    {"filter", "FORWARD", forward, 0, ChainType::filter, in_filter},
    {"filter", "OUTPUT", output, 0, ChainType::filter, in_filter},
    {"nat", "PREROUTING", prerouting, -100, ChainType::nat, in_nat},
    {"nat", "INPUT", input, 100, ChainType::nat, in_nat},
    {"nat", "OUTPUT", output, -100, ChainType::nat, in_nat},
    {"nat", "POSTROUTING", postrouting, 100, ChainType::nat, in_nat},
    {"mangle", "PREROUTING", prerouting, -150, ChainType::filter, in_mangle},
    {"mangle", "INPUT", input, -150, ChainType::filter, in_mangle},
    {"mangle", "FORWARD", forward, -150, ChainType::filter, in_mangle},
    {"mangle", "OUTPUT", output, -150, ChainType::route, in_mangle},
    {"mangle", "POSTROUTING", postrouting, -150, ChainType::filter, in_mangle},
    {"raw", "PREROUTING", prerouting, -300, ChainType::filter, in_raw},
    {"raw", "OUTPUT", output, -300, ChainType::filter, in_raw},
    {"security", "INPUT", input, 50, ChainType::filter, in_security},
    {"security", "FORWARD", forward, 50, ChainType::filter, in_security},
    {"security", "OUTPUT", output, 50, ChainType::filter, in_security},
};

constexpr std::string_view tables[] = {"filter", "nat", "mangle", "raw", "security"};

}  // namespace

std::span<const BuiltinChain> builtin_chains() { return rows; }

std::span<const BuiltinChain> builtin_chains_of(std::string_view table) {
  const auto first = std::ranges::find(rows, table, &BuiltinChain::table);
  const auto last = std::find_if(first, std::end(rows),
                                 [&](const BuiltinChain& row) { return row.table != table; });
  return {first, last};
}

std::span<const std::string_view> table_names() { return tables; }

}  // namespace untrack::catalog
