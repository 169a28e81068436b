#include "report/witness_text.hpp"

#include <fmt/format.h>

#include "analysis/packet/sent.hpp"
#include "model/address_text.hpp"
#include "report/diagnostic.hpp"

namespace untrack {
namespace {

std::string_view past(Decision decision) {
  switch (decision) {
    case Decision::accept:
      return "accepted";
    case Decision::drop:
      return "dropped";
    case Decision::reject:
      return "rejected";
    case Decision::elsewhere:
      return "reassembled before it is judged";
    case Decision::unknown:
      return "not known";
  }
  return {};
}

}  // namespace

std::string decided_text(const ComparedSide& side, Decision decision, const Decider& by) {
  std::string text(past(decision));
  if (decision == Decision::elsewhere || decision == Decision::unknown) return text;
  if (by.rule.names_something()) {
    const Rule& rule = side.ruleset[by.rule];
    text += fmt::format(" by {}: {}", place_of(*side.sources, rule.text),
                        side.sources->text(rule.text));
  } else if (by.chain.names_something()) {
    const Chain& chain = side.ruleset[by.chain];
    text += fmt::format(" by the policy of {} in {}", chain.name, side.ruleset[chain.table].name);
  } else {
    text += ": no rule refuses it";
  }
  return text;
}

std::string here_text(const ComparedSide& before, const ComparedSide& after,
                      const Witness& witness) {
  if (witness.packet.path != Path::in) return {};
  const auto text_of = [&](const ComparedSide& side, const Led& led) -> std::string {
    if (!led.by.names_something() || led.is_here ||
        led.address == witness.packet[Field::destination_address]) {
      return {};
    }
    return fmt::format("{}, to which {} leads it, is an address of this host",
                       address_text(led.address, witness.packet.version),
                       place_of(*side.sources, side.ruleset[led.by].text));
  };
  const std::string text = text_of(after, witness.led_after);
  return text.empty() ? text_of(before, witness.led_before) : text;
}

std::string conditions_text(const FreeVariables& variables, const Witness& witness) {
  std::string text;
  for (std::size_t i = 0; i < witness.free.size(); ++i) {
    if (!witness.free[i]) continue;
    text += text.empty() ? ", where \"" : "\" and \"";
    text += variables[static_cast<FreeId>(i)].text;
  }
  if (!text.empty()) text += "\" holds";
  if (const std::string_view why = why_not_sent(witness.packet); !why.empty()) {
    text += fmt::format(" ({}; no better packet was found)", why);
  }
  return text;
}

std::string not_understood_text(const ComparedSide& side, std::string_view name,
                                const Display& display) {
  std::string text;
  for (const Problem& problem : side.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    if (text.empty()) text = fmt::format("\nWrong or not understood in {}:\n", name);
    text += render_problem(*side.sources, problem, display);
  }
  return text;
}

}  // namespace untrack
