// --assume, --client-ports and --outbound: what a proof may take for granted. Shared by `verify`
// and `rewrite`.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "app/command_options.hpp"
#include "report/terminal.hpp"

namespace untrack {

// As written on the command line.
struct AssumptionWords {
  std::vector<std::string> assume;
  std::string client_ports;
  std::string outbound;  // a path
};

void add_assumption_options(CommandOptions& command, AssumptionWords& into);

// Nothing, with the reason told, if a word is none of them.
[[nodiscard]] std::optional<Assumptions> read_assumptions(const AssumptionWords& words,
                                                          std::string_view command,
                                                          std::ostream& err);

// What no option says of them, a snapshot among the texts does, or the running kernel; where that
// one does not, `err` is told that the usual ones are taken.
void take_local_ports(const AssumptionWords& words, const InputTexts& texts,
                      Assumptions& assumptions, std::ostream& err);

// Reads the list of flows that was named, if one was, and switches outbound_profile on. False, with
// the reasons told, if it cannot be read or something in it is wrong.
[[nodiscard]] bool read_outbound(const AssumptionWords& words, const Surroundings& surroundings,
                                 const Display& display, Assumptions& assumptions);

}  // namespace untrack
