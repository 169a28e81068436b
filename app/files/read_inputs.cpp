#include "app/files/read_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <istream>
#include <optional>

#include "app/files/read_file.hpp"
#include "app/files/read_stream.hpp"
#include "parser/parse.hpp"
#include "parser/snapshot.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

void add_snapshot(const std::string& path, std::string_view text, InputTexts& inputs) {
  ParsedSnapshot parsed = parse_snapshot(text);
  if (!parsed.snapshot) {
    inputs.unreadable.push_back(fmt::format("{}: {}", path, parsed.why_not));
    return;
  }
  LiveHost& rules = parsed.snapshot->rules;
  constexpr std::string_view live = "live:";
  for (LiveText& each : rules.texts) {
    const std::string_view name = each.name;
    inputs.texts.push_back(
        {fmt::format("{}:{}", path, name.starts_with(live) ? name.substr(live.size()) : name),
         std::move(each.text)});
  }
  rules.texts.clear();
  for (const std::string& each : rules.unreadable) {
    inputs.unreadable.push_back(fmt::format("{}: the host did not give {}", path, each));
  }
  inputs.not_there.insert(inputs.not_there.end(), rules.not_there.begin(), rules.not_there.end());
  inputs.snapshots.push_back({path, std::move(*parsed.snapshot)});
}

// A text that was read, as what it is.
void add_text(const std::string& path, std::string text, InputTexts& inputs) {
  if (is_snapshot(text)) {
    add_snapshot(path, text, inputs);
  } else {
    inputs.texts.push_back({path, std::move(text)});
  }
}

void read_directory(const std::string& name, InputTexts& inputs) {
  std::error_code error;
  std::vector<fs::path> files;
  std::vector<std::string> below;
  for (fs::directory_iterator entry(name, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) {
      files.push_back(entry->path());
    } else if (entry->is_directory(ignored)) {
      below.push_back(entry->path().string() + "/");
    }
  }
  if (error) {
    inputs.unreadable.push_back(fmt::format("{}: {}", name, error.message()));
    return;
  }
  std::sort(files.begin(), files.end());
  std::size_t found = 0;
  for (const fs::path& file : files) {
    std::string why;
    std::optional<std::string> text = read_file(file, why);
    if (!text) {
      inputs.unreadable.push_back(fmt::format("{}: {}", file.string(), why));
    } else if (!is_snapshot(*text) && recognise(*text) == Format::unknown) {
      inputs.skipped.push_back(file.string());
    } else {
      add_text(file.string(), std::move(*text), inputs);
      ++found;
    }
  }
  std::sort(below.begin(), below.end());
  inputs.skipped.insert(inputs.skipped.end(), below.begin(), below.end());
  if (found == 0) {
    inputs.unreadable.push_back(
        fmt::format("{}: no file in this directory looks like a ruleset", name));
  }
}

}  // namespace

InputTexts read_inputs(const std::vector<std::string>& names, std::istream& standard_input,
                       const IncludeSettings& include) {
  InputTexts inputs;
  for (const std::string& name : names) {
    std::error_code error;
    if (name == "-") {
      std::optional<std::string> text = read_stream(standard_input);
      if (text) {
        add_text(name, std::move(*text), inputs);
      } else {
        inputs.unreadable.push_back(fmt::format("-: {}", too_large_input));
      }
    } else if (fs::is_directory(name, error)) {
      read_directory(name, inputs);
    } else {
      std::string why;
      std::optional<std::string> text = read_file(name, why);
      if (text) {
        add_text(name, std::move(*text), inputs);
      } else {
        inputs.unreadable.push_back(fmt::format("{}: {}", name, why));
      }
    }
  }
  read_includes(inputs.texts, include);
  return inputs;
}

std::vector<std::string> names_of_host(const std::string& word) {
  std::error_code error;
  if (fs::exists(word, error)) return {word};
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= word.size()) {
    const std::size_t comma = std::min(word.find(',', begin), word.size());
    names.push_back(word.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return names;
}

InputTexts read_host(const std::string& word, std::istream& standard_input,
                     const IncludeSettings& include) {
  return read_inputs(names_of_host(word), standard_input, include);
}

}  // namespace untrack
