// libFuzzer target: the bytes are the texts of a host's modules. The unload script that is made of
// them is read by sh; and any text in shell_quote is one word of the shell, itself.
#include <wordexp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "app/pipeline/unload.hpp"
#include "rewriter/unload/shell_quote.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using untrack::require;

constexpr const char* rules = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";

// wordexp takes no newline and no `&|;<>(){}` outside of quotes, and runs nothing. A letter stands
// in front, since glibc (2.36) makes two words of ''\''a', which is one for a shell (POSIX, 2.2.2;
// sh says so, too).
void expect_one_word(const std::string& text) {
  std::string expected = "x";
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    expected += value < 0x20 || value == 0x7f ? '?' : byte;
  }
  wordexp_t words{};
  require(wordexp(("x" + untrack::shell_quote(text)).c_str(), &words, WRDE_NOCMD | WRDE_UNDEF) == 0,
          "a quoted text that the shell does not take");
  require(words.we_wordc == 1 && words.we_wordv[0] == expected, "a quoted text is another one");
  wordfree(&words);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  expect_one_word(text);
  // Cut in three: /proc/modules, modules.dep, modules.builtin.
  const std::size_t first = std::min(text.find("\n\n"), text.size());
  const std::size_t second = std::min(text.find("\n\n", first + 1), text.size());
  untrack::UnloadTexts texts{{{"rules", rules}}};
  texts.modules = {"modules", text.substr(0, first)};
  if (first < text.size()) texts.modules_dep = {"dep", text.substr(first, second - first)};
  if (second < text.size()) texts.modules_builtin = {"builtin", text.substr(second)};
  const untrack::UnloadReport report = untrack::unload(std::move(texts), {}, "0");
  const std::string& script = report.script;
  require(script.empty() != report.plan.has_script(), "a plan and its script");
  if (script.empty()) return 0;
  // What is much slower than the rest, for scripts that were not seen alone.
  static std::string last;
  if (script == last) return 0;
  last = script;
  std::FILE* shell = popen("exec sh -n", "w");
  require(shell != nullptr && std::fwrite(script.data(), 1, script.size(), shell) == script.size(),
          "the shell reads");
  require(pclose(shell) == 0, "a script that sh does not read");
  return 0;
}
