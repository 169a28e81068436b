// GivenSettings: the settings of conntrack that texts give, each with its place, so that a check
// can point at it. Read from the same texts as HostSettings. Filled by app/pipeline/audit, used by
// the checks of settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/settings.hpp"

namespace untrack {

struct GivenSetting {
  std::string name;  // as written, without a leading "-"; "hashsize" of an `options` line
  std::string key;   // of conntrack_setting(): "max", "udp_timeout"; "hashsize"
  std::uint64_t value = 0;
  Span span;  // the line
  // It stands in a list of all that a kernel has (sysctl -a, a snapshot), so that the line does not
  // show that somebody chose the value.
  bool is_listed = false;
};

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
