// Settings of a host as texts, so that a finding can point at a line: files as they are; what stood
// in files of its own below /proc/sys, or in a snapshot, as `NAME = VALUE` lines. Used by `audit`.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/files/read_inputs.hpp"
#include "app/files/read_settings.hpp"
#include "app/pipeline/input_text.hpp"

namespace untrack {

// `paths`: of --sysctl, which count after the snapshots of `inputs`. Appends to `errors` what
// cannot be read.
[[nodiscard]] std::vector<InputText> read_settings_texts(const std::vector<std::string>& paths,
                                                         const InputTexts& inputs,
                                                         std::istream& standard_input,
                                                         std::vector<std::string>& errors);

}  // namespace untrack
