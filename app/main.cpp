#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <thread>

#include "app/cli.hpp"
#ifdef UNTRACK_LIVE
#include "live/read.hpp"
#include "live/snapshot.hpp"
#include "live/table_reading.hpp"
#endif

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  winsize size{};
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  std::optional<int> width;
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width = size.ws_col;
  }
  untrack::Surroundings surroundings{std::cin,  std::cout,
                                     std::cerr, is_terminal,
                                     width,     [](const char* name) { return std::getenv(name); }};
#ifdef UNTRACK_LIVE
  surroundings.live = untrack::live::read_live_host;
  surroundings.snapshot = untrack::live::read_live_snapshot;
  surroundings.table = untrack::live::read_table;
  surroundings.wait = [](double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  };
#endif
  try {
    return static_cast<int>(untrack::run({arguments + 1, arguments + count}, surroundings));
  } catch (const std::exception& bug) {
    std::cerr << "untrack: internal error: " << bug.what() << "\n";
    return static_cast<int>(untrack::ExitStatus::internal_error);
  }
}
