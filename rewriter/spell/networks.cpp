#include "rewriter/spell/networks.hpp"

#include <fmt/format.h>

#include "model/address_text.hpp"

namespace untrack {

std::vector<std::string> networks(Interval range, IpVersion version) {
  const unsigned width = version == IpVersion::ipv4 ? 32 : 128;
  std::vector<std::string> all;
  while (true) {
    unsigned host_bits = 0;
    while (host_bits < width) {
      const Number hosts = host_bits + 1 >= 128 ? ~Number{0} : (Number{1} << (host_bits + 1)) - 1;
      if ((range.first & hosts) != 0 || (range.first | hosts) > range.last) break;
      ++host_bits;
    }
    const Number hosts = host_bits >= 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
    all.push_back(fmt::format("{}/{}", address_text(range.first, version), width - host_bits));
    const Number last = range.first | hosts;
    if (last >= range.last) return all;
    range.first = last + 1;
  }
}

}  // namespace untrack
