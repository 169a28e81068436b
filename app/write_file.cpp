#include "app/write_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/temporary_file.hpp"

namespace untrack {

std::string write_file(const std::string& path, std::string_view text, unsigned int mode) {
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
