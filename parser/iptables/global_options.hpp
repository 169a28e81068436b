// table
// GlobalOption: the options of iptables itself, those that exist before any extension is loaded.
// Read by command.cpp; from iptables 1.8.9, iptables/xshared.c (original_opts, optstring_lookup).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace untrack::iptables {

enum class GlobalOption : std::uint8_t {
  append,
  delete_,
  check,
  insert,
  replace,
  list,
  list_rules,
  flush,
  zero,
  new_chain,
  delete_chain,
  rename_chain,
  policy,
  source,
  destination,
  protocol,
  in_interface,
  out_interface,
  jump,
  goto_,
  match,
  table,
  fragments,
  numeric,
  verbose,
  wait,
  wait_interval,
  exact,
  version,
  help,
  line_numbers,
  modprobe,
  set_counters,
  ipv4,
  ipv6,
};

enum class Argument : std::uint8_t { none, required, optional };

struct GlobalOptionRow {
  std::string_view name;
  char letter = 0;
  GlobalOption option{};
  Argument argument{};
};

[[nodiscard]] std::span<const GlobalOptionRow> global_options();

// nullptr if there is no such letter.
[[nodiscard]] const GlobalOptionRow* find_letter(char letter);

}  // namespace untrack::iptables
