#include "report/shell_word.hpp"

#include "rewriter/unload/shell_quote.hpp"

namespace untrack {

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(text);
  }
  return shell_quote(text);
}

}  // namespace untrack
