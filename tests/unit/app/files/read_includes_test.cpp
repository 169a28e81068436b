#include "app/files/read_includes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/app/scratch.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

struct Host : Scratch {
  // Of a file that was named to the command.
  [[nodiscard]] InputText named(const std::string& name) const {
    std::ifstream stream(path / name);
    return {(path / name).string(), {std::istreambuf_iterator<char>(stream), {}}};
  }
  // What the only include of main.nft stands for.
  [[nodiscard]] InputText::Include only_include(const IncludeSettings& settings = {}) const {
    std::vector<InputText> texts = {named("main.nft")};
    read_includes(texts, settings);
    EXPECT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts.front().includes.size(), 1U);
    return texts.front().includes.empty() ? InputText::Include{} : texts.front().includes.front();
  }
};

std::vector<std::string> texts_of(const InputText::Include& include) {
  std::vector<std::string> texts;
  for (const InputText& file : include.files) texts.push_back(file.text);
  return texts;
}

using Texts = std::vector<std::string>;
constexpr std::string_view table = "table inet filter {\n}\n";

std::string including(std::string_view name) {
  return std::string(table) + "include \"" + std::string(name) + "\"\n";
}

TEST(ReadIncludes, TakesWhatAPatternFindsInByteOrder) {
  const Host scratch;
  scratch.write("main.nft", including("rules.d/*.nft"));
  scratch.write("rules.d/20.nft", "twenty");
  scratch.write("rules.d/10.nft", "ten");
  scratch.write("rules.d/.hidden.nft", "hidden");
  scratch.write("rules.d/readme", "none");
  fs::create_directory(scratch.path / "rules.d/below.nft");
  const InputText::Include include = scratch.only_include();
  EXPECT_EQ(texts_of(include), (Texts{"ten", "twenty"}));
  EXPECT_EQ(include.files[0].path, (scratch.path / "rules.d/10.nft").string());
  EXPECT_EQ(include.why_not, "");
}

TEST(ReadIncludes, LetsAPatternFindNothingWhereThereIsItsDirectory) {
  const Host scratch;
  scratch.write("main.nft", including("rules.d/*.nft"));
  EXPECT_EQ(scratch.only_include().why_not,
            "there is no " + (scratch.path / "rules.d/*.nft").string());
  fs::create_directory(scratch.path / "rules.d");
  EXPECT_EQ(scratch.only_include().why_not, "");
}

TEST(ReadIncludes, TakesNoSignOfTheDirectoryForAPattern) {
  const Host scratch;
  scratch.write("[x]*/main.nft", including("*.inc"));
  scratch.write("[x]*/a.inc", "right");
  scratch.write("xy/a.inc", "wrong");
  std::vector<InputText> texts = {scratch.named("[x]*/main.nft")};
  read_includes(texts, {});
  EXPECT_EQ(texts_of(texts.front().includes.front()), Texts{"right"});
}

TEST(ReadIncludes, LooksBesideTheFileItselfAndThenBesideTheOneThatWasNamed) {
  const Host scratch;
  scratch.write("main.nft", including("sub/middle.nft"));
  scratch.write("sub/middle.nft", "include \"near.nft\"\ninclude \"far.nft\"\n");
  scratch.write("sub/near.nft", "near");
  scratch.write("near.nft", "not this one");
  scratch.write("far.nft", "far");
  const InputText::Include include = scratch.only_include();
  ASSERT_EQ(include.files.size(), 1U);
  const std::vector<InputText::Include>& inner = include.files.front().includes;
  ASSERT_EQ(inner.size(), 2U);
  EXPECT_EQ(texts_of(inner[0]), Texts{"near"});
  EXPECT_EQ(texts_of(inner[1]), Texts{"far"});
}

TEST(ReadIncludes, LooksInGivenDirectoriesFirst) {
  const Host scratch;
  scratch.write("main.nft", including("a.nft"));
  scratch.write("a.nft", "beside");
  scratch.write("lib/a.nft", "given");
  EXPECT_EQ(texts_of(scratch.only_include()), Texts{"beside"});
  EXPECT_EQ(texts_of(scratch.only_include({{(scratch.path / "lib").string()}, ""})),
            Texts{"given"});
  scratch.write("main.nft", including("./a.nft"));
  EXPECT_EQ(texts_of(scratch.only_include({{(scratch.path / "lib").string()}, ""})),
            Texts{"beside"});
}

TEST(ReadIncludes, PutsARootInFrontOfWholeNames) {
  const Host scratch;
  scratch.write("main.nft", including("/etc/nftables.d/*.nft"));
  scratch.write("files/etc/nftables.d/a.nft", "copy");
  EXPECT_EQ(texts_of(scratch.only_include({{}, (scratch.path / "files").string()})), Texts{"copy"});
}

TEST(ReadIncludes, LeavesWhatIsNotBelowTheDirectory) {
  const Host scratch;
  scratch.write("other/secret", "secret");
  fs::create_directory(scratch.path / "host");
  fs::create_symlink(scratch.path / "other/secret", scratch.path / "host/link.nft");
  for (const std::string& name :
       {std::string("../other/secret"), (scratch.path / "other/secret").string(),
        std::string("link.nft")}) {
    scratch.write("host/main.nft", including(name));
    std::vector<InputText> texts = {scratch.named("host/main.nft")};
    read_includes(texts, {});
    const InputText::Include& include = texts.front().includes.front();
    EXPECT_TRUE(include.files.empty()) << name;
    EXPECT_TRUE(include.why_not.ends_with("is not below the directory of " + texts.front().path))
        << include.why_not;
    read_includes(texts = {scratch.named("host/main.nft")},
                  {{(scratch.path / "other").string()}, ""});
    EXPECT_EQ(texts_of(texts.front().includes.front()), Texts{"secret"}) << name;
  }
}

TEST(ReadIncludes, EndsWhereFilesIncludeEachOther) {
  const Host scratch;
  scratch.write("main.nft", including("a.nft"));
  scratch.write("a.nft", "include \"main.nft\"\ninclude \"a.nft\"\n");
  const InputText::Include include = scratch.only_include();
  ASSERT_EQ(include.files.size(), 1U);
  ASSERT_EQ(include.files.front().includes.size(), 2U);
  for (const InputText::Include& inner : include.files.front().includes) {
    EXPECT_TRUE(inner.why_not.ends_with(" includes itself")) << inner.why_not;
  }
}

TEST(ReadIncludes, NestsAsDeepAsNft) {
  const Host scratch;
  scratch.write("main.nft", including("1.nft"));
  for (int i = 1; i <= 20; ++i) {
    scratch.write(std::to_string(i) + ".nft", "include \"" + std::to_string(i + 1) + ".nft\"\n");
  }
  InputText::Include include = scratch.only_include();
  int depth = 0;
  while (!include.files.empty()) {
    ++depth;
    include = InputText::Include(include.files.front().includes.front());
  }
  EXPECT_EQ(depth, 16);
  EXPECT_EQ(include.why_not, "more than 16 files, one within the other");
}

TEST(ReadIncludes, ReadsNoDevice) {
  const Host scratch;
  scratch.write("main.nft", including("/dev/zero"));
  EXPECT_EQ(scratch.only_include({{"/dev"}, ""}).why_not, "/dev/zero is not a regular file");
}

TEST(ReadIncludes, TakesAFileOutThatAnotherIncludes) {
  const Host scratch;
  scratch.write("main.nft", including("a.nft"));
  scratch.write("a.nft", std::string(table));
  std::vector<InputText> texts = {scratch.named("a.nft"), scratch.named("main.nft")};
  read_includes(texts, {});
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts.front().path, (scratch.path / "main.nft").string());
}

TEST(ReadIncludes, KnowsNoDirectoryOfStandardInput) {
  std::vector<InputText> texts = {{"-", including("a.nft")}};
  read_includes(texts, {});
  ASSERT_EQ(texts.front().includes.size(), 1U);
  EXPECT_EQ(texts.front().includes.front().why_not, "where to look for it is not known");
}

}  // namespace
}  // namespace untrack
