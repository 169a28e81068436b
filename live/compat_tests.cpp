// What the comparisons of a rule of iptables-nft are tests of.
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "live/compat_rule.hpp"

namespace untrack::live {
namespace {

constexpr std::size_t header_size = sizeof(xt_entry_match);
constexpr std::uint16_t highest_port = 0xffff;
// How iptables-nft says `! -i +`.
constexpr std::string_view impossible = "INVAL/D";

bool is_equality(std::uint32_t operation) {
  return operation == NFT_CMP_EQ || operation == NFT_CMP_NEQ;
}

template <class Info>
std::vector<std::uint8_t> match_of(const char* name, std::uint8_t revision, const Info& info) {
  xt_entry_match header{};
  std::strncpy(header.u.user.name, name, sizeof header.u.user.name - 1);
  header.u.user.revision = revision;
  header.u.match_size = static_cast<std::uint16_t>(header_size + sizeof info);
  std::vector<std::uint8_t> part(header_size + sizeof info);
  std::memcpy(part.data(), &header, header_size);
  std::memcpy(part.data() + header_size, &info, sizeof info);
  return part;
}

std::uint16_t port_of(const std::uint8_t* data) {
  return static_cast<std::uint16_t>(data[0] << 8 | data[1]);
}

// Calls `change` with the structure behind the header.
template <class Info, class Change>
void change_info(std::vector<std::uint8_t>& part, const Change& change) {
  Info info{};
  std::memcpy(&info, part.data() + header_size, sizeof info);
  change(info);
  std::memcpy(part.data() + header_size, &info, sizeof info);
}

}  // namespace

bool CompatRule::compare_meta(const Loaded& loaded, std::uint32_t operation,
                              const std::uint8_t* data, std::uint32_t length) {
  if (!is_equality(operation)) return false;
  const bool is_not = operation == NFT_CMP_NEQ;
  switch (loaded.key) {
    case NFT_META_IIFNAME:
    case NFT_META_OIFNAME: {
      Interface& interface = loaded.key == NFT_META_IIFNAME ? in_ : out_;
      if (interface.mask[0] != 0 || !loaded.mask.empty() || length == 0 ||
          length > interface.name.size()) {
        return false;
      }
      std::memcpy(interface.name.data(), data, length);
      // One that ends within the test is a whole name, else all that begin so.
      std::fill_n(interface.mask.begin(), length, static_cast<unsigned char>(0xff));
      interface.is_not = is_not;
      if (impossible == std::string_view(interface.name.data(), length - 1) && !is_not) {
        interface = {{'+'}, {0xff, 0xff}, true};
      }
      return data[0] != 0;
    }
    case NFT_META_L4PROTO:
      if (protocol_ != 0 || !loaded.mask.empty() || length != 1 || data[0] == 0) return false;
      protocol_ = data[0];
      is_not_protocol_ = is_not;
      return true;
    case NFT_META_MARK: {
      if (length != sizeof(std::uint32_t)) return false;
      xt_mark_mtinfo1 mark{};
      mark.mask = 0xffffffff;
      mark.invert = is_not ? 1 : 0;
      std::memcpy(&mark.mark, data, sizeof mark.mark);
      if (!loaded.mask.empty()) std::memcpy(&mark.mask, loaded.mask.data(), sizeof mark.mask);
      matches_.push_back(match_of("mark", 1, mark));
      return true;
    }
    default:
      return false;
  }
}

bool CompatRule::set_address(Address& address, const Loaded& loaded, bool is_not,
                             const std::uint8_t* data) {
  const std::size_t whole = family_ == NFPROTO_IPV4 ? 4 : 16;
  const bool is_given = std::ranges::any_of(address.mask, [](std::uint8_t b) { return b != 0; });
  if (is_given || address.is_not || loaded.length > whole) return false;
  std::memcpy(address.value.data(), data, loaded.length);
  for (std::size_t i = 0; i < loaded.length; ++i) {
    address.mask[i] = loaded.mask.empty() ? 0xff : loaded.mask[i];
  }
  address.is_not = is_not;
  return true;
}

bool CompatRule::compare_network(const Loaded& loaded, std::uint32_t operation,
                                 const std::uint8_t* data, std::uint32_t length) {
  if (!is_equality(operation) || length != loaded.length ||
      (!loaded.mask.empty() && loaded.mask.size() != length)) {
    return false;
  }
  const bool is_not = operation == NFT_CMP_NEQ;
  const bool is_ipv4 = family_ == NFPROTO_IPV4;
  if (loaded.key == (is_ipv4 ? 12U : 8U)) return set_address(source_, loaded, is_not, data);
  if (loaded.key == (is_ipv4 ? 16U : 24U)) return set_address(destination_, loaded, is_not, data);
  if (loaded.key == (is_ipv4 ? 9U : 6U) && length == 1 && loaded.mask.empty()) {
    if (protocol_ != 0 || data[0] == 0) return false;
    protocol_ = data[0];
    is_not_protocol_ = is_not;
    return true;
  }
  // A fragment but the first has an offset.
  const bool is_offset = is_ipv4 && loaded.key == 6 && length == 2 && loaded.mask.size() == 2 &&
                         loaded.mask[0] == 0x1f && loaded.mask[1] == 0xff && data[0] == 0 &&
                         data[1] == 0;
  if (!is_offset || is_fragment_) return false;
  is_fragment_ = true;
  is_not_fragment_ = !is_not;
  return true;
}

CompatRule::Part* CompatRule::transport_match() {
  if (is_not_protocol_) return nullptr;
  if (transport_ == 0) {
    if (protocol_ == IPPROTO_TCP) {
      xt_tcp tcp{};
      tcp.spts[1] = tcp.dpts[1] = highest_port;
      matches_.push_back(match_of("tcp", 0, tcp));
    } else if (protocol_ == IPPROTO_UDP) {
      xt_udp udp{};
      udp.spts[1] = udp.dpts[1] = highest_port;
      matches_.push_back(match_of("udp", 0, udp));
    } else {
      return nullptr;
    }
    transport_ = matches_.size();
  }
  return &matches_[transport_ - 1];
}

bool CompatRule::set_ports(bool is_source, std::uint16_t first, std::uint16_t last, bool is_not) {
  Part* match = transport_match();
  if (match == nullptr) return false;
  const auto change = [&](auto& info, unsigned source_flag, unsigned destination_flag) {
    std::uint16_t* ports = is_source ? info.spts : info.dpts;
    ports[0] = std::max(ports[0], first);
    ports[1] = std::min(ports[1], last);
    if (is_not) {
      info.invflags =
          static_cast<std::uint8_t>(info.invflags | (is_source ? source_flag : destination_flag));
    }
  };
  if (protocol_ == IPPROTO_TCP) {
    change_info<xt_tcp>(*match,
                        [&](xt_tcp& tcp) { change(tcp, XT_TCP_INV_SRCPT, XT_TCP_INV_DSTPT); });
  } else {
    change_info<xt_udp>(*match,
                        [&](xt_udp& udp) { change(udp, XT_UDP_INV_SRCPT, XT_UDP_INV_DSTPT); });
  }
  return true;
}

bool CompatRule::set_tcp_flags(std::uint8_t mask, std::uint8_t flags, bool is_not) {
  Part* match = protocol_ == IPPROTO_TCP && !has_flags_ ? transport_match() : nullptr;
  if (match == nullptr) return false;
  has_flags_ = true;
  change_info<xt_tcp>(*match, [&](xt_tcp& tcp) {
    tcp.flg_mask = mask;
    tcp.flg_cmp = flags;
    if (is_not) tcp.invflags = static_cast<std::uint8_t>(tcp.invflags | XT_TCP_INV_FLAGS);
  });
  return true;
}

bool CompatRule::compare_transport(const Loaded& loaded, std::uint32_t operation,
                                   const std::uint8_t* data, std::uint32_t length) {
  if (length != loaded.length) return false;
  if (loaded.key == 13 && length == 1) {
    if (!is_equality(operation)) return false;
    const std::uint8_t mask = loaded.mask.empty() ? 0xff : loaded.mask[0];
    return set_tcp_flags(mask, data[0], operation == NFT_CMP_NEQ);
  }
  if (loaded.key == 0 && length == 4 && loaded.mask.empty()) {  // both ports
    const bool is_free = !has_ports_[0] && !has_ports_[1] && !has_bounds_[0] && !has_bounds_[1];
    if (operation != NFT_CMP_EQ || !is_free) return false;
    has_ports_ = {true, true};
    return set_ports(true, port_of(data), port_of(data), false) &&
           set_ports(false, port_of(data + 2), port_of(data + 2), false);
  }
  if ((loaded.key != 0 && loaded.key != 2) || length != 2 || !loaded.mask.empty()) return false;
  const bool is_source = loaded.key == 0;
  const std::size_t side = is_source ? 0 : 1;
  const std::uint16_t port = port_of(data);
  if (has_ports_[side]) return false;
  if (is_equality(operation)) {
    if (has_bounds_[side]) return false;
    has_ports_[side] = true;
    return set_ports(is_source, port, port, operation == NFT_CMP_NEQ);
  }
  has_bounds_[side] = true;
  if (operation == NFT_CMP_GTE) return set_ports(is_source, port, highest_port, false);
  if (operation == NFT_CMP_LTE) return set_ports(is_source, 0, port, false);
  if (operation == NFT_CMP_GT && port < highest_port) {
    return set_ports(is_source, static_cast<std::uint16_t>(port + 1), highest_port, false);
  }
  if (operation == NFT_CMP_LT && port > 0) {
    return set_ports(is_source, 0, static_cast<std::uint16_t>(port - 1), false);
  }
  return false;
}

}  // namespace untrack::live
