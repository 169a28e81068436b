#include "report/proof_pages.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/paths.hpp"

namespace untrack {
namespace {

// UPDATE=1 writes the page instead.
void compare(const char* name, const std::string& text) {
  const auto path = std::filesystem::path(UNTRACK_SOURCE_DIR) / "docs" / name;
  const char* update = std::getenv("UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(there, text) << path << ": UPDATE=1 ctest -R ProofPages writes it";
}

TEST(ProofPages, AssumptionsAreThoseOfTheTable) {
  compare("assumptions.md", write_assumption_page());
}

TEST(ProofPages, ExposureIsThatOfTheTable) { compare("exposure.md", write_exposure_page()); }

}  // namespace
}  // namespace untrack
