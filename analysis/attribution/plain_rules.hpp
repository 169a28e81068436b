// PlainRule: what is left to judge of a rule that a RuleIndex has found for a packet, in a few
// bytes, where the rule asks for addresses, protocol and ports alone and what it does is a verdict.
// Most rules of long chains are such. Used by admission.cpp, which judges all others part by part.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/attribution/rule_index.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct PlainRule {
  enum class End : std::uint8_t { is_not_plain, goes_on, accepts, drops, returns };
  struct Ports {
    std::uint16_t first = 0;
    std::uint16_t last = 0xffff;
    [[nodiscard]] bool has(Number port) const { return first <= port && port <= last; }
  };

  End end = End::is_not_plain;
  bool asks_for_ports = false;  // packets without ports are not matched
  std::uint8_t first_protocol = 0, last_protocol = 255;
  Ports source, destination;

  // Whether it matches a packet whose addresses the index has found.
  [[nodiscard]] bool matches(const Packet& packet, bool has_ports) const {
    const Number protocol = packet[Field::protocol];
    if (protocol < first_protocol || protocol > last_protocol) return false;
    return !asks_for_ports || (has_ports && source.has(packet[Field::source_port]) &&
                               destination.has(packet[Field::destination_port]));
  }
};

// By position in the chain. Linear in its rules.
[[nodiscard]] std::vector<PlainRule> plain_rules(const Program& program, const Chain& chain,
                                                 const RuleIndex& index);

}  // namespace untrack
