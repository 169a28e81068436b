#include "model/address_text.hpp"

#include <arpa/inet.h>

#include <array>

namespace untrack {

std::string address_text(Number address, IpVersion version) {
  std::array<unsigned char, 16> bytes{};
  const std::size_t size = version == IpVersion::ipv4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) {
    bytes[size - 1 - i] = static_cast<unsigned char>(address >> (8 * i));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(version == IpVersion::ipv4 ? AF_INET : AF_INET6, bytes.data(), text.data(),
            text.size());
  return text.data();
}

}  // namespace untrack
