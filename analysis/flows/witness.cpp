#include "analysis/flows/witness.hpp"

#include <stdexcept>
#include <utility>

namespace untrack {

Witness witness_of(World& world, Path path, Ref packets, CtState original_state,
                   CtState rewritten_state) {
  const Layout& layout = world.layout();
  const auto way = world.diagram().heaviest_path(packets, layout.weights());
  Layout::Example example = layout.example(way, path);
  Witness witness;
  witness.packet = std::move(example.packet);
  witness.free = std::move(example.free);
  witness.original_state = original_state;
  witness.rewritten_state = rewritten_state;
  Choices choices;
  choices.free = witness.free;
  for (const std::size_t program : {std::size_t{0}, std::size_t{1}}) {
    witness.packet.state = program == 0 ? original_state : rewritten_state;
    const Trace trace = walk(world.walk(program).program(), witness.packet, choices);
    const auto atoms = layout.atoms_of(witness.packet, witness.free);
    const auto decision =
        static_cast<Decision>(world.diagram().evaluate(world.walk(program).decide(path), atoms));
    if (decision != Decision::unknown && decision != trace.decision) {
      throw std::logic_error("the symbolic and the concrete walk disagree about a packet");
    }
    (program == 0 ? witness.before : witness.after) = decision;
    (program == 0 ? witness.decided_before : witness.decided_after) = {trace.decided_by,
                                                                       trace.decided_in};
  }
  witness.packet.state = original_state;
  return witness;
}

}  // namespace untrack
