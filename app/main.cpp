#include <sys/ioctl.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string_view>
#include <thread>
#include <utility>

#include "app/cli.hpp"
#include "app/memory_limit.hpp"
#ifdef UNTRACK_LIVE
#include "live/entries.hpp"
#include "live/read.hpp"
#include "live/snapshot.hpp"
#include "live/table_reading.hpp"
#endif

namespace {

// The diagrams of one host are some large blocks that the next host's need again: given back to the
// kernel between them, each of their pages would be zeroed and mapped anew.
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
#endif
}

// Where an exception may not pass, memory can run out, too.
[[noreturn]] void say_why_and_end() {
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    constexpr std::string_view text =
        "untrack: memory ran out. Nothing more was judged.\n";  // there is none to say more
    (void)!write(STDERR_FILENO, text.data(), text.size());
    std::_Exit(static_cast<int>(untrack::ExitStatus::bad_input));
  } catch (...) {
    std::abort();
  }
  std::abort();
}

}  // namespace

int main(int count, char** arguments) {
  keep_memory();
  untrack::limit_memory(untrack::most_memory);
  std::set_terminate(say_why_and_end);
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
  surroundings.err_is_terminal = isatty(STDERR_FILENO) == 1;
  surroundings.ends_process = true;
#ifdef UNTRACK_LIVE
  surroundings.live = untrack::live::read_live_host;
  surroundings.snapshot = untrack::live::read_live_snapshot;
  surroundings.table = untrack::live::read_table;
  surroundings.entries = [](const std::string& netns, std::string& why_not) {
    untrack::live::EntriesStream stream = untrack::live::open_entries(netns);
    why_not = std::move(stream.why_not);
    return std::move(stream.text);
  };
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
