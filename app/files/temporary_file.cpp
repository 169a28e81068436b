#include "app/files/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace untrack {
namespace {

std::string last_error() { return std::strerror(errno); }

}  // namespace

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), file_(std::exchange(other.file_, -1)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::exchange(other.path_, {});
  file_ = std::exchange(other.file_, -1);
  return *this;
}

TemporaryFile::~TemporaryFile() { discard(); }

void TemporaryFile::discard() {
  if (file_ >= 0) close(file_);
  if (!path_.empty()) unlink(path_.c_str());
  file_ = -1;
  path_.clear();
}

std::string TemporaryFile::create(const std::string& path, unsigned int mode) {
  discard();
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
               static_cast<mode_t>(mode));
  if (file_ < 0) return last_error();
  path_ = path;
  return "";
}

void TemporaryFile::adopt(std::string path) {
  discard();
  path_ = std::move(path);
}

std::string TemporaryFile::create_beside(const std::string& target, unsigned int mode) {
  // Not made of the target's name, which may be as long as a name can be. What an earlier run left
  // is stepped over.
  for (int number = 0; number < 1000; ++number) {
    std::string error =
        create(fmt::format("{}/.untrack-{}-{}", directory_of(target), getpid(), number), mode);
    if (error.empty() || errno != EEXIST) return error;
  }
  return std::strerror(EEXIST);
}

std::string TemporaryFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_error();
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return "";
}

std::string TemporaryFile::write_copy_of(const std::string& path) {
  const int from = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return last_error();
  std::string error;
  std::array<char, 65536> buffer{};
  while (error.empty()) {
    const ssize_t size = read(from, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) error = last_error();
    if (size <= 0) break;
    error = write({buffer.data(), static_cast<std::size_t>(size)});
  }
  close(from);
  return error;
}

std::string TemporaryFile::set_owner(unsigned int user, unsigned int group) {
  struct stat status {};
  if (fstat(file_, &status) != 0) return last_error();
  if (status.st_uid == user && status.st_gid == group) return "";
  return fchown(file_, user, group) == 0 ? "" : last_error();
}

std::string TemporaryFile::set_mode(unsigned int mode) {
  return fchmod(file_, static_cast<mode_t>(mode)) == 0 ? "" : last_error();
}

std::string TemporaryFile::finish() {
  std::string error = fsync(file_) == 0 ? "" : last_error();
  if (close(std::exchange(file_, -1)) != 0 && error.empty()) error = last_error();
  return error;
}

std::string directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

}  // namespace untrack
