#include "parser/modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "parser/line_words.hpp"

namespace untrack {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// MODULE_NAME_LEN is 64 - sizeof(unsigned long) including the final zero (linux/module.h); some
// room is left for kernels that changed it.
constexpr std::size_t longest_name = 64;

std::string quoted_start(std::string_view text) {
  constexpr std::size_t shown = 40;
  return fmt::format("\"{}{}\"", text.substr(0, shown), text.size() > shown ? "..." : "");
}

// Calls read(line, span) for each line that is not blank; a line that it refuses is a Problem.
template <class ReadLine>
void for_each_line(const Sources& sources, SourceId source, std::string_view expected,
                   std::string_view cure, std::vector<Problem>& problems, ReadLine read) {
  const std::string_view text = sources[source].text();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, newline - begin);
    const Span span{source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(newline)};
    begin = newline + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (read(line, span)) continue;
    problems.push_back({ProblemKind::not_understood, span,
                        fmt::format("not a line of {}: {}", expected, quoted_start(line)),
                        fmt::format("expected a line of {}", expected), std::string(cure), false});
  }
}

bool read_users(std::string_view word, LoadedModule& module) {
  if (word == "-") return true;
  while (!word.empty()) {
    const std::size_t comma = word.find(',');
    if (comma == std::string_view::npos) return false;  // the kernel ends each name with one
    const std::string_view user = word.substr(0, comma);
    word.remove_prefix(comma + 1);
    if (user == "[permanent]") {
      module.is_permanent = true;
      continue;
    }
    std::string name = module_name(user);
    if (name.empty()) return false;
    module.used_by.push_back(std::move(name));
  }
  return true;
}

}  // namespace

std::string module_name(std::string_view path) {
  if (const std::size_t slash = path.rfind('/'); slash != std::string_view::npos) {
    path.remove_prefix(slash + 1);
  }
  path = path.substr(0, path.find('.'));
  std::string name(path);
  std::ranges::replace(name, '-', '_');
  if (name.size() > longest_name || !std::ranges::all_of(name, is_name_character)) return {};
  return name;
}

std::vector<LoadedModule> read_proc_modules(const Sources& sources, SourceId source,
                                            std::vector<Problem>& problems) {
  std::vector<LoadedModule> modules;
  for_each_line(sources, source, "/proc/modules",
                "give the text of /proc/modules, not that of lsmod", problems,
                [&](std::string_view line, const Span& span) {
                  LoadedModule module;
                  module.line = span;
                  module.name = module_name(next_word(line));
                  const bool has_size = number_of<std::uint64_t>(next_word(line)).has_value();
                  const std::string_view count = next_word(line);
                  module.use_count = number_of<std::uint32_t>(count);
                  if (module.name.empty() || !has_size || (!module.use_count && count != "-") ||
                      !read_users(next_word(line), module)) {
                    return false;
                  }
                  modules.push_back(std::move(module));
                  return true;
                });
  return modules;
}

std::vector<ModuleDependencies> read_modules_dep(const Sources& sources, SourceId source,
                                                 std::vector<Problem>& problems) {
  std::vector<ModuleDependencies> all;
  for_each_line(sources, source, "modules.dep", "give /lib/modules/VERSION/modules.dep", problems,
                [&](std::string_view line, const Span&) {
                  const std::size_t colon = line.find(':');
                  if (colon == std::string_view::npos) return false;
                  ModuleDependencies module{module_name(line.substr(0, colon)), {}};
                  if (module.name.empty()) return false;
                  line.remove_prefix(colon + 1);
                  for (std::string_view word = next_word(line); !word.empty();
                       word = next_word(line)) {
                    std::string name = module_name(word);
                    if (name.empty()) return false;
                    module.depends.push_back(std::move(name));
                  }
                  all.push_back(std::move(module));
                  return true;
                });
  return all;
}

std::vector<std::string> read_modules_builtin(const Sources& sources, SourceId source,
                                              std::vector<Problem>& problems) {
  std::vector<std::string> names;
  for_each_line(sources, source, "modules.builtin", "give /lib/modules/VERSION/modules.builtin",
                problems, [&](std::string_view line, const Span&) {
                  std::string name = module_name(next_word(line));
                  if (name.empty()) return false;
                  names.push_back(std::move(name));
                  return true;
                });
  return names;
}

}  // namespace untrack
