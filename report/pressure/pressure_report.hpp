// PressureReport: all that `untrack pressure` found, as the one value that its text and JSON are
// written from. Made by app/pipeline/pressure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/attribution/attribution.hpp"
#include "analysis/pressure/pressure.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct PressureReport {
  Sources sources;                   // options with values, files of settings, profiles, rulesets
  std::vector<Problem> usage;        // options that cannot be taken; nothing else is computed then
  std::vector<Problem> problems;     // of files; what is left out is listed here
  std::vector<std::string> missing;  // why nothing could be computed, if nothing was
  std::vector<std::string> notes;    // about where the settings came from
  std::optional<Ruleset> ruleset;    // if rules were given
  std::optional<Pressure> pressure;
  std::optional<Attribution> attribution;  // if rules and entries were given
};

}  // namespace untrack
