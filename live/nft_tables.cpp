#include "live/nft_tables.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>
#include <string_view>

#include "live/known_expressions.hpp"
#include "live/netlink.hpp"

namespace untrack::live {
namespace {

const char* family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_IPV4:
      return "ip";
    case NFPROTO_IPV6:
      return "ip6";
    case NFPROTO_INET:
      return "inet";
    case NFPROTO_ARP:
      return "arp";
    case NFPROTO_BRIDGE:
      return "bridge";
    case NFPROTO_NETDEV:
      return "netdev";
    default:
      return nullptr;
  }
}

const nfgenmsg& header_of(const nlmsghdr& answer) {
  return *static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&answer));
}

using TakeAttribute = std::function<bool(const nlattr&)>;

int take_one(const nlattr* attribute, void* data) {
  return (*static_cast<const TakeAttribute*>(data))(*attribute) ? MNL_CB_OK : MNL_CB_STOP;
}

void* as_data(const TakeAttribute& take) {
  return const_cast<void*>(static_cast<const void*>(&take));
}

// Until `take` returns false.
void for_attributes(const nlattr& nest, const TakeAttribute& take) {
  mnl_attr_parse_nested(&nest, take_one, as_data(take));
}

// The attribute of that type, or nullptr.
const nlattr* attribute(const nlmsghdr& answer, std::uint16_t type) {
  const nlattr* found = nullptr;
  const TakeAttribute take = [&](const nlattr& each) {
    if (mnl_attr_get_type(&each) == type) found = &each;
    return found == nullptr;
  };
  mnl_attr_parse(&answer, sizeof(nfgenmsg), take_one, as_data(take));
  return found;
}

const nlattr* attribute(const nlattr& nest, std::uint16_t type) {
  const nlattr* found = nullptr;
  for_attributes(nest, [&](const nlattr& each) {
    if (mnl_attr_get_type(&each) == type) found = &each;
    return found == nullptr;
  });
  return found;
}

std::string text_of(const nlattr* text) {
  return text == nullptr ? std::string() : mnl_attr_get_str(text);
}

bool is_known_expression(const nlattr& element) {
  const std::string name = text_of(attribute(element, NFTA_EXPR_NAME));
  nftnl_expr* expression = nftnl_expr_alloc(name.c_str());
  const auto highest = highest_attribute(name);
  if (expression == nullptr || !highest) return false;
  nftnl_expr_free(expression);
  bool is_known = true;
  if (const nlattr* data = attribute(element, NFTA_EXPR_DATA)) {
    for_attributes(*data, [&](const nlattr& each) {
      is_known = mnl_attr_get_type(&each) <= *highest;
      return is_known;
    });
  }
  return is_known;
}

// What is nested in its expressions is read as deep as libnftnl does.
bool is_readable(const nlmsghdr& answer) {
  const std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)> rule(nftnl_rule_alloc(),
                                                                     &nftnl_rule_free);
  return rule && nftnl_rule_nlmsg_parse(&answer, rule.get()) >= 0;
}

}  // namespace

std::optional<std::uint32_t> nft_generation() {
  std::optional<std::uint32_t> generation;
  const bool is_answered =
      ask_nf_tables(NFT_MSG_GETGEN, NFPROTO_UNSPEC, false, [&](const nlmsghdr& answer) {
        const nlattr* id = attribute(answer, NFTA_GEN_ID);
        if (id != nullptr) generation = ntohl(mnl_attr_get_u32(id));
        return true;
      });
  return is_answered ? generation : std::nullopt;
}

std::optional<std::vector<NftTable>> nft_tables() {
  std::vector<NftTable> tables;
  const bool is_answered =
      ask_nf_tables(NFT_MSG_GETTABLE, NFPROTO_UNSPEC, true, [&](const nlmsghdr& answer) {
        const char* family = family_name(header_of(answer).nfgen_family);
        if (family == nullptr) {
          std::fprintf(stderr, "a table of family %u, which is not known here\n",
                       header_of(answer).nfgen_family);
          return false;
        }
        const auto number = [&answer](std::uint16_t type) {
          const nlattr* found = attribute(answer, type);
          return found == nullptr ? 0 : ntohl(mnl_attr_get_u32(found));
        };
        tables.push_back({family, text_of(attribute(answer, NFTA_TABLE_NAME)),
                          number(NFTA_TABLE_USE),
                          (number(NFTA_TABLE_FLAGS) & NFT_TABLE_F_DORMANT) != 0});
        return true;
      });
  if (!is_answered) return std::nullopt;
  return tables;
}

std::string to_lines(const std::vector<NftTable>& tables) {
  std::ostringstream lines;
  for (const NftTable& table : tables) {
    lines << table.family << ' ' << table.use << ' ' << table.is_dormant << ' ' << table.name
          << '\n';
  }
  return lines.str();
}

std::vector<NftTable> nft_tables_of(const std::string& lines) {
  std::vector<NftTable> tables;
  std::istringstream in(lines);
  for (NftTable table; in >> table.family >> table.use >> table.is_dormant;) {
    in.ignore();
    std::getline(in, table.name);
    tables.push_back(table);
  }
  return tables;
}

bool has_plain_name(const NftTable& table) {
  constexpr std::string_view keywords[] = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  return !table.name.empty() && std::isalpha(static_cast<unsigned char>(table.name.front())) != 0 &&
         std::ranges::all_of(table.name, is_plain) &&
         std::ranges::find(keywords, table.name) == std::end(keywords);
}

bool knows_all_expressions() {
  return ask_nf_tables(NFT_MSG_GETRULE, NFPROTO_UNSPEC, true, [](const nlmsghdr& answer) {
    const nlattr* list = attribute(answer, NFTA_RULE_EXPRESSIONS);
    if (list == nullptr) return true;
    std::string unknown;
    for_attributes(*list, [&](const nlattr& each) {
      if (!is_known_expression(each)) unknown = text_of(attribute(each, NFTA_EXPR_NAME));
      return unknown.empty();
    });
    if (unknown.empty() && is_readable(answer)) return true;
    std::fprintf(stderr,
                 "a rule of table %s, chain %s has an expression \"%s\" that is too new for the "
                 "libraries of this machine\n",
                 text_of(attribute(answer, NFTA_RULE_TABLE)).c_str(),
                 text_of(attribute(answer, NFTA_RULE_CHAIN)).c_str(), unknown.c_str());
    return false;
  });
}

}  // namespace untrack::live
