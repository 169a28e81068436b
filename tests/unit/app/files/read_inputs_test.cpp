#include "app/files/read_inputs.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/unit/app/scratch.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ruleset = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";

TEST(ReadInputs, ReadsFilesAndStandardInputInOrder) {
  const Scratch scratch;
  const std::string file = scratch.write("a", "one");
  std::istringstream in("two");
  const InputTexts inputs = read_inputs({"-", file}, in);
  ASSERT_EQ(inputs.texts.size(), 2U);
  EXPECT_EQ(inputs.texts[0].path, "-");
  EXPECT_EQ(inputs.texts[0].text, "two");
  EXPECT_EQ(inputs.texts[1].path, file);
  EXPECT_EQ(inputs.texts[1].text, "one");
  EXPECT_TRUE(inputs.unreadable.empty());
}

TEST(ReadInputs, EndsWhereAnInputDoesNot) {
  std::istringstream in;
  const InputTexts inputs = read_inputs({"/dev/zero"}, in);
  EXPECT_TRUE(inputs.texts.empty());
  EXPECT_EQ(inputs.unreadable, std::vector<std::string>{"/dev/zero: larger than 512 MiB"});
}

TEST(ReadInputs, TakesTheRulesetsOfADirectoryByName) {
  const Scratch scratch;
  const std::string b = scratch.write("b.v4", ruleset);
  const std::string a = scratch.write("a.v6", ruleset);
  const std::string other = scratch.write("readme", "Nothing of the kind.\n");
  fs::create_directory(scratch.path / "below");
  std::istringstream in;
  const InputTexts inputs = read_inputs({scratch.path.string()}, in);
  ASSERT_EQ(inputs.texts.size(), 2U);
  EXPECT_EQ(inputs.texts[0].path, a);
  EXPECT_EQ(inputs.texts[1].path, b);
  const std::string below = (scratch.path / "below").string() + "/";
  EXPECT_EQ(inputs.skipped, (std::vector<std::string>{other, below}));
  EXPECT_TRUE(inputs.unreadable.empty());
}

TEST(ReadInputs, DoesNotPassOverRulesOfNft) {
  for (const char* text : {"#!/usr/sbin/nft -f\n", "flush ruleset\n", "table inet filter {\n}\n",
                           "{\"nftables\": []}\n"}) {
    const Scratch scratch;
    scratch.write("a.v4", ruleset);
    const std::string nft = scratch.write("nftables.conf", text);
    std::istringstream in;
    const InputTexts inputs = read_inputs({scratch.path.string()}, in);
    ASSERT_EQ(inputs.texts.size(), 2U) << text;
    EXPECT_EQ(inputs.texts[1].path, nft);
  }
}

TEST(ReadInputs, NamesWhatGaveNothing) {
  const Scratch scratch;
  std::istringstream in;
  const std::string missing = (scratch.path / "missing").string();
  const InputTexts inputs = read_inputs({missing, scratch.path.string()}, in);
  ASSERT_EQ(inputs.unreadable.size(), 2U);
  EXPECT_EQ(inputs.unreadable[0], missing + ": No such file or directory");
  EXPECT_EQ(inputs.unreadable[1],
            scratch.path.string() + ": no file in this directory looks like a ruleset");
}

}  // namespace
}  // namespace untrack
