// NOTRACK works on one direction at a time. Given a rule that exempts packets, this builds the
// packet that would answer one of them and asks whether another NOTRACK rule exempts that, too. It
// answers only when the text makes it certain; everything doubtful counts as exempted. Read by
// UT305, UT306.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/facts.hpp"

namespace untrack {

// The fields of one packet that are known; the others may have any value.
struct KnownPacket {
  Number protocol = 0;
  std::optional<Number> source_address;
  std::optional<Number> destination_address;
  std::optional<Number> source_port;  // none also for protocols without ports
  std::optional<Number> destination_port;
  // The interface through which it comes or goes; empty: one of which only is known that it is not
  // lo.
  std::string_view interface;
};

// Of a rule in a base chain of raw: an example of what answers it. None if the rule asks for
// anything that an answer need not mirror (flags, ICMP types, opaque conditions), is about traffic
// that has no answers (multicast, syslog, flow export), or its protocol uses one port number on
// both sides in a way that this cannot follow.
[[nodiscard]] std::optional<KnownPacket> answer_to(const Facts& facts, RuleId id);

// The NOTRACK rules of one family and the services that INPUT accepts, found by port, so that many
// rules can be asked about without looking at all of them each time.
class NotrackRules {
 public:
  // Linear in the ruleset. `facts` must outlive it.
  NotrackRules(const Facts& facts, IpVersion version);

  // Whether a reached NOTRACK rule at this hook exempts the answer to what the rule `exempting`
  // exempts, or may.
  [[nodiscard]] bool may_exempt(const KnownPacket& answer, RuleId exempting, Hook hook) const;

  // A reached rule of INPUT that accepts requests to this port, as a sign that the service is on
  // this host and its answers leave through OUTPUT.
  [[nodiscard]] std::optional<RuleId> local_service(Number protocol, Number port) const;

 private:
  using ByPort = std::unordered_map<std::uint32_t, std::vector<RuleId>>;

  [[nodiscard]] bool any_matches(const std::vector<RuleId>& rules, const KnownPacket& answer,
                                 RuleId exempting, Hook hook) const;
  void add_notrack(RuleId id);
  void add_service(RuleId id);

  const Facts& facts_;
  ByPort by_destination_port_;  // rules that ask for single destination ports
  ByPort by_source_port_;       // of the others, those that ask for single source ports
  std::vector<RuleId> other_;
  ByPort services_;                    // accepts of INPUT, by single destination port
  std::vector<RuleId> wide_services_;  // those with ranges of ports
};

// Only an interface or nothing at all is asked.
[[nodiscard]] bool asks_for_interface_at_most(const Ruleset& ruleset, const Rule& rule);

// "udp from port 53 to port 50000"
[[nodiscard]] std::string describe(const KnownPacket& packet);

}  // namespace untrack
