#include "report/proof_pages.hpp"

#include <fmt/format.h>

#include "analysis/flows/assumptions.hpp"
#include "analysis/flows/flows.hpp"

namespace untrack {

std::string write_assumption_page() {
  std::string text =
      "# Assumptions\n\n"
      "What narrows \"every packet\" in a proof of `untrack verify` "
      "([obligations](obligations.md)). "
      "Some are on unless you say otherwise, because\nalmost no untracking can be proven without "
      "them; those that are on are printed with a proof that rests on any, but for "
      "`rate_per_packet` where no rule asks for what may differ from packet to packet (a rate, a "
      "count), and `service_ports` where no rule names such a port. Which of them a proof needs is "
      "found by switching them off. `--assume NAME` "
      "switches one on, "
      "`--assume "
      "no-NAME` off,\n`--assume none` all of them; `outbound_profile` comes with `--outbound FILE` "
      "alone ([rewrite](rewrite.md)). This page is made from the table in "
      "`analysis/flows/assumptions.cpp`.\n\n"
      "| name | on unless switched off | says | without it |\n| --- | --- | --- | --- |\n";
  for (const AssumptionRow& row : all_assumptions()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.is_default ? "yes" : "no",
                        row.says, row.without);
  }
  return text;
}

std::string write_exposure_page() {
  std::string text =
      "# Exposure\n\n"
      "What a rewritten ruleset accepts with no flow behind it, and the original does not: the "
      "price of having no table. `untrack verify` lists each kind\nwith its packets and one "
      "example; in JSON `caused_by` names the rules and policies of the rewritten ruleset that "
      "accept them.\nMade from the table in `analysis/flows/exposure_kinds.cpp`.\n\n"
      "| kind | what it is | counts as free |\n| --- | --- | --- |\n";
  for (std::size_t i = 0; i <= static_cast<std::size_t>(ExposureKind::unjustified); ++i) {
    const auto kind = static_cast<ExposureKind>(i);
    text += fmt::format("| `{}` | {} | {} |\n", to_text(kind), description(kind),
                        is_harmless(kind) ? "yes" : "no");
  }
  return text;
}

}  // namespace untrack
