#include "report/catalog_pages.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/paths.hpp"

namespace untrack {
namespace {

// UPDATE=1 writes the page instead.
TEST(CatalogPages, ExtensionsAreThoseOfTheTables) {
  const auto path = std::filesystem::path(UNTRACK_SOURCE_DIR) / "docs" / "extensions.md";
  const std::string text = write_extension_page();
  const char* update = std::getenv("UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(there, text) << path << ": UPDATE=1 ctest -R CatalogPages writes it";
}

}  // namespace
}  // namespace untrack
