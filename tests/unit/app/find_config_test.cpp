#include "app/config/find_config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/app/scratch.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

class FindConfig : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text = "[audit]\n") {
    const fs::path path = fs::path(scratch_.path) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  [[nodiscard]] std::string in(const std::string& name) const {
    return (fs::path(scratch_.path) / name).string();
  }
  std::optional<ConfigFile> find(const std::vector<std::string>& names) {
    std::istringstream input;
    std::ostringstream out;
    err_.str("");
    return find_config({}, names, {input, out, err_, false, std::nullopt, {}});
  }

  Scratch scratch_;
  std::ostringstream err_;
};

TEST_F(FindConfig, IsTheNearestAbove) {
  write("a/untrack.toml");
  write("a/b/.untrack.toml");
  write("a/b/c/rules.v4", "");
  const auto found = find({in("a/b/c/rules.v4")});
  ASSERT_TRUE(found);
  EXPECT_EQ(fs::weakly_canonical(found->path), fs::weakly_canonical(in("a/b/.untrack.toml")));
  EXPECT_FALSE(found->is_named);
}

TEST_F(FindConfig, StopsAtTheRootOfARepository) {
  write("untrack.toml");
  write("a/.git/HEAD", "");
  write("a/b/rules.v4", "");
  const auto found = find({in("a/b/rules.v4")});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, "");
  write("a/untrack.toml");
  EXPECT_NE(find({in("a/b/rules.v4")})->path, "");
}

TEST_F(FindConfig, StandsForPatternsListsAndMissingFiles) {
  write("a/untrack.toml");
  for (const char* name : {"a/*", "a/x.v4,a/x.v6", "a/gone/gone.v4", "a"}) {
    EXPECT_NE(find({in(name)})->path, "") << name;
  }
}

TEST_F(FindConfig, RefusesThoseOfStrangers) {
  if (geteuid() != 0) GTEST_SKIP() << "chown takes root";
  write("a/untrack.toml");
  ASSERT_EQ(chown(in("a/untrack.toml").c_str(), 4711, 4711), 0);
  EXPECT_FALSE(find({in("a/rules.v4")}));
  EXPECT_NE(err_.str().find("belongs to another user"), std::string::npos);
  // Who owns the rulesets, too, may say how they are audited.
  ASSERT_EQ(chown(in("a").c_str(), 4711, 4711), 0);
  EXPECT_TRUE(find({in("a/rules.v4")}));
}

TEST_F(FindConfig, RefusesOneThatCountsForSomeAlone) {
  write("a/untrack.toml");
  write("b/.git/HEAD", "");
  EXPECT_FALSE(find({in("a/x.v4"), in("b/x.v4")}));
  EXPECT_NE(err_.str().find("for some of the rulesets alone"), std::string::npos);
}

}  // namespace
}  // namespace untrack
