// table
#include "model/catalog/one_port_services.hpp"

#include <vector>

namespace untrack::catalog {
namespace {

constexpr OnePortService rows[] = {
    {67, 68, "DHCP", Answers::on_one_port,
     "RFC 2131, 4.1: broadcasts, and each side has a port of its own"},
    {123, 123, "NTP", Answers::on_one_port, "RFC 5905, 7.2"},
    {137, 138, "NetBIOS", Answers::on_one_port, "RFC 1002, 4.2 and 4.4"},
    {162, 162, "SNMP traps", Answers::none, "RFC 3413, 3.3"},
    {500, 500, "IKE", Answers::on_one_port, "RFC 7296, 2"},
    {514, 514, "syslog", Answers::none, "RFC 5426, 3"},
    {520, 521, "RIP", Answers::none, "RFC 2453, 3.6; RFC 2080, 2: updates go from port to port"},
    {2055, 2055, "NetFlow", Answers::none, "RFC 3954, 3: exporters only send"},
    {3784, 3785, "BFD", Answers::none, "RFC 5881, 4: each side sends to the port, from its own"},
    {4500, 4500, "IKE behind NAT", Answers::mostly_on_one, "RFC 7296, 2.23"},
    {4739, 4739, "IPFIX", Answers::none, "RFC 7011, 10.3"},
    {4789, 4789, "VXLAN", Answers::none,
     "RFC 7348, 5: the source port is a hash of the packet inside"},
    {5353, 5353, "mDNS", Answers::on_one_port, "RFC 6762, 5.2"},
    {6081, 6081, "Geneve", Answers::none, "RFC 8926, 3.3: as VXLAN"},
    {6343, 6343, "sFlow", Answers::none, "sFlow version 5, 4.1: agents only send"},
};

}  // namespace

std::span<const OnePortService> one_port_services() { return rows; }

std::span<const std::uint16_t> symmetric_ports() {
  static const std::vector<std::uint16_t> ports = [] {
    std::vector<std::uint16_t> all;
    for (const OnePortService& row : rows) {
      if (row.answers == Answers::none) continue;
      for (unsigned port = row.first_port; port <= row.last_port; ++port) {
        all.push_back(static_cast<std::uint16_t>(port));
      }
    }
    return all;
  }();
  return ports;
}

}  // namespace untrack::catalog
