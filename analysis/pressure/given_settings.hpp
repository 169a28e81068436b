// GivenSettings: the settings of conntrack that texts give, each with its place, beside what they
// come to (HostSettings). Filled by app/pipeline/audit, used by
// the checks of settings.
#pragma once

#include <vector>

#include "analysis/pressure/settings.hpp"

namespace untrack {

struct GivenSettings {
  HostSettings host;
  std::vector<GivenSetting> given;  // numbers only; in the order of the texts
  // Something that is in no rule uses tracking, or may: then no tuning is dead.
  bool has_other_users = false;
};

// Texts are taken in order; lines that are not understood are problems.
[[nodiscard]] GivenSettings read_given_settings(const Sources& sources,
                                                const std::vector<SourceId>& ids,
                                                std::vector<Problem>& problems);

}  // namespace untrack
