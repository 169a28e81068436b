#include "analysis/flows/witness.hpp"

#include <stdexcept>
#include <utility>

#include "analysis/flows/plausible.hpp"
#include "analysis/packet/sent.hpp"

namespace untrack {
namespace {

// Forwarded to where it came from, which routers seldom do.
bool goes_back(const Packet& packet) {
  return packet.path == Path::forward && packet.in_interface == packet.out_interface;
}

}  // namespace

Layout::Example example_of(World& world, Path path, Ref packets) {
  const Layout& layout = world.layout();
  Diagram& d = world.diagram();
  const auto made = [&](Ref set) {
    return layout.example(d.heaviest_path(plausible(world, path, set), layout.weights()), path);
  };
  Layout::Example example = made(packets);
  // No wish can say that source and destination differ, or the interfaces: that would be as large
  // as all of them.
  constexpr int most_tries = 4;
  Ref rest = packets;
  Layout::Example last = example;
  for (int i = 0; i < most_tries; ++i) {
    const bool is_sent = why_not_sent(last.packet).empty();
    if (is_sent && !goes_back(last.packet)) return last;
    if (is_sent && !why_not_sent(example.packet).empty()) example = last;
    const auto others = within_budget([&] {
      Ref same = Diagram::yes;
      if (is_sent) {
        const auto name = layout.names().atom_of(last.packet.in_interface);
        for (const Field field : {Field::in_interface, Field::out_interface}) {
          same = d.conj(same, d.interval(layout.level_of(field), name, name));
        }
      } else {
        for (const Field field : {Field::destination_address, Field::source_address}) {
          const Number value = last.packet[field];
          same = d.conj(same, world.range(field, {value, value}));
        }
      }
      return d.minus(rest, same);
    });
    if (!others || *others == Diagram::no) break;
    rest = *others;
    last = made(rest);
  }
  return example;
}

Witness witness_of(World& world, Path path, Ref packets, CtState original_state,
                   CtState rewritten_state) {
  const Layout& layout = world.layout();
  Layout::Example example = example_of(world, path, packets);
  Witness witness;
  witness.packet = std::move(example.packet);
  witness.free = std::move(example.free);
  witness.original_state = original_state;
  witness.rewritten_state = rewritten_state;
  Choices choices;
  choices.free = witness.free;
  for (const std::size_t program : {std::size_t{0}, std::size_t{1}}) {
    witness.packet.state = program == 0 ? original_state : rewritten_state;
    RulesToMeet* to_meet = world.to_meet(program);
    const Program& followed = world.walk(program).program();
    const Trace trace = to_meet == nullptr ? walk(followed, witness.packet, choices)
                                           : walk(followed, witness.packet, choices, *to_meet);
    if (trace.is_cut) throw BudgetExhausted();
    const auto atoms = layout.atoms_of(witness.packet, witness.free);
    const auto decision =
        static_cast<Decision>(world.diagram().evaluate(world.walk(program).decide(path), atoms));
    if (decision != Decision::unknown && decision != trace.decision) {
      throw std::logic_error("the symbolic and the concrete walk disagree about a packet");
    }
    (program == 0 ? witness.before : witness.after) = decision;
    (program == 0 ? witness.decided_before : witness.decided_after) = {trace.decided_by,
                                                                       trace.decided_in};
    (program == 0 ? witness.led_before : witness.led_after) = trace.led;
  }
  witness.packet.state = original_state;
  return witness;
}

}  // namespace untrack
