// limit_memory: what the process may take, so that an input that needs more ends in a message and
// not in the hands of the kernel's OOM killer, which may end others first. Used by main and by
// audits of many hosts; whoever catches std::bad_alloc tells of it with out_of_memory.
//
// The library itself sets no limit: programs that link it get std::bad_alloc, of parse()
// ReadingTooLarge.
#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <string_view>

namespace untrack {

// For one host.
inline constexpr std::size_t most_memory = std::size_t{4} << 30U;

// Private memory of the process (RLIMIT_DATA) is at most `most`, at most what the machine and the
// control group have left, but not less than 256 MiB, and never more than it was allowed when the
// process began. May be called again with more. Does nothing under sanitizers, which take addresses
// of their own.
void limit_memory(std::size_t most);

// What threads have set free, for this one to use.
void give_memory_back();

// What is said of it, escaped and without a dot: the place, if an input was being read, and the
// limit that was reached.
[[nodiscard]] std::string out_of_memory(const std::bad_alloc& reason);
// What can be done about it.
inline constexpr std::string_view out_of_memory_cure =
    "Give fewer or smaller inputs at once, or more memory to the process.";

}  // namespace untrack
