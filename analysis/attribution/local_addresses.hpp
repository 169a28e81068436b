// LocalAddresses: which addresses are this host's own, as a snapshot tells them. By them an entry
// of the conntrack table has its way: to the host, from it, through it. Used by
// analysis/attribution.
#pragma once

#include <array>
#include <vector>

#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

class LocalAddresses {
 public:
  // "192.0.2.1/24" and its like; also its broadcast address is the host's.
  void add(IpVersion version, Number address, unsigned prefix_length);

  // No addresses were told: nothing is known.
  [[nodiscard]] bool is_empty() const { return own_[0].empty() && own_[1].empty(); }
  // Of the host, or a broadcast to it.
  [[nodiscard]] bool has(IpVersion version, Number address) const;
  // Of the host alone.
  [[nodiscard]] bool is_own(IpVersion version, Number address) const;

 private:
  // By IpVersion; sorted.
  std::array<std::vector<Number>, 2> own_;
  std::array<std::vector<Number>, 2> broadcast_;
};

// 127/8, ::1: packets from or to them never leave the host.
[[nodiscard]] bool is_loopback(IpVersion version, Number address);

}  // namespace untrack
