// libFuzzer target: any bytes as a configuration file and as a baseline. What is said about a file
// lies in it and can be printed; the command line takes what it says, or refuses it, and shows it
// without control characters; a baseline that is read is the same when it is written and read.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "app/cli.hpp"
#include "app/config/check_settings.hpp"
#include "report/baseline.hpp"
#include "report/diagnostic.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using untrack::has_control_character;
using untrack::require;

void read_as_settings(const std::string& text) {
  std::vector<untrack::Problem> problems;
  const untrack::ConfigFile file = untrack::parse_config("untrack.toml", text, problems);
  (void)untrack::read_check_settings(file, problems);
  (void)untrack::read_host_settings(file, problems);
  std::size_t printed = 0;
  for (const untrack::Problem& problem : problems) {
    require(!problem.message.empty(), "a problem without words");
    require(problem.span.begin <= problem.span.end &&
                problem.span.end <= file.sources[problem.span.source].text().size(),
            "a span outside of the file");
    if (++printed > 5) continue;
    require(!has_control_character(render_problem(file.sources, problem, untrack::Display{})),
            "a control character in a message");
  }
}

// As the program reads it, from a file that is in memory alone.
void read_by_the_command_line(const std::string& text) {
  const int file = memfd_create("untrack-fuzz", 0);
  require(file >= 0, "a file in memory");
  require(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "written");
  for (const char* command : {"audit", "rewrite"}) {
    std::istringstream in("*filter\nCOMMIT\n");
    std::ostringstream out;
    std::ostringstream err;
    std::vector<std::string> words{command, "--config", "/proc/self/fd/" + std::to_string(file),
                                   "--show-config"};
    if (words.front() == "rewrite") words.insert(words.end(), {"--mode", "stateless"});
    words.emplace_back("-");
    const untrack::ExitStatus status = untrack::run(
        words,
        {in, out, err, false, std::nullopt, [](const char*) -> const char* { return nullptr; }});
    require(status != untrack::ExitStatus::internal_error, "an internal error");
    require(!has_control_character(out.str()), "a control character in what is shown");
    require(!has_control_character(err.str()), "a control character in what is refused");
  }
  close(file);
}

void read_as_baseline(const std::string& text) {
  std::string why;
  const std::optional<untrack::Baseline> known = untrack::read_baseline_json(text, why);
  require(known.has_value() != !why.empty(), "a baseline and a reason against it");
  if (!known) return;
  const std::string written = untrack::write_baseline_json(known->entries());
  const std::optional<untrack::Baseline> again = untrack::read_baseline_json(written, why);
  require(again.has_value(), "a baseline that is not read again");
  require(untrack::write_baseline_json(again->entries()) == written, "a baseline that changes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  read_as_settings(text);
  read_by_the_command_line(text);
  read_as_baseline(text);
  return 0;
}
