// table
// Measured: each group was tried with iptables 1.8.9 (tests/accepted/arguments.txt).
#include "parser/iptables/option_groups.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace untrack::iptables {
namespace {

using enum catalog::ExtensionKind;

// Groups of one extension stand together.
constexpr std::array rows = {
    OptionGroup{match, "addrtype", "src-type dst-type", true, false},
    OptionGroup{match, "addrtype", "limit-iface-in limit-iface-out", false, true},
    OptionGroup{match, "bpf", "bytecode object-pinned", true, true},
    OptionGroup{match, "cgroup", "path cgroup", true, true},
    OptionGroup{match, "connlimit", "connlimit-upto connlimit-above", true, true},
    OptionGroup{match, "conntrack", "", true, false},
    OptionGroup{match, "devgroup", "src-group dst-group", true, false},
    OptionGroup{match, "dscp", "dscp dscp-class", true, true},
    OptionGroup{match, "ecn", "", true, false},
    OptionGroup{match, "hl", "hl-eq hl-lt hl-gt", true, true},
    OptionGroup{match, "iprange", "src-range dst-range", true, false},
    OptionGroup{match, "ipvs", "", true, false},
    OptionGroup{match, "multiport", "source-ports destination-ports ports", true, true},
    OptionGroup{match, "owner", "", true, false},
    OptionGroup{match, "physdev", "", true, false},
    OptionGroup{match, "policy", "dir", true, false},
    OptionGroup{match, "recent", "set rcheck update remove", true, true},
    OptionGroup{match, "set", "match-set", true, false},
    OptionGroup{match, "string", "string hex-string", true, true},
    OptionGroup{match, "ttl", "ttl-eq ttl-lt ttl-gt", true, true},
    OptionGroup{target, "CONNMARK",
                "set-xmark set-mark and-mark or-mark xor-mark save-mark restore-mark", true, true},
    OptionGroup{target, "CONNSECMARK", "save restore", true, true},
    OptionGroup{target, "DSCP", "set-dscp set-dscp-class", true, true},
    OptionGroup{target, "ECN", "", true, false},
    OptionGroup{target, "HL", "hl-set hl-inc hl-dec", true, true},
    OptionGroup{target, "MARK", "set-xmark set-mark and-mark or-mark xor-mark", true, true},
    OptionGroup{target, "NFQUEUE", "queue-num queue-balance", false, true},
    OptionGroup{target, "SET", "add-set del-set map-set", true, false},
    OptionGroup{target, "TCPMSS", "set-mss clamp-mss-to-pmtu", true, true},
    OptionGroup{target, "TOS", "set-tos and-tos or-tos xor-tos", true, true},
    OptionGroup{target, "TTL", "ttl-set ttl-inc ttl-dec", true, true},
};

// First and count of the groups, by the position of the extension's row.
using Index = std::vector<std::pair<std::uint8_t, std::uint8_t>>;

Index build_index() {
  Index index(catalog::extensions().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto extension = std::ranges::find_if(catalog::extensions(), [&](const auto& row) {
      return row.kind == rows[i].kind && row.name == rows[i].extension;
    });
    if (extension == catalog::extensions().end()) continue;
    auto& groups = index[static_cast<std::size_t>(extension - catalog::extensions().begin())];
    if (groups.second == 0) groups.first = static_cast<std::uint8_t>(i);
    ++groups.second;
  }
  return index;
}

}  // namespace

std::span<const OptionGroup> option_groups(const catalog::Extension& row) {
  static const Index index = build_index();
  const auto at = static_cast<std::size_t>(&row - catalog::extensions().data());
  return std::span<const OptionGroup>(rows).subspan(index[at].first, index[at].second);
}

}  // namespace untrack::iptables
