#include "live/compat_rule.hpp"

#include <arpa/inet.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mark.h>

#include <algorithm>
#include <cstdio>  // before libnftnl/expr.h, which needs it
#include <cstring>
#include <memory>
#include <string_view>

namespace untrack::live {
namespace {

constexpr std::uint32_t verdict_register = NFT_REG_VERDICT;

template <class Header>
std::vector<std::uint8_t> part_of(std::string_view name, std::uint8_t revision, const void* data,
                                  std::size_t size) {
  Header header{};
  name.copy(header.u.user.name, sizeof header.u.user.name - 1);
  header.u.user.revision = revision;
  std::vector<std::uint8_t> part(sizeof header + size);
  if constexpr (std::is_same_v<Header, xt_entry_match>) {
    header.u.match_size = static_cast<std::uint16_t>(part.size());
  } else {
    header.u.target_size = static_cast<std::uint16_t>(part.size());
  }
  std::memcpy(part.data(), &header, sizeof header);
  if (size > 0) std::memcpy(part.data() + sizeof header, data, size);
  return part;
}

bool is_zero(const std::uint8_t* data, std::uint32_t length) {
  return std::all_of(data, data + length, [](std::uint8_t byte) { return byte == 0; });
}

std::uint16_t port_at(const std::uint8_t* data) {
  return static_cast<std::uint16_t>(data[0] << 8 | data[1]);
}

const std::uint8_t* bytes_of(const nftnl_expr& expression, std::uint16_t type,
                             std::uint32_t& length) {
  return static_cast<const std::uint8_t*>(nftnl_expr_get(&expression, type, &length));
}

}  // namespace

bool CompatRule::understand(const nftnl_rule& rule) {
  const std::unique_ptr<nftnl_expr_iter, decltype(&nftnl_expr_iter_destroy)> each(
      nftnl_expr_iter_create(&rule), &nftnl_expr_iter_destroy);
  if (!each) return false;
  while (const nftnl_expr* expression = nftnl_expr_iter_next(each.get())) {
    if (!add(*expression)) return false;
  }
  return true;
}

bool CompatRule::add(const nftnl_expr& expression) {
  const std::string_view name = nftnl_expr_get_str(&expression, NFTNL_EXPR_NAME);
  if (is_ended_) return false;
  if (name == "counter") return true;
  if (name == "meta") return add_load(expression, true);
  if (name == "payload") return add_load(expression, false);
  if (name == "bitwise") return add_mask(expression);
  if (name == "cmp") return add_comparison(expression);
  if (name == "range") return add_range(expression);
  if (name == "immediate") return add_verdict(expression);
  if (name == "limit") return add_limit(expression);
  if (name == "log") return add_log(expression);
  if (name == "match") return add_extension(expression, false);
  if (name == "target") return add_extension(expression, true);
  return false;
}

bool CompatRule::add_load(const nftnl_expr& expression, bool is_meta) {
  Loaded loaded;
  const auto get = [&](std::uint16_t type) { return nftnl_expr_get_u32(&expression, type); };
  if (is_meta) {
    if (!nftnl_expr_is_set(&expression, NFTNL_EXPR_META_DREG)) return false;  // it sets
    loaded.kind = Loaded::Kind::meta;
    loaded.key = get(NFTNL_EXPR_META_KEY);
    registers_[get(NFTNL_EXPR_META_DREG)] = loaded;
    return true;
  }
  if (!nftnl_expr_is_set(&expression, NFTNL_EXPR_PAYLOAD_DREG)) return false;
  const std::uint32_t base = get(NFTNL_EXPR_PAYLOAD_BASE);
  if (base != NFT_PAYLOAD_NETWORK_HEADER && base != NFT_PAYLOAD_TRANSPORT_HEADER) return false;
  loaded.kind =
      base == NFT_PAYLOAD_NETWORK_HEADER ? Loaded::Kind::network : Loaded::Kind::transport;
  loaded.key = get(NFTNL_EXPR_PAYLOAD_OFFSET);
  loaded.length = get(NFTNL_EXPR_PAYLOAD_LEN);
  registers_[get(NFTNL_EXPR_PAYLOAD_DREG)] = loaded;
  return true;
}

bool CompatRule::add_mask(const nftnl_expr& expression) {
  const auto from = registers_.find(nftnl_expr_get_u32(&expression, NFTNL_EXPR_BITWISE_SREG));
  std::uint32_t mask_length = 0;
  std::uint32_t xor_length = 0;
  const std::uint8_t* mask = bytes_of(expression, NFTNL_EXPR_BITWISE_MASK, mask_length);
  const std::uint8_t* changed = bytes_of(expression, NFTNL_EXPR_BITWISE_XOR, xor_length);
  const bool is_mask = nftnl_expr_get_u32(&expression, NFTNL_EXPR_BITWISE_OP) == NFT_BITWISE_BOOL &&
                       mask != nullptr && changed != nullptr && is_zero(changed, xor_length);
  if (from == registers_.end() || !is_mask || !from->second.mask.empty()) return false;
  Loaded masked = from->second;
  masked.mask.assign(mask, mask + mask_length);
  registers_[nftnl_expr_get_u32(&expression, NFTNL_EXPR_BITWISE_DREG)] = masked;
  return true;
}

bool CompatRule::add_comparison(const nftnl_expr& expression) {
  const auto loaded = registers_.find(nftnl_expr_get_u32(&expression, NFTNL_EXPR_CMP_SREG));
  std::uint32_t length = 0;
  const std::uint8_t* data = bytes_of(expression, NFTNL_EXPR_CMP_DATA, length);
  if (loaded == registers_.end() || data == nullptr) return false;
  const std::uint32_t operation = nftnl_expr_get_u32(&expression, NFTNL_EXPR_CMP_OP);
  switch (loaded->second.kind) {
    case Loaded::Kind::meta:
      return compare_meta(loaded->second, operation, data, length);
    case Loaded::Kind::network:
      return compare_network(loaded->second, operation, data, length);
    case Loaded::Kind::transport:
      return compare_transport(loaded->second, operation, data, length);
  }
  return false;
}

bool CompatRule::add_range(const nftnl_expr& expression) {
  const auto loaded = registers_.find(nftnl_expr_get_u32(&expression, NFTNL_EXPR_RANGE_SREG));
  std::uint32_t first_length = 0;
  std::uint32_t last_length = 0;
  const auto* first = static_cast<const std::uint8_t*>(
      nftnl_expr_get(&expression, NFTNL_EXPR_RANGE_FROM_DATA, &first_length));
  const auto* last = static_cast<const std::uint8_t*>(
      nftnl_expr_get(&expression, NFTNL_EXPR_RANGE_TO_DATA, &last_length));
  if (loaded == registers_.end() || loaded->second.kind != Loaded::Kind::transport ||
      !loaded->second.mask.empty() || loaded->second.length != 2 || first == nullptr ||
      last == nullptr || first_length != 2 || last_length != 2 || loaded->second.key > 2 ||
      loaded->second.key % 2 != 0) {
    return false;
  }
  const bool is_source = loaded->second.key == 0;
  const std::size_t side = is_source ? 0 : 1;
  if (has_ports_[side] || has_bounds_[side]) return false;
  has_ports_[side] = true;
  return set_ports(is_source, port_at(first), port_at(last),
                   nftnl_expr_get_u32(&expression, NFTNL_EXPR_RANGE_OP) == NFT_RANGE_NEQ);
}

bool CompatRule::add_verdict(const nftnl_expr& expression) {
  if (nftnl_expr_get_u32(&expression, NFTNL_EXPR_IMM_DREG) != verdict_register ||
      !nftnl_expr_is_set(&expression, NFTNL_EXPR_IMM_VERDICT)) {
    return false;
  }
  const auto verdict =
      static_cast<std::int32_t>(nftnl_expr_get_u32(&expression, NFTNL_EXPR_IMM_VERDICT));
  is_ended_ = true;
  switch (verdict) {
    case NF_ACCEPT:
      jump_ = "ACCEPT";
      return true;
    case NF_DROP:
      jump_ = "DROP";
      return true;
    case NFT_RETURN:
      jump_ = "RETURN";
      return true;
    case NFT_GOTO:
    case NFT_JUMP: {
      const char* chain = nftnl_expr_get_str(&expression, NFTNL_EXPR_IMM_CHAIN);
      if (chain == nullptr) return false;
      jump_ = chain;
      is_goto_ = verdict == NFT_GOTO;
      return true;
    }
    default:
      return false;
  }
}

bool CompatRule::add_limit(const nftnl_expr& expression) {
  const auto rate = nftnl_expr_get_u64(&expression, NFTNL_EXPR_LIMIT_RATE);
  const auto unit = nftnl_expr_get_u64(&expression, NFTNL_EXPR_LIMIT_UNIT);
  if (nftnl_expr_get_u32(&expression, NFTNL_EXPR_LIMIT_TYPE) != NFT_LIMIT_PKTS ||
      nftnl_expr_get_u32(&expression, NFTNL_EXPR_LIMIT_FLAGS) != 0 || rate == 0) {
    return false;
  }
  xt_rateinfo limit{};
  limit.avg = static_cast<std::uint32_t>(XT_LIMIT_SCALE * unit / rate);
  limit.burst = nftnl_expr_get_u32(&expression, NFTNL_EXPR_LIMIT_BURST);
  matches_.push_back(part_of<xt_entry_match>("limit", 0, &limit, sizeof limit));
  return true;
}

// `-j NFLOG`, which has a group; `-j LOG` is an extension.
bool CompatRule::add_log(const nftnl_expr& expression) {
  if (!nftnl_expr_is_set(&expression, NFTNL_EXPR_LOG_GROUP)) return false;
  xt_nflog_info log{};
  log.group = nftnl_expr_get_u16(&expression, NFTNL_EXPR_LOG_GROUP);
  if (nftnl_expr_is_set(&expression, NFTNL_EXPR_LOG_PREFIX)) {
    const std::string_view prefix = nftnl_expr_get_str(&expression, NFTNL_EXPR_LOG_PREFIX);
    if (prefix.size() >= sizeof log.prefix) return false;
    prefix.copy(log.prefix, sizeof log.prefix - 1);
  }
  if (nftnl_expr_is_set(&expression, NFTNL_EXPR_LOG_SNAPLEN)) {
    log.flags = XT_NFLOG_F_COPY_LEN;
    log.len = nftnl_expr_get_u32(&expression, NFTNL_EXPR_LOG_SNAPLEN);
  }
  if (nftnl_expr_is_set(&expression, NFTNL_EXPR_LOG_QTHRESHOLD)) {
    log.threshold = nftnl_expr_get_u16(&expression, NFTNL_EXPR_LOG_QTHRESHOLD);
  }
  target_ = part_of<xt_entry_target>("NFLOG", 0, &log, sizeof log);
  is_ended_ = true;
  return true;
}

bool CompatRule::add_extension(const nftnl_expr& expression, bool is_target) {
  const auto of = [is_target](std::uint16_t target, std::uint16_t match) {
    return is_target ? target : match;
  };
  std::uint32_t length = 0;
  const char* name = nftnl_expr_get_str(&expression, of(NFTNL_EXPR_TG_NAME, NFTNL_EXPR_MT_NAME));
  const auto revision = static_cast<std::uint8_t>(
      nftnl_expr_get_u32(&expression, of(NFTNL_EXPR_TG_REV, NFTNL_EXPR_MT_REV)));
  const std::uint8_t* data =
      bytes_of(expression, of(NFTNL_EXPR_TG_INFO, NFTNL_EXPR_MT_INFO), length);
  if (name == nullptr) return false;
  if (data == nullptr) length = 0;
  if (is_target) {
    target_ = part_of<xt_entry_target>(name, revision, data, length);
    is_ended_ = true;
  } else {
    matches_.push_back(part_of<xt_entry_match>(name, revision, data, length));
  }
  return true;
}

}  // namespace untrack::live
