// What the fuzz targets ask of an answer: a condition that holds, or the end of the process with
// what did not, which libFuzzer and the ordinary tests count as broken. Used by the targets alone.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace untrack {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Other than the end of a line.
inline bool has_control_character(const std::string& text) {
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if ((value < 0x20 && byte != '\n') || value == 0x7f) return true;
  }
  return false;
}

}  // namespace untrack
