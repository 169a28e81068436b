#include "rewriter/unload/shell_quote.hpp"

namespace untrack {

std::string shell_quote(std::string_view text) {
  constexpr unsigned char space = 0x20;
  constexpr unsigned char del = 0x7f;
  std::string quoted = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'') {
      quoted += "'\\''";
    } else if (byte < space || byte == del) {
      quoted += '?';
    } else {
      quoted += c;
    }
  }
  return quoted += '\'';
}

}  // namespace untrack
