// The command line: arguments in, exit status out. Everything that touches the process (streams,
// environment, terminal) is a parameter, so that tests run commands in memory.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/exit_status.hpp"
#include "model/live_host.hpp"
#include "model/snapshot.hpp"
#include "model/table_reading.hpp"
#include "model/text_blocks.hpp"

namespace untrack {

struct Surroundings {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  std::optional<int> terminal_width;                    // columns
  std::function<const char*(const char*)> environment;  // getenv; null pointer: not set
  // Reads the running kernel in a network namespace (live/read.hpp); not set: it cannot be read.
  std::function<LiveHost(const std::string& netns)> live = {};
  // Looks at the running host for `untrack snapshot` (live/snapshot.hpp), in the same way.
  std::function<Snapshot(const std::string& netns, bool with_entries)> snapshot = {};
  // Reads the counters of its conntrack table (live/table_reading.hpp), in the same way.
  std::function<TableReading(const std::string& netns)> table = {};
  // Opens the listing of its entries (live/entries.hpp): null, with the reason, if that cannot be.
  // Not set: `snapshot` has them.
  std::function<std::shared_ptr<TextBlocks>(const std::string& netns, std::string& why_not)>
      entries = {};
  std::function<void(double seconds)> wait = {};
  bool err_is_terminal = false;
  // Nothing else runs in the process behind the command: see UntilEnd.
  bool ends_process = false;
};

// `arguments` without the program's name.
[[nodiscard]] ExitStatus run(const std::vector<std::string>& arguments,
                             const Surroundings& surroundings);

}  // namespace untrack
