// Ways: what stands at each hook of the kernel for packets of one IP version, in the order in which
// they meet it: base chains, the chains that these call, and connection tracking itself. The values
// behind the picture of an audit; drawn by way_picture.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "report/audit_report.hpp"

namespace untrack::html {

// What is known of packets at a place.
enum class Seen : std::uint8_t {
  not_yet,    // in front of connection tracking: no packet has a state
  tracked,    //
  mixed,      // tracked, but for what NOTRACK rules take out
  untracked,  // nothing forces tracking
  not_known,
};

struct MarkedRules {
  std::vector<Span> forcing;  // rules with constructs that force tracking
  std::vector<Span> notrack;
};

// A chain that the base chain calls, or one that such a chain calls.
struct CalledChain {
  ChainId chain;
  MarkedRules marks;
};

struct Station {
  enum class Kind : std::uint8_t { chain, tracking, confirming };
  Kind kind = Kind::chain;
  int priority = 0;
  Seen seen = Seen::not_known;
  // Of a chain:
  ChainId chain;
  bool is_nat = false;
  MarkedRules marks;
  std::vector<CalledChain> called;  // marked ones first, then as they are met
  bool holds_notrack = false;       // it, or any chain that it calls, listed or not
  std::size_t further = 0;          // chains that are called and not listed
  std::size_t further_rules = 0;
};

struct HookWay {
  Hook hook{};
  std::vector<Station> stations;  // by priority
  std::size_t further = 0;        // base chains that are not listed, of very many
};

struct Ways {
  IpVersions versions;  // more than one: it is the same for both
  TrackingState state = TrackingState::unknown;
  // What forces tracking and is in no station: it stands in chains that no base chain calls, in
  // chains that are not listed, or is an object that is declared.
  std::vector<Span> elsewhere;
  std::vector<HookWay> hooks;  // prerouting, input, forward, output, postrouting; ingress and
                               // egress if something stands there
};

// One for each family of the report, or one for both where they do not differ.
[[nodiscard]] std::vector<Ways> find_ways(const AuditReport& report);

[[nodiscard]] const HookWay* find_hook(const Ways& ways, Hook hook);

// What no picture shows: tables that are dormant, tables of bridge and arp; one sentence each.
[[nodiscard]] std::vector<std::string> not_on_the_way(const AuditReport& report);

}  // namespace untrack::html
