#include "rewriter/unified_diff.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace untrack {
namespace {

namespace fs = std::filesystem;

std::string diff_of(std::string_view before, std::string_view after) {
  return raw_text(unified_diff("old", before, "new", after));
}

std::string numbered(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST(UnifiedDiff, IsEmptyForEqualTexts) {
  EXPECT_TRUE(unified_diff("a", "", "b", "").empty());
  EXPECT_EQ(diff_of("one\ntwo", "one\ntwo"), "");
}

TEST(UnifiedDiff, ShowsThreeLinesAround) {
  std::string after = numbered(9);
  after.replace(after.find('5'), 1, "five");
  EXPECT_EQ(diff_of(numbered(9), after),
            "--- old\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, JoinsHunksWhoseContextTouches) {
  const auto hunks = [](std::size_t second) {
    std::string after = "first\n" + numbered(40);
    after.insert(after.find(std::to_string(second) + "\n"), "second\n");
    return unified_diff("old", numbered(40), "new", after).hunks;
  };
  // Before 7 there are six equal lines, three of either context.
  ASSERT_EQ(hunks(7).size(), 1U);
  EXPECT_EQ(hunk_header(hunks(7)[0]), "@@ -1,9 +1,11 @@");
  ASSERT_EQ(hunks(8).size(), 2U);
  EXPECT_EQ(hunk_header(hunks(8)[0]), "@@ -1,3 +1,4 @@");
  EXPECT_EQ(hunk_header(hunks(8)[1]), "@@ -5,6 +6,7 @@");
}

TEST(UnifiedDiff, CountsFromTheLineAheadWhereASideIsEmpty) {
  EXPECT_EQ(diff_of("", "a\n"), "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(diff_of("a\nb\n", ""), "--- old\n+++ new\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST(UnifiedDiff, SaysWhereTheLastLineHasNoNewline) {
  const std::string none = "\\ No newline at end of file\n";
  EXPECT_EQ(diff_of("a\nb", "a\nb\n"),
            "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n" + none + "+b\n");
  EXPECT_EQ(diff_of("a\nb\n", "a\nb"), "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+b\n" + none);
  EXPECT_EQ(diff_of("a\nb", "c\nb"), "--- old\n+++ new\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n" + none);
  EXPECT_EQ(diff_of("a", "b"), "--- old\n+++ new\n@@ -1 +1 @@\n-a\n" + none + "+b\n" + none);
}

TEST(UnifiedDiff, KeepsLinesAsTheyAre) {
  const UnifiedDiff diff = unified_diff("old", "a\r\n\x1b[0m\xff\n", "new", "a\n\x1b[0m\xff\n");
  ASSERT_EQ(diff.hunks.size(), 1U);
  const std::vector<DiffLine>& lines = diff.hunks[0].lines;
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].kind, DiffLineKind::removed);
  EXPECT_EQ(lines[0].text, "a\r");
  EXPECT_EQ(lines[1].kind, DiffLineKind::added);
  EXPECT_EQ(lines[1].text, "a");
  EXPECT_EQ(lines[2].kind, DiffLineKind::context);
  EXPECT_EQ(lines[2].text, "\x1b[0m\xff");
}

TEST(UnifiedDiff, QuotesNamesThatWouldBeReadAsSomethingElse) {
  EXPECT_EQ(diff_name("/etc/iptables/rules.v4"), "/etc/iptables/rules.v4");
  EXPECT_EQ(diff_name("rules of \xc3\xbc"), "rules of \xc3\xbc\t");
  EXPECT_EQ(diff_name("a\n+b"), "\"a\\012+b\"");
  EXPECT_EQ(diff_name("a\"\\ b"), "\"a\\\"\\\\ b\"");
}

// What others make of the diff: the file `name` with `before`, after `command` has read the diff.
class OthersRead : public testing::Test {
 protected:
  OthersRead() {
    std::string pattern = (fs::temp_directory_path() / "untrack-diff-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~OthersRead() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  OthersRead(const OthersRead&) = delete;
  OthersRead& operator=(const OthersRead&) = delete;

  int run(const std::string& command) const {
    const int status =
        std::system(("cd '" + directory_.string() + "' && " + command + " >log 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void expect_reads(const std::string& command, const std::string& name) const {
    const std::string head = numbered(30);
    const std::string pairs[][2] = {
        {"a\nb\nc\n", "a\nc\nd\n"},
        {"a\nb", "a\nb\n"},
        {"a\nb\n", "a\nb"},
        {"a\nb", "b"},
        {"", "a\nb\n"},
        {"", "a"},
        {"a\nb\n", ""},
        {"a\r\nb\r\nc\r\n", "a\r\nc\r\n"},
        {"a\r\nb\r\n", "a\nb\n"},
        {"a\nb\n", "a\r\nb\r"},
        {"\n\n\n", "\n"},
        {"-- a\n++ b\n", "++ b\n-- a\n@@ -1 +1 @@\n\\ No\n"},
        {std::string("\0\x1b\xff\n", 4), std::string("\0\xff\n\0", 4)},
        {head + "x\n" + head, "y\n" + head + head + "z"},
    };
    for (const auto& [before, after] : pairs) {
      std::ofstream(directory_ / name, std::ios::binary) << before;
      std::ofstream(directory_ / "diff", std::ios::binary)
          << raw_text(unified_diff(name, before, name, after));
      EXPECT_EQ(run(command), 0) << content("log") << content("diff");
      // patch(1) may remove a file that became empty.
      EXPECT_EQ(content(name), after) << content("log") << content("diff");
    }
  }

  std::string content(const std::string& name) const {
    std::ifstream stream(directory_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

 private:
  fs::path directory_;
};

TEST_F(OthersRead, PatchGivesTheNewText) {
  if (run("patch --version") != 0) GTEST_SKIP() << "no patch program";
  expect_reads("patch -p0 -i diff", "rules.v4");
  expect_reads("patch -p0 -i diff", "rules of \xc3\xbc v4");
  expect_reads("patch -p0 -i diff", "a\"b\\c\td");
}

TEST_F(OthersRead, GitApplyGivesTheNewText) {
  if (run("git --version") != 0) GTEST_SKIP() << "no git";
  const std::string command = "git apply -p0 --whitespace=nowarn diff";
  expect_reads(command, "rules.v4");
  expect_reads(command, "rules of \xc3\xbc v4");
  expect_reads(command, "a\"b\\c\td");
}

}  // namespace
}  // namespace untrack
