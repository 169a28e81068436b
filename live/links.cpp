#include "live/links.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace untrack::live {
namespace {

constexpr std::uint32_t sequence = 1;

using Take = std::function<void(const nlmsghdr&)>;

int take_one(const nlmsghdr* answer, void* data) {
  (*static_cast<const Take*>(data))(*answer);
  return MNL_CB_OK;
}

// `fill` puts the rest of the question behind its header.
bool ask(std::uint16_t message, const std::function<void(nlmsghdr&)>& fill, const Take& take) {
  const std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)> socket(
      mnl_socket_open(NETLINK_ROUTE), &mnl_socket_close);
  std::vector<char> buffer(std::size_t{1} << 17);
  const auto fail = [] {
    std::fprintf(stderr, "rtnetlink: %s\n", std::strerror(errno));
    return false;
  };
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return fail();
  nlmsghdr* question = mnl_nlmsg_put_header(buffer.data());
  question->nlmsg_type = message;
  question->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question->nlmsg_seq = sequence;
  fill(*question);
  if (mnl_socket_sendto(socket.get(), question, question->nlmsg_len) < 0) return fail();
  const unsigned port = mnl_socket_get_portid(socket.get());
  Take mine = take;
  while (true) {
    const ssize_t size = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (size < 0) return fail();
    const int state =
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), sequence, port, take_one, &mine);
    if (state == MNL_CB_STOP) return true;
    if (state < MNL_CB_STOP) return fail();
  }
}

// Calls `use` for the attributes from `first` on, of `size` bytes.
void each_attribute(const nlattr* first, std::size_t size,
                    const std::function<void(const nlattr&)>& use) {
  const char* const end = reinterpret_cast<const char*>(first) + size;
  for (const nlattr* at = first;
       mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at)));
       at = mnl_attr_next(at)) {
    use(*at);
  }
}

template <class Header>
void each_attribute_of(const nlmsghdr& answer, const std::function<void(const nlattr&)>& use) {
  const auto* first =
      static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&answer, sizeof(Header)));
  const char* const end = reinterpret_cast<const char*>(mnl_nlmsg_get_payload_tail(&answer));
  each_attribute(first, static_cast<std::size_t>(end - reinterpret_cast<const char*>(first)), use);
}

std::string text_of(const nlattr& attribute) {
  const char* text = mnl_attr_get_str(&attribute);
  return {text, strnlen(text, mnl_attr_get_payload_len(&attribute))};
}

void print_link(const nlmsghdr& answer) {
  const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&answer));
  std::string name;
  std::string kind = "-";
  each_attribute_of<ifinfomsg>(answer, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == IFLA_IFNAME) name = text_of(attribute);
    if (mnl_attr_get_type(&attribute) != IFLA_LINKINFO) return;
    each_attribute(static_cast<const nlattr*>(mnl_attr_get_payload(&attribute)),
                   mnl_attr_get_payload_len(&attribute), [&](const nlattr& inner) {
                     if (mnl_attr_get_type(&inner) == IFLA_INFO_KIND) kind = text_of(inner);
                   });
  });
  std::printf("link %d %s %s\n", link->ifi_index, name.c_str(), kind.c_str());
}

void print_address(const nlmsghdr& answer) {
  const auto* head = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&answer));
  const int family = head->ifa_family;
  if (family != AF_INET && family != AF_INET6) return;
  const std::size_t size = family == AF_INET ? 4 : 16;
  std::array<char, INET6_ADDRSTRLEN> text{};
  bool is_local = false;
  each_attribute_of<ifaddrmsg>(answer, [&](const nlattr& attribute) {
    const int type = mnl_attr_get_type(&attribute);
    // Of a point-to-point link IFA_ADDRESS is the other end.
    if ((type != IFA_LOCAL && (type != IFA_ADDRESS || is_local)) ||
        mnl_attr_get_payload_len(&attribute) < size) {
      return;
    }
    is_local = type == IFA_LOCAL;
    (void)inet_ntop(family, mnl_attr_get_payload(&attribute), text.data(), text.size());
  });
  std::printf("address %u %s/%u\n", head->ifa_index, text.data(), head->ifa_prefixlen);
}

}  // namespace

bool print_links() {
  const auto of_all = [](nlmsghdr& question) {
    auto* head = static_cast<rtgenmsg*>(mnl_nlmsg_put_extra_header(&question, sizeof(rtgenmsg)));
    head->rtgen_family = AF_UNSPEC;
  };
  return ask(RTM_GETLINK, of_all, print_link) && ask(RTM_GETADDR, of_all, print_address);
}

bool print_tc_actions(std::string_view kind) {
  std::size_t count = 0;
  const std::string name(kind);
  // The kernel's own order: tcamsg, a table with one nameless action in it, of that kind
  // (tc_dump_action, act_api.c, 6.1, which looks for the kind and does not load it).
  const auto of_kind = [&](nlmsghdr& question) {
    auto* head = static_cast<tcamsg*>(mnl_nlmsg_put_extra_header(&question, sizeof(tcamsg)));
    head->tca_family = AF_UNSPEC;
    nlattr* table = mnl_attr_nest_start(&question, TCA_ACT_TAB);
    nlattr* action = mnl_attr_nest_start(&question, 1);
    mnl_attr_put_strz(&question, TCA_ACT_KIND, name.c_str());
    mnl_attr_nest_end(&question, action);
    mnl_attr_nest_end(&question, table);
  };
  const bool is_told = ask(RTM_GETACTION, of_kind, [&](const nlmsghdr& answer) {
    each_attribute_of<tcamsg>(answer, [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) != TCA_ACT_TAB) return;
      each_attribute(static_cast<const nlattr*>(mnl_attr_get_payload(&attribute)),
                     mnl_attr_get_payload_len(&attribute), [&](const nlattr&) { ++count; });
    });
  });
  if (is_told) std::printf("%zu", count);
  return is_told;
}

}  // namespace untrack::live
