#include "app/config/find_config.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <set>
#include <utility>

#include "app/files/read_file.hpp"
#include "report/diagnostic.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

void tell(const Surroundings& surroundings, const std::string& what) {
  surroundings.err << "untrack: " << escape_control(what) << "\n";
}

// Where to begin for a name, which may be a pattern, a part of a list, or nothing on this disk.
fs::path start_of_search(const std::string& name) {
  std::error_code ignored;
  fs::path path = fs::absolute(name, ignored).lexically_normal();
  if (!fs::is_directory(path, ignored)) path = path.parent_path();
  while (!fs::is_directory(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

struct Found {
  fs::path file;
  fs::path from;  // the directory of the ruleset
};

// Nothing: there is none. False: two in one directory.
bool look_above(const fs::path& from, std::optional<Found>& found) {
  std::error_code ignored;
  for (fs::path directory = from;; directory = directory.parent_path()) {
    for (const std::string_view name : config_names) {
      const fs::path file = directory / name;
      if (!fs::exists(file, ignored)) continue;
      if (found) return false;
      found = Found{file, from};
    }
    if (found || fs::exists(directory / ".git", ignored) || !directory.has_relative_path()) {
      return true;
    }
  }
}

bool is_of_stranger(const Found& found) {
  struct stat file {};
  struct stat rules {};
  if (stat(found.file.c_str(), &file) != 0) return false;  // reading it says why
  if (file.st_uid == geteuid() || file.st_uid == 0) return false;
  return stat(found.from.c_str(), &rules) != 0 || rules.st_uid != file.st_uid;
}

// Relative to where the program runs, so that output does not depend on where that is.
std::string shown(const fs::path& file) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  const fs::path relative = error ? fs::path() : file.lexically_relative(here);
  return relative.empty() ? file.string() : relative.string();
}

std::optional<ConfigFile> read_config(const std::string& path, bool is_named,
                                      const Surroundings& surroundings) {
  std::string why;
  std::optional<std::string> text = read_file(path, why);
  if (!text) {
    tell(surroundings, fmt::format("cannot read {}: {}", path, why));
    return std::nullopt;
  }
  std::vector<Problem> problems;
  ConfigFile file = parse_config(path, std::move(*text), problems);
  file.is_named = is_named;
  for (const Problem& problem : problems) {
    surroundings.err << render_problem(file.sources, problem, Display{});
  }
  if (!problems.empty()) return std::nullopt;
  return file;
}

}  // namespace

std::optional<ConfigFile> find_config(const ConfigUse& use, const std::vector<std::string>& names,
                                      const Surroundings& surroundings) {
  if (use.none) return ConfigFile();
  if (!use.path.empty()) return read_config(use.path, true, surroundings);
  std::set<fs::path> directories;
  for (const std::string& name : names)
    directories.insert(start_of_search(name == "-" ? "." : name));
  if (names.empty()) directories.insert(start_of_search("."));
  std::optional<Found> first;
  bool is_first = true;
  for (const fs::path& directory : directories) {
    std::optional<Found> found;
    if (!look_above(directory, found)) {
      tell(surroundings,
           fmt::format("{} and {} beside it: which of them counts? --config names one",
                       shown(found->file), config_names[1]));
      return std::nullopt;
    }
    if (!is_first && first.has_value() != found.has_value()) {
      tell(surroundings, fmt::format("{} counts for some of the rulesets alone: --config names it "
                                     "for all, --no-config for none",
                                     shown((first ? first : found)->file)));
      return std::nullopt;
    }
    if (!is_first && found && found->file != first->file) {
      tell(surroundings,
           fmt::format("the rulesets have two configuration files, {} and {}: --config names one",
                       shown(first->file), shown(found->file)));
      return std::nullopt;
    }
    if (found && is_of_stranger(*found)) {
      tell(surroundings,
           fmt::format("{} belongs to another user than you and the ruleset: --config "
                       "{} reads it all the same, --no-config does without",
                       shown(found->file), shown(found->file)));
      return std::nullopt;
    }
    first = std::move(found);
    is_first = false;
  }
  if (!first) return ConfigFile();
  return read_config(shown(first->file), false, surroundings);
}

}  // namespace untrack
