// What the checks of sysctls have in common. Used by analysis/checks alone.
#pragma once

#include <string>
#include <string_view>

#include "analysis/facts.hpp"
#include "analysis/finding.hpp"
#include "analysis/pressure/given_settings.hpp"

namespace untrack::checks {

// The rules of examples in which settings alone are good or bad.
inline constexpr std::string_view tracking_ruleset = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
)";

// A finding about the line that gives the setting.
[[nodiscard]] Finding finding_about(const CheckInfo& check, const GivenSetting& setting,
                                    const Facts& facts, std::string message);

// Rules of both families were given, whole, and none needs tracking; nor does anything else that is
// known. Never before 4.10, where the module tracks as soon as it is loaded.
[[nodiscard]] bool surely_nothing_tracks(const Facts& facts);

// The kernel that the settings are for: the target's, else the one that they name, else a current
// one.
[[nodiscard]] KernelVersion kernel_of_settings(const Facts& facts);

// CONFIG_NF_CONNTRACK_PROC_COMPAT went with this version (general knowledge); measured on 6.18:
// there are none.
inline constexpr KernelVersion old_names_gone{4, 9, 0};

// The setting that counts: the last whose name the kernel has; nullptr if there is none.
[[nodiscard]] const GivenSetting* setting_that_counts(const Facts& facts, std::string_view key);

}  // namespace untrack::checks
