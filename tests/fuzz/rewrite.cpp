// libFuzzer target: `untrack rewrite -` in both modes on any bytes. What comes out is read again
// without errors, is left as it is by a second rewrite, and in the mode stateless nothing in it
// tracks. Never an internal error: a certificate whose witness does not hold is one.
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "app/cli.hpp"

namespace {

struct Outcome {
  untrack::ExitStatus status{};
  std::string out;
};

Outcome run(std::vector<std::string> words, const std::string& text) {
  std::istringstream in(text);
  std::ostringstream out;
  std::ostringstream err;
  const untrack::ExitStatus status = untrack::run(
      std::move(words),
      {in, out, err, false, std::nullopt, [](const char*) -> const char* { return nullptr; }});
  return {status, out.str()};
}

void require(bool holds, const char* what, const char* mode) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s (--mode %s)\n", what, mode);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  using untrack::ExitStatus;
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  for (const char* mode : {"stateless", "notrack"}) {
    const std::vector<std::string> words{"rewrite", "--mode", mode, "--output", "rules", "-"};
    const Outcome first = run(words, text);
    require(first.status != ExitStatus::internal_error, "an internal error", mode);
    require(first.status != ExitStatus::bad_usage, "the arguments are good", mode);
    if (first.status != ExitStatus::clean || first.out.empty() || first.out == text) continue;
    const Outcome again = run(words, first.out);
    require(again.status == ExitStatus::clean, "a rewrite that is not read again", mode);
    require(again.out.empty() || again.out == first.out, "a second rewrite changes more", mode);
    if (std::string_view(mode) == "notrack") continue;
    const Outcome audit = run({"audit", "--output", "json", "-"}, first.out);
    require(audit.out.find("\"tracking\": \"forced\"") == std::string::npos,
            "something tracks in a stateless ruleset", mode);
  }
  return 0;
}
