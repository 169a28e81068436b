// Sockets that wait for others: those of TCP that listen, those of UDP that are bound and have no
// peer, from /proc/net of a network namespace. Used by live/snapshot.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.hpp"

namespace untrack::live {

struct ListenerFile {
  const char* path;
  const char* protocol;
  bool is_ipv6;
  const char* state;  // of the sockets that wait, as its column st says it
};
[[nodiscard]] const std::vector<ListenerFile>& listener_files();

// Of the text of one of them (get_tcp4_sock in tcp_ipv4.c, 6.1). Addresses stand there as the words
// of the host's own byte order.
[[nodiscard]] std::vector<Snapshot::Listener> listeners_of(const ListenerFile& file,
                                                           std::string_view text);

}  // namespace untrack::live
