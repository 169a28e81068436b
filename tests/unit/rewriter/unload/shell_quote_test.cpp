#include "rewriter/unload/shell_quote.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace untrack {
namespace {

// What a shell makes of the word.
std::string through_shell(const std::string& word) {
  FILE* shell = popen(("printf %s " + word).c_str(), "r");
  if (shell == nullptr) return "no shell";
  std::string text;
  std::array<char, 256> buffer{};
  while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), shell)) {
    text.append(buffer.data(), size);
  }
  pclose(shell);
  return text;
}

TEST(ShellQuote, AShellReadsBackWhatWasQuoted) {
  for (const std::string text :
       {"", "plain", "two words", "it's", "''''", "$(echo no)", "`echo no`", "a\\b", "a\\'b",
        "*?[x]", "; echo no", "\"double\"", "# no comment", "~root", "!x", "-n", "üñ"}) {
    EXPECT_EQ(through_shell(shell_quote(text)), text);
  }
}

TEST(ShellQuote, ControlCharactersNeverReachTheScript) {
  EXPECT_EQ(shell_quote("a\nb\tc\x1b[0m\x7f" + std::string(1, '\0')),
            "'a?b?c?[0m?"
            "?'");
}

}  // namespace
}  // namespace untrack
