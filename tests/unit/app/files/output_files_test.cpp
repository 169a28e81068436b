#include "app/files/output_files.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

namespace untrack {

void PrintTo(const OutputError& error, std::ostream* out) {
  *out << error.path << ": " << error.why;
}

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class OutputFiles : public testing::Test {
 protected:
  OutputFiles() {
    std::string pattern = (fs::temp_directory_path() / "untrack-output-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~OutputFiles() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string given(const std::string& name, std::string_view text = "old\n",
                    mode_t mode = 0644) const {
    std::ofstream(path(name)) << text;
    EXPECT_EQ(chmod(path(name).c_str(), mode), 0);
    return path(name);
  }
  std::string content(const std::string& name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  Names names() const {
    Names found;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      found.push_back(entry.path().lexically_relative(directory_).string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  mode_t mode(const std::string& name) const { return status(name).st_mode & 07777U; }
  struct stat status(const std::string& name) const {
    struct stat found {};
    EXPECT_EQ(stat(path(name).c_str(), &found), 0) << name;
    return found;
  }
  // Nothing is written because of `name`, and no trace is left of the attempt.
  void refuses(const std::vector<OutputFile>& files, const std::string& name,
               const std::string& why, const FileCalls& calls = system_calls()) const {
    for (const Backup backup : {Backup::none, Backup::orig}) {
      const Names before = names();
      const OutputResult result = write_output_files(files, backup, calls);
      ASSERT_EQ(result.errors.size(), 1U);
      EXPECT_EQ(result.errors[0].path, path(name));
      EXPECT_EQ(result.errors[0].why, why);
      EXPECT_TRUE(result.backups.empty());
      EXPECT_EQ(names(), before);
    }
  }

  fs::path directory_;
};

// rename(2) that fails for some targets.
FileCalls failing_for(const Names& targets) {
  FileCalls calls = system_calls();
  calls.rename = [targets](const char* from, const char* to) {
    if (std::find(targets.begin(), targets.end(), to) == targets.end()) return ::rename(from, to);
    errno = EBUSY;
    return -1;
  };
  return calls;
}

TEST_F(OutputFiles, WritesNothingForNoFiles) {
  EXPECT_TRUE(write_output_files({}, Backup::orig).is_written());
}

TEST_F(OutputFiles, WritesNewAndOldFiles) {
  given("a");
  const std::string text("new\0\r\n", 6);
  const OutputResult result =
      write_output_files({{path("a"), text}, {path("b"), ""}}, Backup::none);
  EXPECT_TRUE(result.is_written());
  EXPECT_EQ(result.backups, (Names{"", ""}));
  EXPECT_EQ(content("a"), text);
  EXPECT_EQ(names(), (Names{"a", "b"}));
}

TEST_F(OutputFiles, KeepsTheModeAndTheOwnerOfAFile) {
  given("a", "old\n", 0640);
  given("b", "old\n", 0666);
  // Only root may give files away, and not in every namespace.
  const bool is_given_away = chown(path("a").c_str(), 1234, 2345) == 0;
  const mode_t before = umask(027);
  const OutputResult result = write_output_files(
      {{path("a"), "new\n"}, {path("b"), "new\n"}, {path("c"), "new\n"}}, Backup::orig);
  umask(before);
  EXPECT_TRUE(result.is_written());
  EXPECT_EQ(mode("a"), 0640U);
  EXPECT_EQ(mode("a.orig"), 0640U);
  EXPECT_EQ(mode("b"), 0666U);
  EXPECT_EQ(mode("c"), 0640U);
  if (!is_given_away) return;
  EXPECT_EQ(status("a").st_uid, 1234U);
  EXPECT_EQ(status("a").st_gid, 2345U);
}

TEST_F(OutputFiles, WritesBehindSymbolicLinks) {
  fs::create_directory(path("d"));
  given("d/real");
  fs::create_symlink("d/real", path("link"));
  fs::create_symlink(path("link"), path("link2"));
  fs::create_symlink("d/later", path("dangling"));
  const OutputResult result =
      write_output_files({{path("link2"), "new\n"}, {path("dangling"), "more\n"}}, Backup::orig);
  EXPECT_TRUE(result.is_written());
  EXPECT_EQ(result.backups, (Names{path("d/real.orig"), ""}));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_TRUE(fs::is_symlink(path("link2")));
  EXPECT_TRUE(fs::is_symlink(path("dangling")));
  EXPECT_EQ(content("d/real"), "new\n");
  EXPECT_EQ(content("d/later"), "more\n");
  EXPECT_EQ(names(), (Names{"d", "d/later", "d/real", "d/real.orig", "dangling", "link", "link2"}));
}

TEST_F(OutputFiles, NumbersBackups) {
  for (const char* text : {"1\n", "2\n", "3\n"}) {
    EXPECT_TRUE(write_output_files({{path("a"), text}}, Backup::orig).is_written());
  }
  given("a.orig.2", "not ours\n");
  const OutputResult result = write_output_files({{path("a"), "4\n"}}, Backup::orig);
  EXPECT_EQ(result.backups, Names{path("a.orig.3")});
  EXPECT_EQ(content("a"), "4\n");
  EXPECT_EQ(content("a.orig"), "1\n");
  EXPECT_EQ(content("a.orig.1"), "2\n");
  EXPECT_EQ(content("a.orig.2"), "not ours\n");
  EXPECT_EQ(content("a.orig.3"), "3\n");
}

TEST_F(OutputFiles, CopiesWhatCannotBeLinked) {
  given("a", "old\n", 0600);
  given("a.orig", "not ours\n");
  FileCalls calls = system_calls();
  calls.link = [](const char* /*from*/, const char* /*to*/) {
    errno = EXDEV;
    return -1;
  };
  const OutputResult result = write_output_files({{path("a"), "new\n"}}, Backup::orig, calls);
  EXPECT_TRUE(result.is_written());
  EXPECT_EQ(result.backups, Names{path("a.orig.1")});
  EXPECT_EQ(content("a.orig"), "not ours\n");
  EXPECT_EQ(content("a.orig.1"), "old\n");
  EXPECT_EQ(mode("a.orig.1"), 0600U);
  EXPECT_EQ(content("a"), "new\n");
}

TEST_F(OutputFiles, RefusesWhatIsNoFile) {
  given("a");
  fs::create_directory(path("d"));
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  fs::create_symlink("loop", path("loop"));
  refuses({{path("a"), "new\n"}, {path("d"), "new\n"}}, "d", "Is a directory");
  refuses({{path("a"), "new\n"}, {path("fifo"), "new\n"}}, "fifo", "not a regular file");
  refuses({{path("a"), "new\n"}, {path("loop"), "new\n"}}, "loop",
          "Too many levels of symbolic links");
  refuses({{path("a"), "new\n"}, {path("none/b"), "new\n"}}, "none/b", "No such file or directory");
  refuses({{path("a"), "new\n"}, {path("a/b"), "new\n"}}, "a/b", "Not a directory");
  EXPECT_EQ(content("a"), "old\n");
}

TEST_F(OutputFiles, RefusesOneFileByTwoNames) {
  given("a");
  fs::create_symlink("a", path("link"));
  refuses({{path("a"), "1\n"}, {path("link"), "2\n"}}, "link", "the same file as " + path("a"));
  refuses({{path("new"), "1\n"}, {path("./new"), "2\n"}}, "./new",
          "the same file as " + path("new"));
  EXPECT_EQ(content("a"), "old\n");
}

// Somebody else than root while it lives, if that can be.
class Unprivileged {
 public:
  explicit Unprivileged(const std::string& home) {
    is_root_ = geteuid() == 0;
    if (is_root_) works_ = chown(home.c_str(), nobody, nobody) == 0 && seteuid(nobody) == 0;
  }
  ~Unprivileged() {
    if (is_root_ && seteuid(0) != 0) std::abort();
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  [[nodiscard]] bool works() const { return works_; }

 private:
  static constexpr uid_t nobody = 65534;
  bool is_root_ = false;
  bool works_ = true;
};

TEST_F(OutputFiles, RefusesWhatOneMayNotWrite) {
  given("other", "old\n", 0666);
  const Unprivileged user(directory_.string());
  if (!user.works()) GTEST_SKIP() << "root cannot become anyone else here";
  given("a");
  given("b", "old\n", 0444);
  fs::create_directory(path("d"));
  given("d/c");
  ASSERT_EQ(chmod(path("d").c_str(), 0555), 0);
  refuses({{path("a"), "new\n"}, {path("b"), "new\n"}}, "b", "Permission denied");
  refuses({{path("a"), "new\n"}, {path("d/c"), "new\n"}}, "d/c", "Permission denied");
  refuses({{path("a"), "new\n"}, {path("d/new"), "new\n"}}, "d/new", "Permission denied");
  if (status("other").st_uid != geteuid()) {
    // Writable, but what takes its place would have another owner.
    refuses({{path("a"), "new\n"}, {path("other"), "new\n"}}, "other", "Operation not permitted");
  }
  EXPECT_EQ(content("a"), "old\n");
}

TEST_F(OutputFiles, ChangesNothingWhereThereIsNoRoom) {
  given("a");
  given("b");
  const std::string text(100000, 'x');
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 5000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  refuses({{path("a"), "new\n"}, {path("b"), text}}, "b", "File too large");
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(content("a"), "old\n");
  EXPECT_EQ(content("b"), "old\n");
}

TEST_F(OutputFiles, PutsBackWhatWasRenamedBefore) {
  given("a", "old a\n", 0640);
  given("c", "old c\n");
  const struct stat before = status("a");
  refuses({{path("a"), "new\n"}, {path("b"), "new\n"}, {path("c"), "new\n"}}, "c",
          "Device or resource busy", failing_for({path("c")}));
  EXPECT_EQ(content("a"), "old a\n");
  EXPECT_EQ(content("c"), "old c\n");
  EXPECT_EQ(status("a").st_ino, before.st_ino);
  EXPECT_EQ(names(), (Names{"a", "c"}));
}

TEST_F(OutputFiles, NamesTheOldFileWhereItCannotBePutBack) {
  given("a", "old a\n");
  given("b", "old b\n");
  int renames = 0;
  FileCalls calls = system_calls();
  calls.rename = [&renames](const char* from, const char* to) {
    if (++renames == 1) return ::rename(from, to);
    errno = EROFS;
    return -1;
  };
  const OutputResult result =
      write_output_files({{path("a"), "new\n"}, {path("b"), "new\n"}}, Backup::orig, calls);
  ASSERT_EQ(result.errors.size(), 2U);
  EXPECT_EQ(result.errors[0].path, path("b"));
  EXPECT_EQ(result.errors[0].why, "Read-only file system");
  EXPECT_EQ(result.errors[1].path, path("a"));
  EXPECT_EQ(result.errors[1].why,
            "could not be put back, the old file is " + path("a.orig") + ": Read-only file system");
  EXPECT_EQ(content("a"), "new\n");
  EXPECT_EQ(content("a.orig"), "old a\n");
  EXPECT_EQ(names(), (Names{"a", "a.orig", "b"}));
}

}  // namespace
}  // namespace untrack
