#include "app/write_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace untrack {
namespace {

std::string last_error() { return std::strerror(errno); }

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string write_file(const std::string& path, std::string_view text, unsigned int mode) {
  std::string temporary = path + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) return last_error();
  const bool is_written =
      write_all(file, text) && fchmod(file, static_cast<mode_t>(mode)) == 0 && fsync(file) == 0;
  std::string error = is_written ? "" : last_error();
  if (close(file) != 0 && error.empty()) error = last_error();
  if (error.empty() && std::rename(temporary.c_str(), path.c_str()) != 0) error = last_error();
  if (!error.empty()) unlink(temporary.c_str());
  return error;
}

}  // namespace untrack
