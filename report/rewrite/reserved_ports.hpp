// reserved_ports: what a rewrite keeps free for services among the ports of clients, in the words
// of net.ipv4.ip_local_reserved_ports. Written by next.cpp alone.
#pragma once

#include <string>
#include <vector>

#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

// Each once, of all families that are rewritten.
[[nodiscard]] std::vector<std::string> reserved_ports(const RewriteReport& report);

}  // namespace untrack
