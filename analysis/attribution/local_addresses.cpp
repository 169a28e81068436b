#include "analysis/attribution/local_addresses.hpp"

#include <algorithm>

namespace untrack {

void LocalAddresses::add(IpVersion version, Number address, unsigned prefix_length) {
  const auto family = static_cast<std::size_t>(version);
  own_[family].push_back(address);
  std::ranges::sort(own_[family]);
  if (version == IpVersion::ipv4 && prefix_length < 31) {
    broadcast_[family].push_back(address | (Number{0xffffffffU} >> prefix_length));
    std::ranges::sort(broadcast_[family]);
  }
}

bool LocalAddresses::is_own(IpVersion version, Number address) const {
  return is_loopback(version, address) ||
         std::ranges::binary_search(own_[static_cast<std::size_t>(version)], address);
}

bool LocalAddresses::has(IpVersion version, Number address) const {
  return is_own(version, address) || (version == IpVersion::ipv4 && address == 0xffffffffU) ||
         std::ranges::binary_search(broadcast_[static_cast<std::size_t>(version)], address);
}

bool is_loopback(IpVersion version, Number address) {
  return version == IpVersion::ipv4 ? address >> 24U == 127 : address == 1;
}

}  // namespace untrack
