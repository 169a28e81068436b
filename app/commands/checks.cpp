#include "app/pipeline/checks.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <ostream>

#include "analysis/check.hpp"
#include "app/command_options.hpp"
#include "model/spelling.hpp"
#include "report/check_pages.hpp"

namespace untrack {
namespace {

struct ChecksOptions {
  std::vector<std::string> wanted;
  DisplayOptions display;
};

// "ut301" is as good as "UT301".
const CheckInfo* find_in_any_case(std::string word) {
  if (const CheckInfo* check = find_check(word)) return check;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return find_check(word);
}

ExitStatus run_checks_command(const ChecksOptions& options, const Surroundings& surroundings) {
  const Display display = display_for(options.display, surroundings);
  if (options.wanted.empty()) {
    surroundings.out << write_check_list(display);
    return ExitStatus::clean;
  }
  std::vector<const CheckInfo*> found;
  for (const std::string& word : options.wanted) {
    found.push_back(find_in_any_case(word));
    if (found.back() != nullptr) continue;
    std::vector<std::string_view> names;
    for (const CheckInfo* const check : all_checks()) {
      names.push_back(check->code);
      names.push_back(check->name);
    }
    surroundings.err << "untrack: no check is called \"" << escape_control(word) << "\"";
    if (const auto near = nearest(word, names)) {
      surroundings.err << "; did you mean " << *near << "?";
    }
    surroundings.err << "\n`untrack checks` lists them all.\n";
    return ExitStatus::bad_usage;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) surroundings.out << "\n";
    surroundings.out << write_check_text(
        *found[i], output_of_bad(*found[i], {false, display.width - 4}), display);
  }
  return ExitStatus::clean;
}

}  // namespace

void add_checks_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "checks", "List the checks of audit, or explain one by code or name");
  auto options = std::make_shared<ChecksOptions>();
  command.arguments("CHECK", options->wanted, "Code or name, e.g. UT301 or forces-tracking");
  command.display(options->display, false);
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_checks_command(*options, surroundings);
  });
}

}  // namespace untrack
