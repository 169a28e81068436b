// The command line: arguments in, exit status out. Everything that touches the process (streams,
// environment, terminal) is a parameter, so that tests run commands in memory.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/exit_status.hpp"

namespace untrack {

struct Surroundings {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  std::optional<int> terminal_width;                    // columns
  std::function<const char*(const char*)> environment;  // getenv; null pointer: not set
};

// `arguments` without the program's name.
[[nodiscard]] ExitStatus run(const std::vector<std::string>& arguments,
                             const Surroundings& surroundings);

}  // namespace untrack
