// Does the host need connection tracking? The part of `audit` that rests on flow classes: what
// follows from their tables for the findings, and the sentence for the verdict.
#pragma once

#include <string>

#include "analysis/flows/family_world.hpp"
#include "report/audit_report.hpp"

namespace untrack {

// Fills Finding::need of state matches where it follows from report.flows. `report` must have its
// families, findings and flows.
void add_needs(AuditReport& report);

// Fills FlowRow::left of the family's table. Without it the table knows nothing of what is left.
void add_left(FamilyWorld& family, const Sources& sources, const Assumptions& assumptions,
              FlowTable& table);

// "This host does not need it: ...", with a full stop; empty if nothing forces tracking. Says that
// it is not needed only if every flow class is known and free.
[[nodiscard]] std::string need_sentence(const AuditReport& report);

}  // namespace untrack
