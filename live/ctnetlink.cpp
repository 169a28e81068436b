#include "live/ctnetlink.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

namespace untrack::live {
namespace {

constexpr std::uint32_t sequence = 1;
constexpr std::size_t buffer_bytes = std::size_t{1} << 18U;

template <std::size_t Size>
using Attributes = std::array<const nlattr*, Size>;

// By their type; those that are newer than `Size` are left out.
template <std::size_t Size>
int take_attribute(const nlattr* attribute, void* data) {
  auto& all = *static_cast<Attributes<Size>*>(data);
  const std::size_t type = mnl_attr_get_type(attribute);
  if (type < Size) all[type] = attribute;
  return MNL_CB_OK;
}

template <std::size_t Size>
Attributes<Size> inside(const nlattr* nest) {
  Attributes<Size> all{};
  if (nest != nullptr) mnl_attr_parse_nested(nest, take_attribute<Size>, &all);
  return all;
}

bool holds(const nlattr* attribute, std::size_t bytes) {
  return attribute != nullptr && mnl_attr_get_payload_len(attribute) >= bytes;
}

std::uint32_t number32(const nlattr* attribute) {
  return holds(attribute, 4) ? ntohl(mnl_attr_get_u32(attribute)) : 0;
}

std::uint16_t number16(const nlattr* attribute) {
  return holds(attribute, 2) ? ntohs(mnl_attr_get_u16(attribute)) : std::uint16_t{0};
}

std::uint64_t number64(const nlattr* attribute) {
  if (!holds(attribute, 8)) return 0;
  std::array<std::uint8_t, 8> bytes{};
  std::memcpy(bytes.data(), mnl_attr_get_payload(attribute), bytes.size());
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return number;
}

std::string_view name_of(std::uint8_t protocol) {
  // l4proto_name, nf_conntrack_standalone.c, 6.1.
  switch (protocol) {
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_DCCP:
      return "dccp";
    case IPPROTO_GRE:
      return "gre";
    case IPPROTO_SCTP:
      return "sctp";
    case IPPROTO_UDPLITE:
      return "udplite";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    default:
      return "unknown";
  }
}

// tcp_conntrack_names, nf_conntrack_proto_tcp.c, 6.1.
constexpr std::array<std::string_view, 10> tcp_states = {
    "NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
    "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};

class Line {
 public:
  // False: the answer is no entry.
  bool write(const nlmsghdr& message) {
    text_.clear();
    const auto* header = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
    family_ = header->nfgen_family;
    Attributes<CTA_MAX + 1> all{};
    if (mnl_attr_parse(&message, sizeof(nfgenmsg), take_attribute<CTA_MAX + 1>, &all) < 0)
      return false;
    const auto there = inside<CTA_TUPLE_MAX + 1>(all[CTA_TUPLE_ORIG]);
    const auto protocol = inside<CTA_PROTO_MAX + 1>(there[CTA_TUPLE_PROTO]);
    if ((family_ != AF_INET && family_ != AF_INET6) || !holds(protocol[CTA_PROTO_NUM], 1))
      return false;
    const std::uint8_t number = mnl_attr_get_u8(protocol[CTA_PROTO_NUM]);
    fmt::format_to(out(), "{:<8} {} {:<8} {} {} ", family_ == AF_INET ? "ipv4" : "ipv6",
                   unsigned{family_}, name_of(number), unsigned{number},
                   number32(all[CTA_TIMEOUT]));
    if (number == IPPROTO_TCP) write_state(all[CTA_PROTOINFO]);
    const std::uint32_t status = number32(all[CTA_STATUS]);
    if (!write_tuple(all[CTA_TUPLE_ORIG])) return false;
    write_counters(all[CTA_COUNTERS_ORIG]);
    if ((status & IPS_SEEN_REPLY) == 0) text("[UNREPLIED] ");
    if (!write_tuple(all[CTA_TUPLE_REPLY])) return false;
    write_counters(all[CTA_COUNTERS_REPLY]);
    if ((status & IPS_ASSURED) != 0) text("[ASSURED] ");
    if (all[CTA_MARK] != nullptr) fmt::format_to(out(), "mark={} ", number32(all[CTA_MARK]));
    if (all[CTA_ZONE] != nullptr) fmt::format_to(out(), "zone={} ", number16(all[CTA_ZONE]));
    text_.push_back('\n');
    return std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size();
  }

 private:
  std::back_insert_iterator<fmt::memory_buffer> out() { return std::back_inserter(text_); }
  void text(std::string_view what) { text_.append(what.data(), what.data() + what.size()); }

  void write_state(const nlattr* info) {
    const auto of_tcp =
        inside<CTA_PROTOINFO_TCP_MAX + 1>(inside<CTA_PROTOINFO_MAX + 1>(info)[CTA_PROTOINFO_TCP]);
    const nlattr* state = of_tcp[CTA_PROTOINFO_TCP_STATE];
    if (!holds(state, 1) || mnl_attr_get_u8(state) >= tcp_states.size()) return;
    text(tcp_states[mnl_attr_get_u8(state)]);
    text(" ");
  }

  bool write_address(const char* key, const nlattr* four, const nlattr* six) {
    std::array<char, INET6_ADDRSTRLEN> address{};
    const nlattr* attribute = family_ == AF_INET ? four : six;
    if (!holds(attribute, family_ == AF_INET ? 4 : 16)) return false;
    if (inet_ntop(family_, mnl_attr_get_payload(attribute), address.data(), address.size()) ==
        nullptr) {
      return false;
    }
    fmt::format_to(out(), "{}={} ", key, address.data());
    return true;
  }

  bool write_tuple(const nlattr* tuple) {
    const auto parts = inside<CTA_TUPLE_MAX + 1>(tuple);
    const auto ip = inside<CTA_IP_MAX + 1>(parts[CTA_TUPLE_IP]);
    const auto protocol = inside<CTA_PROTO_MAX + 1>(parts[CTA_TUPLE_PROTO]);
    if (!write_address("src", ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC]) ||
        !write_address("dst", ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST])) {
      return false;
    }
    const auto write_byte = [&](const char* key, const nlattr* attribute) {
      if (holds(attribute, 1)) {
        fmt::format_to(out(), "{}={} ", key, unsigned{mnl_attr_get_u8(attribute)});
      }
    };
    const auto write_word = [&](const char* key, const nlattr* attribute) {
      if (attribute != nullptr) fmt::format_to(out(), "{}={} ", key, number16(attribute));
    };
    const bool is_six = protocol[CTA_PROTO_ICMPV6_TYPE] != nullptr;
    write_byte("type", protocol[is_six ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE]);
    write_byte("code", protocol[is_six ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE]);
    write_word("id", protocol[is_six ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID]);
    write_word("sport", protocol[CTA_PROTO_SRC_PORT]);
    write_word("dport", protocol[CTA_PROTO_DST_PORT]);
    return true;
  }

  void write_counters(const nlattr* nest) {
    if (nest == nullptr) return;  // accounting is off
    const auto counters = inside<CTA_COUNTERS_MAX + 1>(nest);
    fmt::format_to(out(), "packets={} bytes={} ", number64(counters[CTA_COUNTERS_PACKETS]),
                   number64(counters[CTA_COUNTERS_BYTES]));
  }

  std::uint8_t family_ = 0;
  fmt::memory_buffer text_;
};

struct Taking {
  Line line;
  const std::function<void()>* printed = nullptr;
};

int take_entry(const nlmsghdr* message, void* data) {
  auto& taking = *static_cast<Taking*>(data);
  if (!taking.line.write(*message)) {
    errno = EPROTO;
    return MNL_CB_ERROR;
  }
  (*taking.printed)();
  return MNL_CB_OK;
}

}  // namespace

bool print_conntrack_entries(const std::function<void()>& printed) {
  const std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)> socket(
      mnl_socket_open(NETLINK_NETFILTER), &mnl_socket_close);
  std::vector<char> buffer(buffer_bytes);
  const auto fail = [] {
    std::fprintf(stderr, "%s\n", std::strerror(errno));
    return false;
  };
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return fail();
  nlmsghdr* question = mnl_nlmsg_put_header(buffer.data());
  question->nlmsg_type =
      static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8U | IPCTNL_MSG_CT_GET);
  question->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question->nlmsg_seq = sequence;
  auto* header =
      static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(question, sizeof(struct nfgenmsg)));
  header->nfgen_family = AF_UNSPEC;
  header->version = NFNETLINK_V0;
  if (mnl_socket_sendto(socket.get(), question, question->nlmsg_len) < 0) return fail();
  Taking taking;
  taking.printed = &printed;
  const unsigned port = mnl_socket_get_portid(socket.get());
  while (true) {
    const ssize_t size = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (size < 0) return fail();
    const int state = mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), sequence, port,
                                 take_entry, &taking);
    if (state == MNL_CB_STOP) return true;
    if (state < MNL_CB_STOP) return fail();
  }
}

}  // namespace untrack::live
