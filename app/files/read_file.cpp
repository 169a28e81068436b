#include "app/files/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "app/files/read_stream.hpp"

namespace untrack {

std::optional<std::string> read_file(const std::filesystem::path& path, std::string& why) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > largest_input) {
    why = too_large_input;
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    why = std::strerror(errno == 0 ? EIO : errno);
    return std::nullopt;
  }
  std::optional<std::string> text = read_stream(stream, error ? 0 : static_cast<std::size_t>(size));
  if (!text) {
    why = too_large_input;
    return std::nullopt;
  }
  if (stream.bad()) {
    why = std::strerror(errno == 0 ? EIO : errno);
    return std::nullopt;
  }
  return text;
}

}  // namespace untrack
