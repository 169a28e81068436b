// --assume and --client-ports: what a proof may take for granted. Shared by `verify` and `rewrite`.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "app/command_options.hpp"

namespace untrack {

// As written on the command line.
struct AssumptionWords {
  std::vector<std::string> assume;
  std::string client_ports;
};

void add_assumption_options(CommandOptions& command, AssumptionWords& into);

// Nothing, with the reason told, if a word is none of them.
[[nodiscard]] std::optional<Assumptions> read_assumptions(const AssumptionWords& words,
                                                          std::string_view command,
                                                          std::ostream& err);

}  // namespace untrack
