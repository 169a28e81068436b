#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/pipeline/checks.hpp"
#include "tests/paths.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// UPDATE=1 writes the pages instead.
TEST(CheckPages, AreThoseOfTheRows) {
  const fs::path directory = fs::path(UNTRACK_SOURCE_DIR) / "docs" / "checks";
  const auto pages = make_check_pages();
  const char* update = std::getenv("UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    fs::create_directories(directory);
    for (const auto& [name, text] : pages) std::ofstream(directory / name) << text;
  }
  for (const auto& [name, text] : pages) {
    EXPECT_EQ(read(directory / name), text)
        << "docs/checks/" << name << ": UPDATE=1 ctest -R CheckPages writes it";
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    EXPECT_EQ(pages.count(entry.path().filename()), 1U) << "stray page " << entry.path();
  }
}

}  // namespace
}  // namespace untrack
