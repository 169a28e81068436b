// What the text reports of `diff` and `verify` say of a witness and of the rulesets behind it, so
// that both say it in the same words. Places are escaped here; the rest is escaped by wrap().
#pragma once

#include <string>
#include <string_view>

#include "analysis/flows/witness.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"
#include "report/terminal.hpp"

namespace untrack {

// "accepted by rules.v4:3:1: -A INPUT ...", "dropped by the policy of INPUT in filter".
[[nodiscard]] std::string decided_text(const ComparedSide& side, Decision decision,
                                       const Decider& by);

// What has to be so for a packet on the way in to come to this host, where DNAT gives it another
// address: "10.0.0.5, to which new.rules:6:1 leads it, is an address of this host"; else empty.
[[nodiscard]] std::string here_text(const ComparedSide& before, const ComparedSide& after,
                                    const Witness& witness);

// ", where "-m limit ..." holds": what no packet tells and the witness takes as true; and if no
// host sends the packet, that. Empty if there is nothing of the kind. `variables`: those of the
// programs that the witness was made from.
[[nodiscard]] std::string conditions_text(const FreeVariables& variables, const Witness& witness);

// The problems of the side below a heading that calls it `name`; empty if all was understood.
[[nodiscard]] std::string not_understood_text(const ComparedSide& side, std::string_view name,
                                              const Display& display);

}  // namespace untrack
