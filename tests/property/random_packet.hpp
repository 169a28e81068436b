// Random packets at the edges of what a layout can tell apart, and rulesets read for the walks.
// Shared by the property tests of the engine.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/packet/layout.hpp"
#include "analysis/program/program.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {

struct Case {
  Sources sources;
  Ruleset ruleset;
  std::shared_ptr<FreeVariables> variables;
  std::unique_ptr<Program> program;
};

inline std::unique_ptr<Case> read(const std::string& text, IpVersion version,
                                  std::shared_ptr<FreeVariables> variables = nullptr,
                                  AddressWrites writes = AddressWrites::open) {
  auto made = std::make_unique<Case>();
  const std::array<Input, 1> inputs{
      Input{made->sources.add("random.rules", text), std::nullopt, version}};
  made->ruleset = parse(made->sources, inputs);
  resolve(made->ruleset);
  for (const Problem& problem : made->ruleset.problems) {
    if (problem.kind != ProblemKind::note) {
      ADD_FAILURE() << "the generator wrote " << problem.message << "\n" << text;
    }
  }
  const bool tracks =
      find_tracking(made->ruleset, std::nullopt)[version].state != TrackingState::not_forced;
  made->variables = variables ? std::move(variables) : std::make_shared<FreeVariables>();
  made->program = std::make_unique<Program>(made->ruleset, version, tracks, *made->variables,
                                            NotrackUse::obeyed, writes);
  return made;
}

// A packet with the value of one end of a random atom in every field.
inline Packet random_packet(std::mt19937& dice, const Layout& layout, Path path,
                            std::vector<bool>& free) {
  const auto below = [&](std::size_t limit) { return static_cast<std::uint32_t>(dice() % limit); };
  std::vector<Diagram::Constraint> whole;
  const std::vector<Layout::Atom> sizes = layout.sizes();
  for (Layout::Level level = 0; level < sizes.size(); ++level) {
    const Layout::Atom atom = below(sizes[level]);
    whole.push_back({level, atom, atom});
  }
  Layout::Example example = layout.example(whole, path);
  Packet packet = example.packet;
  for (const Field field :
       {Field::source_address, Field::destination_address, Field::protocol, Field::source_port,
        Field::destination_port, Field::icmp_type_code, Field::later_fragment, Field::packet_type,
        Field::length, Field::source_type, Field::destination_type}) {
    const NumberDomain& domain = layout.numbers(field);
    const Interval values = domain.values_of(below(domain.size()));
    packet[field] = below(2) == 0 ? values.first : values.last;
  }
  // Most packets should get beyond routing.
  if (below(4) != 0) packet[Field::later_fragment] = 0;
  if (below(4) != 0) packet[Field::destination_type] = path == Path::in ? 2 : 1;
  if (packet.path != Path::out && packet.in_interface.empty()) packet.in_interface = "eth0";
  if (packet.path == Path::out) packet.in_interface.clear();
  if (packet.path != Path::in && packet.out_interface.empty()) packet.out_interface = "eth1";
  if (packet.path == Path::in) packet.out_interface.clear();
  packet.state =
      std::array{CtState::new_, CtState::established, CtState::related, CtState::invalid}[below(4)];
  free = example.free;
  return packet;
}

}  // namespace untrack
