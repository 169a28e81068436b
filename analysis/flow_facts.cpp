#include "analysis/flow_facts.hpp"

#include <fmt/format.h>

#include "analysis/facts.hpp"
#include "analysis/flow_search.hpp"
#include "analysis/flows/witness.hpp"
#include "analysis/packet/packet_text.hpp"
#include "analysis/packet/sent.hpp"

namespace untrack {

FlowSearch::FlowSearch(FamilyWorld& family, FlowFacts& facts)
    : family_(family),
      facts_(facts),
      world_(*family.world()),
      d_(world_.diagram()),
      tracked_(family.has_notrack() ? FamilyWorld::tracked : FamilyWorld::as_it_is),
      flows_(family.flows(FamilyWorld::as_it_is, Assumptions())),
      tracked_flows_(family.flows(tracked_, Assumptions())),
      any_(family.flows(FamilyWorld::as_it_is, Assumptions::none())) {}

std::optional<FlowSearch::Judged> FlowSearch::judge(Path path, Ref packets, CtState state) {
  if (packets == Diagram::no) return std::nullopt;
  const Layout& layout = world_.layout();
  Layout::Example example = example_of(world_, path, packets);
  example.packet.state = state;
  Choices choices;
  choices.free = example.free;
  const auto trace = [&](std::size_t program) {
    Trace made = walk(world_.walk(program).program(), example.packet, choices);
    // Rule by rule: of many packets in a long list, more work than all sets of them.
    walked_ += made.steps.size();
    if (walked_ > family_.limits().steps) throw BudgetExhausted();
    return made;
  };
  const auto atoms = layout.atoms_of(example.packet, example.free);
  Judged judged{example.packet, trace(FamilyWorld::as_it_is), {}};
  judged.tracked = tracked_ == FamilyWorld::as_it_is ? judged.as_it_is : trace(tracked_);
  for (const std::size_t program : {FamilyWorld::as_it_is, tracked_}) {
    const auto decision =
        static_cast<Decision>(d_.evaluate(world_.walk(program).decide(path), atoms));
    const Trace& seen = program == FamilyWorld::as_it_is ? judged.as_it_is : judged.tracked;
    if (decision != seen.decision) return std::nullopt;
  }
  return judged;
}

std::string FlowSearch::shown(const Packet& packet) {
  const std::string_view why = why_not_sent(packet);
  return why.empty() ? to_text(packet)
                     : fmt::format("{} ({}; no better packet was found)", to_text(packet), why);
}

bool FlowSearch::is_sent(const std::optional<Judged>& judged) {
  return judged && why_not_sent(judged->packet).empty();
}

Ref FlowSearch::in_some_outcome(Ref packets) {
  std::vector<bool> gone(d_.level_count());
  for (FreeId id = 0; id < world_.layout().free_count(); ++id) {
    gone[world_.layout().level_of_free(id)] = true;
  }
  return d_.exists(packets, gone);
}

Ref FlowSearch::in_every_outcome(Ref packets) {
  return d_.negate(in_some_outcome(d_.negate(packets)));
}

Ref FlowSearch::any_state(Ref packets) {
  std::vector<bool> gone(d_.level_count());
  gone[world_.layout().level_of(Field::ct_state)] = true;
  return d_.exists(packets, gone);
}

Ref FlowSearch::client_ports() {
  const Ref has_ports = world_.walk(FamilyWorld::as_it_is).encoder().has(Field::source_port);
  return d_.disj(world_.range(Field::source_port, Assumptions().host_ports), d_.negate(has_ports));
}

Ref FlowSearch::client_flows(std::size_t program, Path path) {
  Flows& flows = program == FamilyWorld::as_it_is ? flows_ : tracked_flows_;
  // What has no ports is neither a fragment of something with ports.
  const Ref whole = d_.minus(client_ports(), world_.later_fragments());
  return d_.conj(flows.flows(path), world_.flow_of(whole));
}

bool FlowSearch::translates(Path path) {
  for (const BoundRule& bound : tracked_flows_.bound_rules()) {
    const auto& base = ruleset()[ruleset()[bound.rule].chain].base;
    const bool is_nat = find_statement<NatStatement>(ruleset(), ruleset()[bound.rule]) != nullptr ||
                        (base && base->type == ChainType::nat);
    if (is_nat && (bound.path == path || bound.path == opposite(path))) return true;
  }
  return false;
}

void add_flow_facts(FamilyWorld& family, FlowFacts& facts) {
  if (family.is_partial()) return;
  // What one question found before a limit is true all the same; the others are not asked then.
  (void)family.run(Analysis::flow_facts, [&](World&) {
    FlowSearch search(family, facts);
    if (family.has_notrack()) {
      search.find_overlaps();
      search.find_refusals();
      search.find_bypasses();
    }
    search.find_unanswered();
    search.find_unused_established();
    search.find_lost_fragments();
  });
}

}  // namespace untrack
