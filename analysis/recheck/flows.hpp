// What one ruleset permits, as flows with two directions, under a set of assumptions
// (docs/assumptions.md): written anew, as boxes, for the recheck of certificates.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/recheck/traffic.hpp"
#include "analysis/recheck/walk.hpp"

namespace untrack::boxwise {

class PermittedFlows {
 public:
  PermittedFlows(BoxWalk& walk, const Traffic& traffic, const Assumptions& assumptions)
      : walk_(walk), traffic_(traffic), sets_(traffic.sets()), assumptions_(assumptions) {}

  // First packets that are accepted as NEW.
  [[nodiscard]] const BoxList& permitted(Path path);
  [[nodiscard]] const BoxList& flows(Path path);
  [[nodiscard]] BoxList continuing(Path path);
  // Any packet with the addresses and ports of an answer; those that can answer.
  [[nodiscard]] const BoxList& answer_direction(Path path);
  [[nodiscard]] BoxList answering(Path path);
  [[nodiscard]] const BoxList& errors(Path path);
  [[nodiscard]] BoxList refused_by_rate(Path path);
  // What REJECT in INPUT and FORWARD makes this host send.
  [[nodiscard]] const BoxList& reject_resets();
  [[nodiscard]] const BoxList& reject_errors();
  [[nodiscard]] const BoxList& assumed_sources(Path path);
  [[nodiscard]] BoxList assumed_protocols(Path path);
  // UDP to services of this host in the range of its clients' ports, with that assumption.
  [[nodiscard]] BoxList to_services() const;
  [[nodiscard]] BoxList first_packets() const;
  // What begins a flow that a helper expects, if a rule assigns one.
  [[nodiscard]] const BoxList& expected(Path path);
  // With the assumption that nobody needs helpers: what no `-m helper` matches.
  [[nodiscard]] BoxList helpers_idle() const;
  // What no test for translated flows matches, where no rule translates.
  [[nodiscard]] BoxList untranslated() const;
  // First packets that come to a rule with what works on entries, and match what else it asks, as
  // they are there.
  [[nodiscard]] const BoxWalk::Matched& bound(Path path);
  [[nodiscard]] const Ruleset& ruleset() const { return walk_.program().ruleset(); }
  [[nodiscard]] bool has(Assumption id) const { return assumptions_.has(id); }

 private:
  [[nodiscard]] BoxList assumed_to_start(Path path);
  [[nodiscard]] BoxList from_service_ports();
  [[nodiscard]] BoxList from_own_port() const;
  [[nodiscard]] BoxList listed(bool with_source_alone = false) const;
  enum class Names : std::uint8_t { special_port, source_port, few_source_ports, other_protocol };
  // First packets within the set that match a rule which names such a thing, as flows.
  [[nodiscard]] BoxList named(Path path, Names what, const BoxList& within);
  [[nodiscard]] bool names(RuleId id, Names what) const;
  [[nodiscard]] BoxList rejected(Path path, bool by_reset);

  BoxWalk& walk_;
  const Traffic& traffic_;
  const Algebra& sets_;
  Assumptions assumptions_;
  std::map<Path, BoxList> permitted_, flows_, answer_direction_, errors_, sources_, expected_;
  std::map<Path, BoxWalk::Matched> bound_;
  std::optional<BoxList> reject_resets_, reject_errors_;
};

}  // namespace untrack::boxwise
