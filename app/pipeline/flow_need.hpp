// Does the host need connection tracking? The part of `audit` that rests on flow classes: it adds
// the tables, what follows from them for the findings, and the sentence for the verdict.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "analysis/flows/family_world.hpp"
#include "report/audit_report.hpp"

namespace untrack {

// Fills report.flows for the families whose tracking is forced or not known, and Finding::need of
// state matches where it follows. `report` must have its families and
// findings; `worlds`: one for each family.
void add_flows(AuditReport& report, std::span<const std::unique_ptr<FamilyWorld>> worlds);

// "This host does not need it: ...", with a full stop; empty if nothing forces tracking. Says that
// it is not needed only if every flow class is known and free.
[[nodiscard]] std::string need_sentence(const AuditReport& report);

}  // namespace untrack
