// What --verbose tells on standard error: which configuration counts, what was read, and how long
// each stage took. Never in a report, which must not depend on the clock.
#pragma once

#include <chrono>
#include <string>

#include "app/audit_host.hpp"

namespace untrack {

class Stopwatch {
 public:
  // The time since it was made, or since the last lap.
  std::chrono::microseconds lap() {
    const auto now = std::chrono::steady_clock::now();
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - since_);
    since_ = now;
    return passed;
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

[[nodiscard]] std::string spell_time(std::chrono::microseconds time);  // "4.1 ms"

// The lines about the configuration, once a run.
[[nodiscard]] std::string verbose_start(const AuditOptions& options);
// The lines about one host, all escaped.
[[nodiscard]] std::string verbose_lines(const HostAudit& host);

}  // namespace untrack
