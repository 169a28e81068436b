// Which parts of netfilter the running kernel has, found out without making it load one. Used by
// live/read.cpp before anything is asked of the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace untrack::live {

enum class Presence : std::uint8_t {
  present,    // loaded or built in; or nothing says so, and this kernel loads no modules
  absent,     // asking would load it, or there is nothing to load
  not_known,  // nothing says so: it must not be asked
};

// Whether the module is there. `symbol`: a function that it exports, for hosts without the list of
// what is built in.
[[nodiscard]] Presence presence_of(std::string_view module, std::string_view symbol);

// Whether a line of the text begins so.
[[nodiscard]] bool has_line(std::string_view text, std::string_view beginning);

// All of a file of /proc; nullopt, with the reason in `error` (an errno), if it cannot be read.
[[nodiscard]] std::optional<std::string> read_proc(const std::string& path, int& error);

// Whether this process has CAP_NET_ADMIN.
[[nodiscard]] bool may_read_netfilter();

}  // namespace untrack::live
