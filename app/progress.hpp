// Progress: how much of a long work is done, on standard error and only if that is a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "app/cli.hpp"

namespace untrack {

// The line is wiped away at the end: what stays on the terminal is the output alone. step() may be
// called by several threads.
class Progress {
 public:
  Progress(std::string what, std::size_t count, const Surroundings& surroundings);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void step();

 private:
  std::string what_;
  std::size_t count_;
  std::size_t done_ = 0;
  std::ostream* err_;  // none: nobody is looking
  std::chrono::steady_clock::time_point shown_;
  std::size_t width_ = 0;  // of what stands on the terminal
  std::mutex mutex_;
};

}  // namespace untrack
