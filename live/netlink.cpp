#include "live/netlink.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace untrack::live {
namespace {

constexpr std::uint32_t sequence = 1;

int take_one(const nlmsghdr* answer, void* data) {
  const auto& take = *static_cast<const std::function<bool(const nlmsghdr&)>*>(data);
  return take(*answer) ? MNL_CB_OK : MNL_CB_ERROR;
}

}  // namespace

bool ask_nf_tables(std::uint16_t message, std::uint8_t family, bool is_dump,
                   const std::function<bool(const nlmsghdr&)>& take) {
  const std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)> socket(
      mnl_socket_open(NETLINK_NETFILTER), &mnl_socket_close);
  std::vector<char> buffer(std::size_t{1} << 17);
  const auto fail = [] {
    std::fprintf(stderr, "nf_tables: %s\n", std::strerror(errno));
    return false;
  };
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return fail();
  nlmsghdr* question = mnl_nlmsg_put_header(buffer.data());
  question->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
  question->nlmsg_flags =
      static_cast<std::uint16_t>(NLM_F_REQUEST | (is_dump ? NLM_F_DUMP : NLM_F_ACK));
  question->nlmsg_seq = sequence;
  auto* header =
      static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(question, sizeof(struct nfgenmsg)));
  header->nfgen_family = family;
  header->version = NFNETLINK_V0;
  if (mnl_socket_sendto(socket.get(), question, question->nlmsg_len) < 0) return fail();
  bool gave_up = false;
  const std::function<bool(const nlmsghdr&)> guarded = [&](const nlmsghdr& answer) {
    gave_up = !take(answer);
    return !gave_up;
  };
  const unsigned port = mnl_socket_get_portid(socket.get());
  while (true) {
    const ssize_t size = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (size < 0) return fail();
    const int state = mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), sequence, port,
                                 take_one, const_cast<void*>(static_cast<const void*>(&guarded)));
    if (state == MNL_CB_STOP) return true;
    if (state < MNL_CB_STOP) return gave_up ? false : fail();
  }
}

}  // namespace untrack::live
