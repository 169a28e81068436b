// in_parallel: the same work for each of many things, on all cores. The libraries below have no
// globals, so that audits of different hosts share nothing but what is passed to them.
#pragma once

#include <cstddef>
#include <functional>

namespace untrack {

// How many threads in_parallel takes, at least one.
[[nodiscard]] std::size_t jobs_of(std::size_t threads, std::size_t count);

// Calls `work` for 0 to count - 1, each once, in no order, from up to `threads` threads (0: as many
// as there are cores). An exception of the work ends it and is thrown here: that of the lowest
// number among those that were seen. `work` may be called by several threads at a time.
void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)>& work);

}  // namespace untrack
