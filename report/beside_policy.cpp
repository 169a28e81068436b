#include "report/beside_policy.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace untrack {
namespace {

// By how much there is to fear: what reaches programs first.
enum class Let : std::uint8_t { datagrams, others, segments };
constexpr std::array<std::string_view, 3> words = {
    "unsolicited UDP to the ports that answers go to",
    "packets that look like those of a permitted flow", "packets that begin nothing"};

Let let_in(ExposureKind kind) {
  switch (kind) {
    case ExposureKind::udp_reply_port:
      return Let::datagrams;
    case ExposureKind::other_reply:
    case ExposureKind::continuation:
    case ExposureKind::loopback:
    case ExposureKind::unjustified:
      return Let::others;
    case ExposureKind::stray_segments:
    case ExposureKind::ack_scan:
    case ExposureKind::rst:
    case ExposureKind::odd_flags:
    case ExposureKind::echo_reply:
    case ExposureKind::icmp_error:
    case ExposureKind::fragments:
      return Let::segments;
  }
  return Let::others;
}

}  // namespace

std::string beside_policy(const std::vector<const Certificate*>& certificates) {
  std::array<bool, words.size()> is_let{};
  for (const Certificate* certificate : certificates) {
    for (const Exposure& row : certificate->exposure) {
      // Odd flags come with every port that is open, and a listener discards them.
      if (is_harmless(row.kind) || row.kind == ExposureKind::odd_flags) continue;
      is_let[static_cast<std::size_t>(let_in(row.kind))] = true;
    }
  }
  std::vector<std::string_view> said;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_let[i]) said.push_back(words[i]);
  }
  if (said.empty()) return {};
  std::string text = ", but for ";
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (i > 0) text += i + 1 == said.size() ? " and " : ", ";
    text += said[i];
  }
  return text + " (listed as exposed)";
}

}  // namespace untrack
