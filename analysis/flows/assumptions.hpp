// Assumptions: what narrows "every packet" in a claim. Each has a name, stands in a table with its
// words, is recorded where it was used and shown; none is silent (docs/assumptions.md is made from
// the table). Read by the obligations, the flow classes, --assume and the reports.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/match.hpp"
#include "model/outbound_profile.hpp"

namespace untrack {

enum class Assumption : std::uint8_t {
  client_ports,
  no_midstream,
  loopback_open,
  tcp_udp_icmp_only,
  echo_only,
  symmetric_paths,
  no_fragments,
  helpers_unused,
  rate_per_packet,
  rate_per_datagram,
  outbound_profile,
  service_ports,
  translated_apart,
  errors_untranslated,
};
inline constexpr std::size_t assumption_count = 14;

struct AssumptionRow {
  Assumption id{};
  std::string_view name;  // as --assume spells it
  bool is_default = false;
  std::string_view says;     // one sentence without a full stop
  std::string_view without;  // what changes if it is switched off
};
[[nodiscard]] std::array<AssumptionRow, assumption_count> all_assumptions();
[[nodiscard]] const AssumptionRow& row_of(Assumption id);
[[nodiscard]] std::optional<Assumption> assumption_of(std::string_view name);

class Assumptions {
 public:
  // The defaults.
  Assumptions();
  [[nodiscard]] static Assumptions none();

  [[nodiscard]] bool has(Assumption id) const { return on_[static_cast<std::size_t>(id)]; }
  void set(Assumption id, bool on) { on_[static_cast<std::size_t>(id)] = on; }
  [[nodiscard]] std::vector<Assumption> list() const;

  // Source ports of what this host starts: ip_local_port_range, its default since Linux 3.2.
  Interval host_ports{32768, 60999};
  // Of what others start.
  Interval other_ports{1024, 65535};
  // What outbound_profile goes by; there if that is on. Compared by identity.
  std::shared_ptr<const OutboundProfile> outbound;

  friend bool operator==(const Assumptions&, const Assumptions&) = default;

 private:
  std::array<bool, assumption_count> on_{};
};

}  // namespace untrack
