#include <array>

#include "analysis/flows/flows.hpp"

namespace untrack {

std::span<const ExposureKind> listed_exposure() {
  using enum ExposureKind;
  static constexpr std::array kinds = {stray_segments, ack_scan,     rst,        odd_flags,
                                       udp_reply_port, echo_reply,   icmp_error, fragments,
                                       other_reply,    continuation, loopback};
  return kinds;
}

std::optional<ExposureKind> exposure_kind_of(std::string_view word) {
  for (const ExposureKind kind : listed_exposure()) {
    if (to_text(kind) == word) return kind;
  }
  return std::nullopt;
}

std::string_view to_text(ExposureKind kind) {
  switch (kind) {
    case ExposureKind::stray_segments:
      return "stray-segments";
    case ExposureKind::ack_scan:
      return "ack-scan";
    case ExposureKind::rst:
      return "rst";
    case ExposureKind::odd_flags:
      return "odd-flags";
    case ExposureKind::udp_reply_port:
      return "udp-reply-port";
    case ExposureKind::echo_reply:
      return "echo-reply";
    case ExposureKind::icmp_error:
      return "icmp-error";
    case ExposureKind::fragments:
      return "fragments";
    case ExposureKind::other_reply:
      return "other-reply";
    case ExposureKind::continuation:
      return "continuation";
    case ExposureKind::loopback:
      return "loopback";
    case ExposureKind::unjustified:
      return "unjustified";
  }
  return {};
}

std::string_view description(ExposureKind kind) {
  switch (kind) {
    case ExposureKind::stray_segments:
      return "TCP segments of no connection reach a port that is open anyway";
    case ExposureKind::ack_scan:
      return "TCP with ACK and no connection reaches the ports that answers go to";
    case ExposureKind::rst:
      return "TCP resets of no connection reach the ports that answers go to";
    case ExposureKind::odd_flags:
      return "TCP with flags that no stack sends";
    case ExposureKind::udp_reply_port:
      return "unsolicited UDP reaches the ports that answers go to: from anyone, any source port "
             "where no rule asks for one";
    case ExposureKind::echo_reply:
      return "ICMP replies that nobody asked for";
    case ExposureKind::icmp_error:
      return "ICMP errors about flows that need not exist";
    case ExposureKind::fragments:
      return "later fragments, which carry no ports";
    case ExposureKind::other_reply:
      return "packets of other protocols in the direction of answers";
    case ExposureKind::continuation:
      return "packets that look like the middle of a permitted flow";
    case ExposureKind::loopback:
      return "traffic on lo";
    case ExposureKind::unjustified:
      return "packets that nothing permitted explains";
  }
  return {};
}

bool is_harmless(ExposureKind kind) {
  return kind == ExposureKind::stray_segments || kind == ExposureKind::icmp_error;
}

}  // namespace untrack
