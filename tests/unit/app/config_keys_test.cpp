#include "app/config/config_keys.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "app/cli.hpp"
#include "tests/paths.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

const fs::path page = fs::path(UNTRACK_SOURCE_DIR) / "docs" / "linting.md";
constexpr std::string_view begin_mark = "<!-- keys, by config_keys_test -->\n";
constexpr std::string_view end_mark = "<!-- end -->\n";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string shown(const std::vector<std::string>& arguments) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Surroundings surroundings{in, out, err, false, std::nullopt, nullptr};
  EXPECT_EQ(run(arguments, surroundings), ExitStatus::clean) << err.str();
  return out.str();
}

std::map<std::string, std::set<std::string>> keys_by_command() {
  std::map<std::string, std::set<std::string>> keys;
  for (const ConfigRow& row : config_rows()) {
    EXPECT_TRUE(keys[std::string(row.command)].insert(std::string(row.key)).second) << row.key;
  }
  return keys;
}

std::vector<std::string> call_of(const std::string& command) {
  std::vector<std::string> words{command, "--no-config", "--show-config"};
  if (command == "rewrite" || command == "verify") {
    words.insert(words.end(), {"--mode", "stateless"});
  }
  if (command == "snapshot") return words;
  words.emplace_back("old");
  if (command == "diff" || command == "verify") words.emplace_back("new");
  return words;
}

TEST(ConfigKeys, each_command_shows_all_its_keys_and_no_other) {
  for (const auto& [command, keys] : keys_by_command()) {
    std::istringstream lines(shown(call_of(command)));
    std::set<std::string> told;
    for (std::string line; std::getline(lines, line);) {
      if (line == "# no configuration file" || line == fmt::format("[{}]", command)) continue;
      const std::string from = line.starts_with("# ") ? line.substr(2) : line;
      told.insert(from.substr(0, from.find(' ')));
    }
    EXPECT_EQ(told, keys) << command;
  }
}

TEST(ConfigKeys, every_command_that_reads_a_file_has_keys) {
  const auto keys = keys_by_command();
  for (const char* command : {"audit", "checks", "completions", "diff", "explain", "manual",
                              "pressure", "rewrite", "snapshot", "unload", "verify", "version"}) {
    const bool reads = shown({command, "--help"}).find("--no-config") != std::string::npos;
    EXPECT_EQ(reads, keys.contains(command)) << command;
  }
}

// UPDATE=1 writes the table of docs/linting.md instead.
TEST(ConfigKeys, AreThoseOfThePages) {
  std::map<std::string, std::string> commands;
  std::set<std::string> of_target;
  for (const ConfigRow& row : config_rows()) {
    std::string& cell = commands[std::string(row.key)];
    cell += fmt::format("{}`{}`", cell.empty() ? "" : ", ", row.command);
    if (row.is_of_target) of_target.insert(std::string(row.key));
  }
  std::string table = "| key | of |\n| --- | --- |\n";
  for (const auto& [key, cell] : commands) {
    table += fmt::format("| `{}`{} | {} |\n", key, of_target.contains(key) ? " \\*" : "", cell);
  }
  std::string text = read(page);
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark, begin);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t from = begin + begin_mark.size();
  const char* update = std::getenv("UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(page) << text.replace(from, end - from, table);
    return;
  }
  EXPECT_EQ(text.substr(from, end - from), table)
      << "docs/linting.md: UPDATE=1 ctest -R Pages writes it";
}

}  // namespace
}  // namespace untrack
