#include "app/run_tool.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

namespace untrack {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A file that holds the text and has no name, read from its beginning.
Descriptor file_of(std::string_view text) {
  Descriptor file(memfd_create("untrack", MFD_CLOEXEC));
  while (file.is_open() && !text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Descriptor();
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.is_open() && lseek(file.get(), 0, SEEK_SET) != 0) return Descriptor();
  return file;
}

// What keeps the child from becoming the program.
struct Failure {
  ToolEnd end{};
  int number = 0;
};

struct ChildNeeds {
  const char* path = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int input = -1;
  int output = -1;
  int failures = -1;
  ToolNetwork network{};
  pid_t parent = 0;
};

// Only calls that may stand between fork and exec.
[[noreturn]] void become(const ChildNeeds& needs) {
  const auto fail = [&](ToolEnd end) {
    const Failure failure{end, errno};
    const ssize_t written = write(needs.failures, &failure, sizeof failure);
    _exit(written == sizeof failure ? 126 : 127);
  };
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != needs.parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (needs.network == ToolNetwork::own && unshare(CLONE_NEWNET) != 0) fail(ToolEnd::no_network);
  if (dup2(needs.input, STDIN_FILENO) < 0 || dup2(needs.output, STDOUT_FILENO) < 0 ||
      dup2(needs.output, STDERR_FILENO) < 0) {
    fail(ToolEnd::not_started);
  }
  execve(needs.path, needs.arguments, needs.environment);
  fail(ToolEnd::not_started);
  _exit(127);
}

// Reads what there is; false: there will be no more.
bool read_more(int from, std::size_t most, std::string& into) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  // What goes beyond the limit is read, so that the program does not wait for a reader.
  into.append(buffer.data(), std::min(static_cast<std::size_t>(count), most - into.size()));
  return count > 0;
}

bool has_ended(pid_t child) {
  siginfo_t info{};
  // Not reaped yet, so that its number is still its own.
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

// False: the time was up.
bool follow(pid_t child, Descriptor& output, const ToolLimits& limits, std::string& text) {
  const auto deadline = Clock::now() + limits.time;
  constexpr int poll_milliseconds = 20;
  bool is_open = true;
  while (true) {
    pollfd waiting{output.get(), POLLIN, 0};
    const bool had_ended = has_ended(child);
    const int ready = poll(&waiting, is_open ? 1 : 0, had_ended ? 0 : poll_milliseconds);
    if (ready > 0) {
      is_open = read_more(output.get(), limits.output, text);
    } else if (had_ended) {
      return true;
    }
    if (Clock::now() >= deadline) return has_ended(child);
  }
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

ToolRun run_tool(const std::string& path, const std::vector<std::string>& arguments,
                 std::string_view input, ToolNetwork network, const ToolLimits& limits) {
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  // The lock of iptables is the host's, whose rules are not touched.
  std::vector<std::string> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                       "XTABLES_LOCKFILE=/dev/null"};
  const std::vector<char*> argument_list = pointers(words);
  const std::vector<char*> environment_list = pointers(environment);
  const Descriptor file = file_of(input);
  std::optional<Pipe> output = make_pipe();
  std::optional<Pipe> failures = make_pipe();
  if (!file.is_open() || !output || !failures) return {ToolEnd::not_started, errno, {}};
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return {ToolEnd::not_started, errno, {}};
  if (child == 0) {
    become({path.c_str(), argument_list.data(), environment_list.data(), file.get(),
            output->writing.get(), failures->writing.get(), network, parent});
  }
  setpgid(child, child);
  output->writing.close();
  failures->writing.close();
  ToolRun run;
  const bool is_in_time = follow(child, output->reading, limits, run.output);
  kill(-child, SIGKILL);
  kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Failure failure;
  if (read(failures->reading.get(), &failure, sizeof failure) == sizeof failure) {
    return {failure.end, failure.number, {}};
  }
  if (!is_in_time) {
    run.end = ToolEnd::timed_out;
  } else if (WIFSIGNALED(status)) {
    run.end = ToolEnd::killed;
    run.status = WTERMSIG(status);
  } else {
    run.status = WEXITSTATUS(status);
  }
  return run;
}

}  // namespace untrack
