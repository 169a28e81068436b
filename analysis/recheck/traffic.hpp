// Kinds of packets, whatever the rules say: what begins a flow, goes on one, answers one, is an
// error about one (docs/obligations.md), and how a flow is turned round. For the recheck of
// certificates; written anew, as boxes.
#pragma once

#include <functional>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "analysis/recheck/boxes.hpp"
#include "analysis/recheck/space.hpp"

namespace untrack::boxwise {

class Traffic {
 public:
  Traffic(const Space& space, const Algebra& algebra) : space_(space), algebra_(algebra) {}

  // What is asked below, so that the space is cut by it.
  [[nodiscard]] static std::vector<Question> questions(const Program& original,
                                                       const Assumptions& assumptions);

  [[nodiscard]] IpVersion version() const { return space_.version(); }
  [[nodiscard]] const Algebra& sets() const { return algebra_; }
  [[nodiscard]] const Space& space() const { return space_; }
  [[nodiscard]] BoxList all() const { return {space_.shape().whole()}; }
  [[nodiscard]] BoxList of(std::vector<Condition> conditions) const;
  [[nodiscard]] BoxList protocol(Number number) const;
  [[nodiscard]] BoxList in(Field field, const Interval& values) const;
  [[nodiscard]] BoxList with_ports() const;
  [[nodiscard]] BoxList flags(std::uint8_t mask, std::uint8_t value) const;
  [[nodiscard]] BoxList icmp_types(const std::vector<Number>& types) const;
  [[nodiscard]] BoxList loopback(Path path) const;
  [[nodiscard]] BoxList later_fragments() const;
  [[nodiscard]] BoxList initiators(bool midstream, bool all_queries) const;
  [[nodiscard]] BoxList telling_initiators() const;
  [[nodiscard]] BoxList continuations() const;
  [[nodiscard]] BoxList replies() const;
  [[nodiscard]] BoxList from_groups() const;  // multicast and broadcast, from which nothing comes
  [[nodiscard]] BoxList needed_errors() const;
  [[nodiscard]] BoxList related_errors() const;
  [[nodiscard]] BoxList valid_flags() const;
  [[nodiscard]] BoxList can_be_new() const;
  [[nodiscard]] BoxList can_be_invalid() const;
  [[nodiscard]] BoxList routed(Path path) const;
  [[nodiscard]] BoxList to_one_host() const;

  // Without what differs from packet to packet of a flow.
  [[nodiscard]] BoxList flow_of(const BoxList& packets) const;
  [[nodiscard]] BoxList mirrored(const BoxList& flows) const;
  [[nodiscard]] BoxList errors_to_source(const BoxList& flows) const;
  [[nodiscard]] BoxList errors_to_destination(const BoxList& flows) const;
  // All that the flows of each way make pass on this one: from behind, and from this host itself.
  [[nodiscard]] BoxList errors_about(Path path, const std::function<BoxList(Path)>& flows) const;
  [[nodiscard]] BoxList without(const BoxList& packets, std::initializer_list<Field> fields) const;
  // Whatever rates and counts say.
  [[nodiscard]] BoxList without_rates(const BoxList& packets) const;

 private:
  [[nodiscard]] std::vector<bool> dimensions(std::initializer_list<Field> fields) const;
  [[nodiscard]] std::vector<bool> of_packets() const;
  void add_free(std::vector<bool>& dimensions, bool of_packets_alone) const;
  [[nodiscard]] BoxList turned(BoxList list) const;

  const Space& space_;
  const Algebra& algebra_;
};

}  // namespace untrack::boxwise
