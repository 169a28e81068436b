#include "live/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace untrack::live {
namespace {

// Memory that a child writes and its parent reads.
class Memory {
 public:
  explicit Memory(const char* name) : descriptor_(memfd_create(name, MFD_CLOEXEC)) {}
  ~Memory() {
    if (is_open()) close(descriptor_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] bool becomes(int descriptor) const { return dup2(descriptor_, descriptor) >= 0; }
  [[nodiscard]] bool read_all(std::string& into) const {
    if (lseek(descriptor_, 0, SEEK_SET) != 0) return false;
    std::array<char, 65536> part{};
    ssize_t count = 0;
    while ((count = read(descriptor_, part.data(), part.size())) > 0) {
      into.append(part.data(), static_cast<std::size_t>(count));
    }
    return count == 0;
  }

 private:
  int descriptor_;
};

bool enter(const Namespace& where) {
  if (where.path.empty()) return true;
  const int descriptor = open(where.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || setns(descriptor, CLONE_NEWNET) != 0) {
    std::fprintf(stderr, "cannot enter the network namespace %s: %s\n", where.path.c_str(),
                 std::strerror(errno));
    return false;
  }
  close(descriptor);
  return true;
}

int terminal = -1;  // of a child

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Namespace namespace_of(const std::string& netns) {
  if (netns.empty()) return {};
  if (netns.find('/') != std::string::npos) return {netns};
  const bool is_number = std::ranges::all_of(netns, [](char c) { return c >= '0' && c <= '9'; });
  return {is_number ? fmt::format("/proc/{}/ns/net", netns) : fmt::format("/run/netns/{}", netns)};
}

int parents_terminal() { return terminal; }

ChildResult in_child(const Namespace& where, const std::function<bool()>& work) {
  ChildResult result;
  const Memory out("untrack-out");
  const Memory err("untrack-err");
  if (!out.is_open() || !err.is_open()) {
    result.err = std::strerror(errno);
    return result;
  }
  const pid_t child = fork();
  if (child < 0) {
    result.err = std::strerror(errno);
    return result;
  }
  if (child == 0) {
    if (isatty(STDERR_FILENO) == 1) terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    bool is_done = out.becomes(STDOUT_FILENO) && err.becomes(STDERR_FILENO);
    is_done = is_done && enter(where) && work();
    is_done = std::fflush(stdout) == 0 && is_done;
    _exit(is_done ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string told;
  const bool is_read = out.read_all(result.out) && err.read_all(told);
  result.is_done = is_read && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  result.err = first_line(told);
  if (!result.is_done && result.err.empty()) {
    result.err = WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                                     : "no reason was given";
  }
  return result;
}

}  // namespace untrack::live
