// A file that is being written in the directory of the one that it shall replace, so that rename(2)
// can put it there at once. Used by whatever writes files. Removed when it goes out of scope,
// unless it was renamed.
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// Each function that returns a text returns what went wrong, in the system's words; empty if
// nothing did.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  // A new file beside `target`, never one that is there. `mode` as open(2) takes it: less what the
  // umask says.
  [[nodiscard]] std::string create_beside(const std::string& target, unsigned int mode = 0600);
  // A new file of this name; fails if there is one, which is then not this file's.
  [[nodiscard]] std::string create(const std::string& path, unsigned int mode = 0600);
  // Takes a file that was made in another way, to remove it as if it was created here.
  void adopt(std::string path);
  [[nodiscard]] std::string write(std::string_view text);
  // What the file at `path` holds, as it is.
  [[nodiscard]] std::string write_copy_of(const std::string& path);
  // Before set_mode(): a new owner takes some modes away. Does nothing if they own it.
  [[nodiscard]] std::string set_owner(unsigned int user, unsigned int group);
  // Permissions as chmod(2) takes them, whatever the umask.
  [[nodiscard]] std::string set_mode(unsigned int mode);
  // Has it on the disk, and closes it.
  [[nodiscard]] std::string finish();

  [[nodiscard]] const std::string& path() const { return path_; }
  // It has got another name, or shall stay where it is.
  void keep() { path_.clear(); }

 private:
  void discard();

  std::string path_;  // empty: there is nothing to remove
  int file_ = -1;
};

// The directory that holds the name `path`.
[[nodiscard]] std::string directory_of(const std::string& path);

}  // namespace untrack
