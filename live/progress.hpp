// Progress: how far a long reading is, as one line on the terminal that standard error was before
// live/child.cpp put a memory in its place; nowhere else, and not before a second has passed. Used
// by live/entries.cpp, in a child process.
#pragma once

#include <chrono>
#include <cstddef>

namespace untrack::live {

class Progress {
 public:
  // `expected`: 0 if that is not known. `what` must outlive it.
  Progress(const char* what, std::size_t expected);
  ~Progress();  // leaves the line empty
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::size_t number);

 private:
  void show();

  const char* what_;
  std::size_t expected_;
  std::size_t done_ = 0;
  std::size_t next_look_ = 0;
  int terminal_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace untrack::live
