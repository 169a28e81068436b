// run_tool: runs one program of this machine, without a shell, and waits for it: its output
// bounded, its time limited, and nothing of it left behind. Used by the load test, and by whoever
// asks git for older files.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace untrack {

enum class ToolEnd : std::uint8_t {
  exited,       // with `status`
  killed,       // by signal `status`, of somebody else's
  timed_out,    // and was killed for it
  no_network,   // no network namespace could be made; `status` is the errno. It was not started
  not_started,  // likewise for another reason
};

struct ToolRun {
  ToolEnd end{};
  int status = 0;
  std::string output;  // standard output and standard error as they came, as far as the limit goes
};

struct ToolLimits {
  std::chrono::milliseconds time{20000};
  std::size_t output = std::size_t{16} * 1024;
};

// Where it runs: in the network of this process, or in an empty one that nothing else is in and
// that goes with it.
enum class ToolNetwork : std::uint8_t { shared, own };

// `path` with the arguments, `input` as standard input; of the environment only what it needs. When
// this returns, it is reaped, and what it left of its process group is killed.
[[nodiscard]] ToolRun run_tool(const std::string& path, const std::vector<std::string>& arguments,
                               std::string_view input, ToolNetwork network,
                               const ToolLimits& limits = {});

}  // namespace untrack
