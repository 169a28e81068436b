// Mirror: its gates, the rules by which packets come to it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "analysis/packet/packet.hpp"
#include "analysis/program/service_ports.hpp"
#include "rewriter/stateless/mirror.hpp"

namespace untrack {
namespace {

constexpr std::string_view gate = "! --tcp-flags ACK,RST NONE";
constexpr std::uint16_t dns = 53;

std::string port_text(const Interval& range) {
  const auto first = static_cast<unsigned>(range.first);
  const auto last = static_cast<unsigned>(range.last);
  return first == last ? fmt::format("{}", first) : fmt::format("{}:{}", first, last);
}

}  // namespace

// To the ports of clients, without those of services.
void Mirror::add_udp_gates(std::optional<std::uint16_t> from, const Interval& to,
                           std::vector<Conditions>& gates) const {
  constexpr std::size_t most_ranges = 7;  // -m multiport takes 15 ports, and a range is two
  std::vector<Interval> ports = {to};
  if (path_ == Path::out && assumptions_.has(Assumption::service_ports)) {
    ports = without_ports(to, service_ports(ruleset_, version_, assumptions_.host_ports).few);
  }
  for (std::size_t i = 0; i < ports.size(); i += most_ranges) {
    const std::size_t end = std::min(ports.size(), i + most_ranges);
    const std::string source = from ? fmt::format("--sport {}", *from) : std::string();
    Conditions udp;
    udp.protocol = "-p udp";
    if (end == i + 1) {
      udp.add("udp", fmt::format("{}{}--dport {}", source, from ? " " : "", port_text(ports[i])));
    } else {
      if (from) udp.add("udp", source);
      std::vector<std::string> ranges;
      for (std::size_t k = i; k < end; ++k) ranges.push_back(port_text(ports[k]));
      udp.add("multiport", fmt::format("--dports {}", fmt::join(ranges, ",")));
    }
    gates.push_back(std::move(udp));
  }
}

// Only what can be an answer goes into the mirror.
std::vector<Conditions> Mirror::gates() const {
  std::vector<Conditions> all;
  const auto takes = [&](std::uint8_t protocol) {
    return passing_.takes_named || passing_.protocols.contains(protocol);
  };
  std::string ports;
  const bool has_ports =
      reflection_ == Reflection::replies && assumptions_.has(Assumption::client_ports);
  if (has_ports) ports = fmt::format("--dport {}", port_text(usual_ports()));
  if (takes(ip_protocol::tcp)) {
    Conditions tcp;
    tcp.protocol = "-p tcp";
    tcp.add("tcp", ports.empty() ? std::string(gate) : fmt::format("{} {}", ports, gate));
    all.push_back(tcp);
    if (has_ports && special_.contains(dns)) {
      tcp.modules = {{"tcp", fmt::format("--sport {} --dport 1024:65535 {}", dns, gate)}};
      all.push_back(std::move(tcp));
    }
  }
  if (takes(ip_protocol::udp)) {
    if (has_ports) {
      add_udp_gates({}, usual_ports(), all);
      for (const std::uint16_t port : special_) {
        // Clients of these ask from the port of the service itself, resolvers from any.
        add_udp_gates(port, port == dns ? Interval{1024, 65535} : Interval{port, port}, all);
      }
    } else {
      Conditions udp;
      udp.protocol = "-p udp";
      all.push_back(std::move(udp));
    }
  }
  const bool is_v4 = version_ == IpVersion::ipv4;
  if (takes(icmp_of(version_))) {
    Conditions icmp;
    icmp.protocol = is_v4 ? "-p icmp" : "-p ipv6-icmp";
    icmp.add(is_v4 ? "icmp" : "icmp6", fmt::format("--{} {}", is_v4 ? "icmp-type" : "icmpv6-type",
                                                   unsigned{icmp_queries(version_).front().reply}));
    all.push_back(std::move(icmp));
  }
  for (const std::uint8_t protocol : passing_.protocols) {
    // Of those with chunks and types an answer cannot be told from what begins.
    constexpr std::array done = {ip_protocol::tcp, ip_protocol::udp, ip_protocol::sctp,
                                 ip_protocol::dccp};
    if (std::ranges::find(done, protocol) != done.end() || protocol == icmp_of(version_)) continue;
    Conditions other;
    other.protocol = fmt::format("-p {}", unsigned{protocol});
    all.push_back(std::move(other));
  }
  return all;
}

}  // namespace untrack
