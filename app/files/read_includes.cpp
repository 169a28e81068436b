#include "app/files/read_includes.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "app/files/read_file.hpp"
#include "app/files/read_stream.hpp"
#include "parser/nft/includes.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 10'000;

// A directory, or "." for a file that is named without one.
fs::path directory_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

bool is_below(const fs::path& file, const fs::path& directory) {
  std::error_code error;
  const fs::path whole = fs::canonical(file, error);
  if (error) return false;
  const fs::path top = fs::canonical(directory, error);
  if (error) return false;
  return std::mismatch(top.begin(), top.end(), whole.begin(), whole.end()).first == top.end();
}

// A directory's own name must not work as a pattern.
std::string quoted_for_glob(const std::string& directory) {
  std::string quoted;
  for (const char c : directory) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

// What a pattern finds in one directory, in the order of glob(3), which is that of nft; "" stands
// for the pattern alone.
std::vector<fs::path> files_of(const fs::path& directory, const std::string& pattern) {
  const std::string whole =
      directory.empty() ? pattern : quoted_for_glob(directory.string()) + "/" + pattern;
  glob_t found{};
  std::vector<fs::path> files;
  if (glob(whole.c_str(), 0, nullptr, &found) == 0) {
    files.reserve(found.gl_pathc);
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  std::error_code error;
  std::erase_if(files, [&](const fs::path& file) { return fs::is_directory(file, error); });
  return files;
}

bool is_pattern(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

class IncludeReader {
 public:
  explicit IncludeReader(const IncludeSettings& settings) : settings_(settings) {}

  // `stack_`: the files from the named one down to the one in which the include stands.
  void read(InputText& input) {
    stack_.push_back(input.path);
    for (std::string& pattern : nft::includes_of(input.text)) {
      input.includes.push_back(resolve(std::move(pattern)));
    }
    stack_.pop_back();
  }

  [[nodiscard]] bool has_read(const std::string& path) const {
    std::error_code error;
    const fs::path whole = fs::canonical(path, error);
    return !error && read_.contains(whole);
  }

 private:
  // The directories in which a name is looked for, in order; files of the first ones together, of
  // the others only if the ones before them have none.
  [[nodiscard]] std::vector<fs::path> places_of(const std::string& pattern) const {
    std::vector<fs::path> places;
    const bool is_standard_input = stack_.front() == "-";
    if (pattern.starts_with('/')) return {settings_.root};
    if (!pattern.starts_with("./") && !pattern.starts_with("../")) {
      places.assign(settings_.directories.begin(), settings_.directories.end());
    }
    if (!is_standard_input) {
      places.push_back(directory_of(stack_.back()));
      const fs::path top = directory_of(stack_.front());
      if (top != places.back()) places.push_back(top);
    }
    return places;
  }

  [[nodiscard]] bool may_read(const fs::path& file) const {
    if (stack_.front() != "-" && is_below(file, directory_of(stack_.front()))) return true;
    if (!settings_.root.empty() && is_below(file, settings_.root)) return true;
    return std::ranges::any_of(settings_.directories, [&](const std::string& directory) {
      return is_below(file, directory);
    });
  }

  InputText::Include resolve(std::string pattern) {
    InputText::Include include;
    include.pattern = std::move(pattern);
    std::vector<fs::path> files;
    bool has_place = false;
    bool names_directory = false;
    std::string looked_in;
    std::size_t place = 0;
    for (const fs::path& directory : places_of(include.pattern)) {
      // nft, too, takes what a pattern finds in each of the directories that it was given.
      const bool is_given = place++ < settings_.directories.size() && is_pattern(include.pattern);
      if (!files.empty() && !is_given) break;
      std::ranges::move(files_of(directory, include.pattern), std::back_inserter(files));
      std::error_code error;
      const fs::path around = directory.empty()
                                  ? fs::path(include.pattern)
                                  : directory / fs::path(include.pattern).relative_path();
      names_directory = names_directory || fs::is_directory(around, error);
      has_place = has_place || fs::is_directory(around.parent_path(), error);
      looked_in += fmt::format("{}{}", looked_in.empty() ? "" : ", ", around.string());
    }
    if (files.empty()) {
      if (has_place && is_pattern(include.pattern)) return include;  // right for nft, too
      if (names_directory) {
        include.why_not = fmt::format("{} is a directory, of which nft reads nothing", looked_in);
        include.cure = fmt::format("Write include \"{}/*\".", include.pattern);
        return include;
      }
      include.why_not = looked_in.empty() ? "where to look for it is not known"
                                          : fmt::format("there is no {}", looked_in);
      include.cure =
          "Say where it is with --include-path or --include-root, or give the output of "
          "`nft list ruleset`.";
      return include;
    }
    for (const fs::path& file : files) {
      if (!add(file, include)) break;
    }
    return include;
  }

  // False, with the reason in `include`, if the file is not read.
  bool add(const fs::path& file, InputText::Include& include) {
    const auto refuse = [&](std::string why, std::string cure) {
      include.why_not = std::move(why);
      include.cure = std::move(cure);
      return false;
    };
    std::error_code error;
    const fs::path whole = fs::canonical(file, error);
    if (!may_read(file)) {
      return refuse(
          stack_.front() == "-"
              ? fmt::format("{} is in no directory that was given", file.string())
              : fmt::format("{} is not below the directory of {}", file.string(), stack_.front()),
          "Give its directory with --include-path, if it may be read.");
    }
    if (!fs::is_regular_file(whole, error)) {
      return refuse(fmt::format("{} is not a regular file", file.string()), "");
    }
    const auto is_this = [&](const std::string& path) {
      return fs::equivalent(path, whole, error);
    };
    if (std::ranges::any_of(stack_, is_this)) {
      return refuse(fmt::format("{} includes itself", file.string()), "nft refuses it.");
    }
    if (stack_.size() > nft::deepest_include) {
      return refuse(fmt::format("more than {} files, one within the other", nft::deepest_include),
                    "nft refuses it.");
    }
    std::string why;
    std::optional<std::string> text = read_file(whole, why);
    if (!text) return refuse(fmt::format("{}: {}", file.string(), why), "");
    bytes_ += text->size();
    if (++files_ > most_files || bytes_ > largest_input) {
      return refuse(fmt::format("more than {} files or 512 MiB are included", most_files), "");
    }
    read_.insert(whole);
    include.files.push_back({file.lexically_normal().string(), std::move(*text)});
    read(include.files.back());
    return true;
  }

  const IncludeSettings& settings_;
  std::vector<std::string> stack_;
  std::set<fs::path> read_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

void read_includes(std::vector<InputText>& texts, const IncludeSettings& settings) {
  IncludeReader reader(settings);
  for (InputText& text : texts) {
    const Format format = recognise(text.text);
    if (format == Format::nft_script || format == Format::nft_commands) reader.read(text);
  }
  // A file that includes itself by way of another stays.
  std::vector<InputText> kept;
  for (InputText& text : texts) {
    if (!reader.has_read(text.path) || text.path == "-") kept.push_back(std::move(text));
  }
  if (!kept.empty()) texts = std::move(kept);
}

}  // namespace untrack
