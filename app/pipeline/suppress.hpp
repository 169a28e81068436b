// Suppressions of an audit: findings that stay in the report, with why, and do not count. Each step
// leaves alone what one before it has suppressed, so that the nearest reason is told.
#pragma once

#include <vector>

#include "analysis/ignores.hpp"
#include "app/config/check_settings.hpp"
#include "report/audit_report.hpp"

namespace untrack {

// By comments of the rulesets.
void add_suppressions(const Ignores& ignores, AuditReport& report);

// Takes those back.
void drop_ignores(AuditReport& report);

// Gives findings the severities of a configuration, and suppresses those of checks that are off.
void apply_check_settings(const std::vector<CheckSetting>& settings, AuditReport& report);

}  // namespace untrack
