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

// What a child does; never returns.
template <class Becomes>
void be_child(const Namespace& where, const std::function<bool()>& work, Becomes becomes) {
  if (isatty(STDERR_FILENO) == 1) terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  bool is_done = becomes() && enter(where) && work();
  is_done = std::fflush(stdout) == 0 && is_done;
  _exit(is_done ? 0 : 1);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string reason_of(int status, const std::string& told) {
  std::string reason = first_line(told);
  if (!reason.empty()) return reason;
  return WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                             : "no reason was given";
}

bool is_success(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

class ChildStream : public TextBlocks {
 public:
  ChildStream(const Namespace& where, const std::function<bool()>& work) : err_("untrack-err") {
    std::array<int, 2> ends{};
    if (!err_.is_open() || pipe2(ends.data(), O_CLOEXEC) != 0) {
      why_cut_ = std::strerror(errno);
      return;
    }
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      be_child(where, work,
               [&] { return dup2(ends[1], STDOUT_FILENO) >= 0 && err_.becomes(STDERR_FILENO); });
    }
    if (child_ < 0) why_cut_ = std::strerror(errno);
    close(ends[1]);
    from_ = ends[0];
  }
  ~ChildStream() override {
    if (from_ >= 0) close(from_);
    if (child_ > 0) (void)wait_for(child_);
  }
  ChildStream(const ChildStream&) = delete;
  ChildStream& operator=(const ChildStream&) = delete;

  [[nodiscard]] std::size_t read(std::span<char> into) override {
    if (child_ <= 0) return 0;
    ssize_t count = 0;
    while ((count = ::read(from_, into.data(), into.size())) < 0 && errno == EINTR) {
    }
    if (count > 0) return static_cast<std::size_t>(count);
    const int status = wait_for(child_);
    child_ = 0;
    std::string told;
    const bool is_read = err_.read_all(told);
    if (!is_read || count < 0 || !is_success(status)) why_cut_ = reason_of(status, told);
    return 0;
  }
  [[nodiscard]] std::string why_cut() const override { return why_cut_; }

 private:
  Memory err_;
  int from_ = -1;
  pid_t child_ = 0;
  std::string why_cut_;
};

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
    be_child(where, work, [&] { return out.becomes(STDOUT_FILENO) && err.becomes(STDERR_FILENO); });
  }
  const int status = wait_for(child);
  std::string told;
  const bool is_read = out.read_all(result.out) && err.read_all(told);
  result.is_done = is_read && is_success(status);
  result.err = result.is_done ? first_line(told) : reason_of(status, told);
  return result;
}

std::shared_ptr<TextBlocks> stream_of_child(const Namespace& where,
                                            const std::function<bool()>& work) {
  return std::make_shared<ChildStream>(where, work);
}

}  // namespace untrack::live
