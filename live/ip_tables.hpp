// One table of the legacy iptables or ip6tables, as iptables-legacy-save prints it. Read through
// libiptc; used by live/read.cpp.
#pragma once

#include <string>

namespace untrack::live {

// Prints the table to standard output, in a process that in_child made. The table must be listed in
// /proc/net/ip_tables_names: asking for another one makes it. False, with the reason on standard
// error, if it cannot be read.
[[nodiscard]] bool print_ip_table(const std::string& table);
[[nodiscard]] bool print_ip6_table(const std::string& table);

}  // namespace untrack::live
