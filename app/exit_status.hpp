// What the process says to its caller; documented in the man page and tested.
#pragma once

namespace untrack {

enum class ExitStatus : int {
  clean = 0,
  findings = 1,  // at or above --fail-on
  bad_usage = 2,
  bad_input = 3,  // unreadable, or something in it was not understood
  internal_error = 4,
};

}  // namespace untrack
