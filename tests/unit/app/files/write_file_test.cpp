#include "app/files/write_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace untrack {
namespace {

namespace fs = std::filesystem;

class WriteFile : public testing::Test {
 protected:
  WriteFile() {
    std::string pattern = (fs::temp_directory_path() / "untrack-write-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~WriteFile() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  WriteFile(const WriteFile&) = delete;
  WriteFile& operator=(const WriteFile&) = delete;

  [[nodiscard]] std::string path(const char* name) const { return directory_ / name; }

  fs::path directory_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(WriteFile, ReplacesAFileAndItsPermissions) {
  EXPECT_EQ(write_file(path("a"), "old, and longer", 0644), "");
  EXPECT_EQ(write_file(path("a"), "new", 0600), "");
  EXPECT_EQ(text_of(path("a")), "new");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// As root, a rename would replace /dev/null.
TEST_F(WriteFile, LeavesWhatIsNoFileAsItIs) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(write_file(path("pipe"), "text", 0644), "not a regular file");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  fs::create_symlink(path("pipe"), path("link"));
  EXPECT_EQ(write_file(path("link"), "text", 0644), "not a regular file");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(write_file(directory_, "text", 0644), "Is a directory");
}

}  // namespace
}  // namespace untrack
