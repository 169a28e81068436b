// read_live_host: the firewall of the running kernel, in one network namespace, as texts. The one
// entry point of live/, called by app/main.cpp. Changes nothing and makes the kernel load no
// module.
#pragma once

#include <string>

#include "model/live_host.hpp"

namespace untrack::live {

// `netns`: a name below /run/netns, the id of a process, a path with a slash, or empty for the
// namespace of this process. May not be called while there are threads.
[[nodiscard]] LiveHost read_live_host(const std::string& netns);

}  // namespace untrack::live
