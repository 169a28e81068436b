#include "live/listeners.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <sstream>

namespace untrack::live {
namespace {

template <class Value>
bool read_hex(std::string_view word, Value& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
  return error == std::errc() && end == word.data() + word.size();
}

std::string address_of(std::string_view word, bool is_ipv6) {
  std::array<std::uint32_t, 4> parts{};
  const std::size_t count = is_ipv6 ? 4 : 1;
  if (word.size() != count * 8) return {};
  for (std::size_t i = 0; i < count; ++i) {
    if (!read_hex(word.substr(i * 8, 8), parts[i])) return {};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  (void)inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, parts.data(), text.data(), text.size());
  return text.data();
}

}  // namespace

const std::vector<ListenerFile>& listener_files() {
  static const std::vector<ListenerFile> files = {{"/proc/net/tcp", "tcp", false, "0A"},
                                                  {"/proc/net/tcp6", "tcp", true, "0A"},
                                                  {"/proc/net/udp", "udp", false, "07"},
                                                  {"/proc/net/udp6", "udp", true, "07"}};
  return files;
}

std::vector<Snapshot::Listener> listeners_of(const ListenerFile& file, std::string_view text) {
  std::vector<Snapshot::Listener> listeners;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    const std::size_t colon = local.find(':');
    if (colon == std::string::npos || state != file.state) continue;
    Snapshot::Listener listener;
    listener.protocol = file.protocol;
    listener.address = address_of(std::string_view(local).substr(0, colon), file.is_ipv6);
    if (listener.address.empty() ||
        !read_hex(std::string_view(local).substr(colon + 1), listener.port)) {
      continue;
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace untrack::live
