#include "app/files/write_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/files/temporary_file.hpp"

namespace untrack {

std::string write_file(const std::string& path, std::string_view text, unsigned int mode) {
  // A rename would put a plain file in the place of /dev/null.
  struct stat there {};
  if (stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return S_ISDIR(there.st_mode) ? std::strerror(EISDIR) : "not a regular file";
  }
  TemporaryFile file;
  std::string error = file.create_beside(path);
  if (error.empty()) error = file.write(text);
  if (error.empty()) error = file.set_mode(mode);
  if (error.empty()) error = file.finish();
  if (!error.empty()) return error;
  if (std::rename(file.path().c_str(), path.c_str()) != 0) return std::strerror(errno);
  file.keep();
  return "";
}

}  // namespace untrack
