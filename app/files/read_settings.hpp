// Where `untrack pressure` finds a host's settings: this host's /proc, or what was copied from
// another. Reads only; opens nothing but regular files.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/files/read_inputs.hpp"
#include "app/pipeline/pressure.hpp"

namespace untrack {

// Of the option --sysctl.
inline constexpr const char* sysctl_help =
    "Settings of another host: output of sysctl -a, sysctl.d files or a directory of them, a copy "
    "of /proc or /proc/sys; may be repeated";

// This host's /proc, or a copy of one below `root`: conntrack's sysctls, the kernel's version and
// the size of memory. A setting that is not there is left out; without nf_conntrack_max a note says
// so.
void read_proc(const std::string& root, Origin origin, PressureRequest& request);

// A file of settings ("-" is standard input), a copy of /proc or /proc/sys, or a directory of .conf
// files (read in byte order of their names, as sysctl --system does). Returns what is wrong, or "".
[[nodiscard]] std::string read_settings(const std::string& path, std::istream& standard_input,
                                        PressureRequest& request);

// What a snapshot, or the running kernel, holds of the host's settings. Files that are named with
// --sysctl come later, and win.
void take_settings_of(const NamedSnapshot& named, PressureRequest& request);

// The text of a file, or "-"; appends to `errors` if it cannot be read.
[[nodiscard]] std::string read_text(const std::string& path, std::istream& standard_input,
                                    std::vector<std::string>& errors);

}  // namespace untrack
