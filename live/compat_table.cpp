#include "live/compat_table.hpp"

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "live/compat_rule.hpp"
#include "live/netlink.hpp"
#include "live/xtables_rule.hpp"

namespace untrack::live {
namespace {

// A chain that iptables-nft makes by itself.
struct Builtin {
  std::string_view table, name;
  std::uint32_t hook;
  std::int32_t priority;
  std::string_view type;
};
constexpr std::array builtins = {
    Builtin{"filter", "INPUT", NF_INET_LOCAL_IN, 0, "filter"},
    Builtin{"filter", "FORWARD", NF_INET_FORWARD, 0, "filter"},
    Builtin{"filter", "OUTPUT", NF_INET_LOCAL_OUT, 0, "filter"},
    Builtin{"raw", "PREROUTING", NF_INET_PRE_ROUTING, -300, "filter"},
    Builtin{"raw", "OUTPUT", NF_INET_LOCAL_OUT, -300, "filter"},
    Builtin{"mangle", "PREROUTING", NF_INET_PRE_ROUTING, -150, "filter"},
    Builtin{"mangle", "INPUT", NF_INET_LOCAL_IN, -150, "filter"},
    Builtin{"mangle", "FORWARD", NF_INET_FORWARD, -150, "filter"},
    Builtin{"mangle", "OUTPUT", NF_INET_LOCAL_OUT, -150, "route"},
    Builtin{"mangle", "POSTROUTING", NF_INET_POST_ROUTING, -150, "filter"},
    Builtin{"nat", "PREROUTING", NF_INET_PRE_ROUTING, -100, "nat"},
    Builtin{"nat", "INPUT", NF_INET_LOCAL_IN, 100, "nat"},
    Builtin{"nat", "OUTPUT", NF_INET_LOCAL_OUT, -100, "nat"},
    Builtin{"nat", "POSTROUTING", NF_INET_POST_ROUTING, 100, "nat"},
    Builtin{"security", "INPUT", NF_INET_LOCAL_IN, 50, "filter"},
    Builtin{"security", "FORWARD", NF_INET_FORWARD, 50, "filter"},
    Builtin{"security", "OUTPUT", NF_INET_LOCAL_OUT, 50, "filter"},
};

struct Chain {
  std::string policy = "ACCEPT";
  std::uint64_t packets = 0, bytes = 0;
  std::vector<CompatRule> rules = {};
};

bool refuse(std::string_view what, std::string_view name) {
  std::fprintf(stderr, "%.*s \"%.*s\" is not as iptables-nft makes it\n",
               static_cast<int>(what.size()), what.data(), static_cast<int>(name.size()),
               name.data());
  return false;
}

class Table {
 public:
  explicit Table(const NftTable& table)
      : table_(table), family_(table.family == "ip" ? NFPROTO_IPV4 : NFPROTO_IPV6) {}

  bool read() { return read_chains() && read_rules() && has_nothing_else(); }
  void print() const;

 private:
  bool read_chains();
  bool add_chain(const nftnl_chain& chain);
  bool read_rules();
  bool has_nothing_else() const;

  const NftTable& table_;
  std::uint8_t family_;
  std::map<std::string, Chain> builtin_, own_;
};

bool Table::add_chain(const nftnl_chain& chain) {
  const std::string name = nftnl_chain_get_str(&chain, NFTNL_CHAIN_NAME);
  if (!nftnl_chain_is_set(&chain, NFTNL_CHAIN_HOOKNUM)) {
    own_[name] = Chain();
    return true;
  }
  const bool is_builtin = std::ranges::any_of(builtins, [&](const Builtin& each) {
    return each.table == table_.name && each.name == name &&
           each.hook == nftnl_chain_get_u32(&chain, NFTNL_CHAIN_HOOKNUM) &&
           each.priority == nftnl_chain_get_s32(&chain, NFTNL_CHAIN_PRIO) &&
           each.type == nftnl_chain_get_str(&chain, NFTNL_CHAIN_TYPE);
  });
  if (!is_builtin) return refuse("chain", name);
  Chain made;
  if (nftnl_chain_get_u32(&chain, NFTNL_CHAIN_POLICY) == NF_DROP) made.policy = "DROP";
  made.packets = nftnl_chain_get_u64(&chain, NFTNL_CHAIN_PACKETS);
  made.bytes = nftnl_chain_get_u64(&chain, NFTNL_CHAIN_BYTES);
  builtin_[name] = std::move(made);
  return true;
}

bool Table::read_chains() {
  return ask_nf_tables(NFT_MSG_GETCHAIN, family_, true, [this](const nlmsghdr& answer) {
    const std::unique_ptr<nftnl_chain, decltype(&nftnl_chain_free)> chain(nftnl_chain_alloc(),
                                                                          &nftnl_chain_free);
    if (!chain || nftnl_chain_nlmsg_parse(&answer, chain.get()) < 0) {
      return refuse("table", table_.name);
    }
    return table_.name != nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE) || add_chain(*chain);
  });
}

bool Table::read_rules() {
  return ask_nf_tables(NFT_MSG_GETRULE, family_, true, [this](const nlmsghdr& answer) {
    const std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)> rule(nftnl_rule_alloc(),
                                                                       &nftnl_rule_free);
    if (!rule || nftnl_rule_nlmsg_parse(&answer, rule.get()) < 0) {
      return refuse("table", table_.name);
    }
    if (table_.name != nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE)) return true;
    const std::string name = nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN);
    const auto builtin = builtin_.find(name);
    const auto own = own_.find(name);
    CompatRule understood(family_);
    if ((builtin == builtin_.end() && own == own_.end()) || !understood.understand(*rule)) {
      return refuse("a rule of chain", name);
    }
    (builtin != builtin_.end() ? builtin->second : own->second)
        .rules.push_back(std::move(understood));
    return true;
  });
}

// A set or another object, and a table that sleeps, are not iptables'.
bool Table::has_nothing_else() const {
  if (!table_.is_dormant && table_.use == builtin_.size() + own_.size()) return true;
  return refuse("table", table_.name);
}

void Table::print() const {
  use_extensions(family_);
  std::printf("# Generated by untrack from the running kernel, as %s-nft-save does\n*%s\n",
              family_ == NFPROTO_IPV4 ? "iptables" : "ip6tables", table_.name.c_str());
  std::vector<std::pair<std::string, const Chain*>> in_order;
  static const Chain not_made;
  for (const Builtin& each : builtins) {
    if (each.table != table_.name) continue;
    const auto found = builtin_.find(std::string(each.name));
    const Chain& chain = found == builtin_.end() ? not_made : found->second;
    std::printf(":%s %s [%llu:%llu]\n", each.name.data(), chain.policy.c_str(),
                static_cast<unsigned long long>(chain.packets),
                static_cast<unsigned long long>(chain.bytes));
    in_order.emplace_back(each.name, &chain);
  }
  for (const auto& [name, chain] : own_) {
    std::printf(":%s - [0:0]\n", name.c_str());
    in_order.emplace_back(name, &chain);
  }
  for (const auto& [name, chain] : in_order) {
    for (const CompatRule& rule : chain->rules) rule.print(name);
  }
  std::printf("COMMIT\n");
}

}  // namespace

bool is_named_as_of_iptables(const NftTable& table) {
  return (table.family == "ip" || table.family == "ip6") &&
         std::ranges::any_of(builtins,
                             [&](const Builtin& each) { return each.table == table.name; });
}

bool print_compat_table(const NftTable& table) {
  Table read(table);
  if (!read.read()) return false;
  read.print();
  return true;
}

}  // namespace untrack::live
