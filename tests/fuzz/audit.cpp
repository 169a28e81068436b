// libFuzzer target: the whole of `untrack audit -`, as text and as JSON, on any bytes. The same
// input gives the same bytes and the same exit status twice; never an internal error.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "app/cli.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using untrack::require;

struct Outcome {
  untrack::ExitStatus status{};
  std::string out;
};

Outcome audit(const std::string& text, const char* output) {
  std::istringstream in(text);
  std::ostringstream out;
  std::ostringstream err;
  const untrack::ExitStatus status = untrack::run(
      {"audit", "--output", output, "-"},
      {in, out, err, false, std::nullopt, [](const char*) -> const char* { return nullptr; }});
  return {status, out.str()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  const Outcome first = audit(text, "text");
  require(first.status != untrack::ExitStatus::internal_error, "an internal error");
  require(first.status != untrack::ExitStatus::bad_usage, "the arguments are good");
  require(first.out.find('\x1b') == std::string::npos, "an escape character reached the terminal");
  const Outcome again = audit(text, "text");
  require(first.out == again.out && first.status == again.status, "two runs differ");
  require(audit(text, "json").status == first.status, "the status depends on the output format");
  return 0;
}
