// The programs that firewall scripts call, as far as a reader of rules must tell them apart. Read
// by script.cpp. A program that is not listed is taken to have nothing to do with the firewall,
// unless an iptables command stands among its arguments.
#pragma once

#include <cstdint>
#include <string_view>

namespace untrack::iptables {

enum class ProgramKind : std::uint8_t {
  iptables,  // its arguments are a command for IPv4
  ip6tables,
  restore,  // iptables-restore: reads a save file
  restore6,
  ipset,
  prefix,         // runs the program behind its options: sudo, env, exec
  listing,        // iptables-save, iptables-translate: changes nothing
  quiet,          // what stands in its arguments is only text: echo, test
  declares,       // export, readonly, local, declare: its arguments are assignments
  reads,          // read, getopts: gives variables values that nobody knows
  runs_script,    // ., source, eval, sh -c: runs commands that are not looked at
  not_looked_at,  // changes what packets do, but never tracks
  may_track,      // loads rules that are not looked at, or can track by itself
  other,
};

struct Program {
  std::string_view name;
  ProgramKind kind{};
  std::string_view why;  // for not_looked_at, may_track and runs_script: what is missing
};

// Which of the two sets of tables a program works on, as far as its name says: each has rules that
// the other does not see.
enum class Backend : std::uint8_t { as_set_up, legacy, nft };
[[nodiscard]] Backend backend_of(std::string_view word);

// By the name as written, path and the endings -legacy and -nft aside.
[[nodiscard]] Program find_program(std::string_view word);

// The name without its path.
[[nodiscard]] std::string_view base_name(std::string_view path);

}  // namespace untrack::iptables
