#include "app/display.hpp"

#include <algorithm>
#include <string_view>

namespace untrack {
namespace {

constexpr int default_width = 100;
constexpr int least_width = 40;
constexpr int most_width = 1000;

std::string_view variable(const Surroundings& surroundings, const char* name) {
  const char* value = surroundings.environment ? surroundings.environment(name) : nullptr;
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Display display_for(const DisplayOptions& options, const Surroundings& surroundings) {
  Display display;
  display.colour =
      options.colour == "always" ||
      (options.colour == "auto" && surroundings.out_is_terminal &&
       variable(surroundings, "NO_COLOR").empty() && variable(surroundings, "TERM") != "dumb");
  int width = default_width;
  if (surroundings.out_is_terminal) width = surroundings.terminal_width.value_or(default_width);
  display.width = std::clamp(options.width.value_or(width), least_width, most_width);
  return display;
}

}  // namespace untrack
