// CheckSettings: the tables of a configuration file that are no options: [checks], which says how
// grave findings are, and [[host]], which says which files are judged together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/check.hpp"
#include "app/config/config_file.hpp"
#include "app/host_inputs.hpp"

namespace untrack {

struct CheckSetting {
  const CheckInfo* check = nullptr;
  std::optional<Severity> severity;  // none: off
  std::string place;                 // "untrack.toml:7"
};

// Codes or names to severities or "off". What tells of the limits of a run (UT9xx) and of what no
// loader would take (UT101) cannot be switched off or lowered.
[[nodiscard]] std::vector<CheckSetting> read_check_settings(const ConfigFile& file,
                                                            std::vector<Problem>& problems);

// The hosts, their paths seen from the directory of the file.
[[nodiscard]] std::vector<HostInputs> read_host_settings(const ConfigFile& file,
                                                         std::vector<Problem>& problems);

// Adds an error in the file.
void refuse(std::vector<Problem>& problems, const Span& span, std::string message,
            std::string label, std::string cure = {});

// "untrack.toml:7".
[[nodiscard]] std::string place_in(const ConfigFile& file, const Span& span);
// A path of a value, as seen from where the program runs.
[[nodiscard]] std::string path_from(const ConfigFile& file, const std::string& path);

}  // namespace untrack
