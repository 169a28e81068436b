// Input that nobody means well with: cut short, random, binary, deeply quoted, huge. Each gives a
// ruleset with its invariants kept, never a crash or a hang; the sanitizers' build runs this, too.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "model/resolve.hpp"
#include "parser/parse.hpp"
#include "tests/fuzz/invariants.hpp"
#include "tests/paths.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

// What reading the text breaks, or nothing.
std::string broken_by(std::string text, std::size_t* rules = nullptr) {
  Sources sources;
  const std::array<Input, 1> inputs{
      Input{sources.add("hostile.rules", std::move(text)), std::nullopt, std::nullopt}};
  Ruleset ruleset = parse(sources, inputs);
  resolve(ruleset);
  if (rules != nullptr) *rules = ruleset.rules.size();
  return broken_invariant(sources, ruleset);
}

std::vector<std::string> samples() {
  std::vector<std::string> texts;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(UNTRACK_SOURCE_DIR) + "/samples")) {
    if (entry.path().extension() == ".md") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    if (text.size() < 16 * 1024) texts.push_back(std::move(text));
  }
  EXPECT_GE(texts.size(), 8U);
  return texts;
}

std::string repeated(std::string_view word, std::size_t times) {
  std::string text;
  text.reserve(word.size() * times);
  while (times-- > 0) text += word;
  return text;
}

TEST(HostileInput, IsCutShortAtEveryByte) {
  for (const std::string& text : samples()) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      ASSERT_EQ(broken_by(text.substr(0, size)), "") << "first " << size << " bytes of\n" << text;
    }
  }
}

TEST(HostileInput, IsRandomBytes) {
  std::mt19937 dice = seeded_dice();
  for (int round = 0; round < 3000; ++round) {
    std::string text(dice() % 400, '\0');
    for (char& byte : text) byte = static_cast<char>(dice());
    ASSERT_EQ(broken_by(text), "") << testing::PrintToString(text);
    ASSERT_EQ(broken_by("*filter\n:INPUT DROP [0:0]\n-A INPUT " + text + "\nCOMMIT\n"), "")
        << testing::PrintToString(text);
  }
}

// Words of real rulesets in any order: gets deeper than random bytes do.
TEST(HostileInput, IsWordsInAnyOrder) {
  std::mt19937 dice = seeded_dice();
  std::vector<std::string> words;
  for (const std::string& text : samples()) {
    std::string word;
    for (const char byte : text) {
      word += byte;
      if (byte != ' ' && byte != '\n') continue;
      words.push_back(word);
      word.clear();
    }
  }
  for (int round = 0; round < 3000; ++round) {
    std::string text = "*filter\n:INPUT DROP [0:0]\n-A INPUT ";
    for (auto count = dice() % 30; count > 0; --count) text += words[dice() % words.size()];
    ASSERT_EQ(broken_by(text), "") << text;
  }
}

TEST(HostileInput, IsSamplesWithBytesChanged) {
  std::mt19937 dice = seeded_dice();
  const std::vector<std::string> texts = samples();
  for (int round = 0; round < 2000; ++round) {
    std::string text = texts[dice() % texts.size()];
    for (auto count = 1 + dice() % 8; count > 0; --count) {
      text[dice() % text.size()] = static_cast<char>(dice());
    }
    ASSERT_EQ(broken_by(text), "") << testing::PrintToString(text);
  }
}

TEST(HostileInput, IsQuotedDeeply) {
  for (const std::string_view quote :
       {"\"", "'", "\\", "\\\"", "\"\\", "$(", "`", "${", "!", "! "}) {
    const std::string many = repeated(quote, 200'000);
    EXPECT_EQ(broken_by(many), "") << quote;
    EXPECT_EQ(broken_by("*filter\n-A INPUT -m comment --comment " + many + "\nCOMMIT\n"), "")
        << quote;
    EXPECT_EQ(broken_by("#!/bin/sh\nX=" + many + "\niptables -A INPUT -s $X -j DROP\n"), "")
        << quote;
  }
}

// A name expanded into a name ...: 2 to the power of 60 bytes if nothing bounds it.
TEST(HostileInput, IsVariablesThatDouble) {
  std::string text = "#!/bin/sh\nV0=0123456789\n";
  for (int level = 1; level < 60; ++level) {
    const std::string last = std::to_string(level - 1);
    text += "V" + std::to_string(level) + "=\"$V" + last + " $V" + last + "\"\n";
  }
  EXPECT_EQ(broken_by(text + "iptables -A INPUT -s $V59 -j DROP\n"), "");
}

// A comma list in -s and in -d: iptables makes a rule of each pair.
TEST(HostileInput, IsListsThatMultiply) {
  const std::string addresses = repeated("192.0.2.1,", 30'000) + "192.0.2.1";
  EXPECT_EQ(broken_by("*filter\n:INPUT DROP [0:0]\n-A INPUT -s " + addresses + " -d " + addresses +
                      " -j DROP\nCOMMIT\n"),
            "");
}

TEST(HostileInput, IsOneLongLine) {
  EXPECT_EQ(broken_by("*filter\n:INPUT DROP [0:0]\n-A INPUT" +
                      repeated(" -m comment --comment x", 100'000) + "\nCOMMIT\n"),
            "");
  EXPECT_EQ(broken_by("*filter\n:" + std::string(5'000'000, 'x') + " - [0:0]\nCOMMIT\n"), "");
}

// Chains that jump into each other, deeper than any stack.
TEST(HostileInput, IsChainsNestedDeeply) {
  std::string declarations = "*filter\n:INPUT DROP [0:0]\n";
  std::string rules = "-A INPUT -j c0\n";
  constexpr int depth = 100'000;
  for (int level = 0; level < depth; ++level) {
    const std::string name = "c" + std::to_string(level);
    declarations += ":" + name + " - [0:0]\n";
    if (level + 1 < depth) rules += "-A " + name + " -j c" + std::to_string(level + 1) + "\n";
  }
  EXPECT_EQ(broken_by(declarations + rules + "COMMIT\n"), "");
  EXPECT_EQ(broken_by(declarations + rules + "-A c99999 -j c0\nCOMMIT\n"), "") << "a loop";
}

TEST(HostileInputSlow, IsHundredMegabytes) {
  const std::string head = "*filter\n:INPUT DROP [0:0]\n";
  const std::string rule =
      "-A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 443 -m state --state NEW -j ACCEPT\n";
  constexpr std::size_t size = 100 * 1024 * 1024;
  const auto start = std::chrono::steady_clock::now();
  std::size_t rules = 0;
  EXPECT_EQ(broken_by(head + repeated(rule, size / rule.size()) + "COMMIT\n", &rules), "");
  EXPECT_EQ(rules, size / rule.size());
  EXPECT_EQ(broken_by(std::string(size, '\0')), "") << "zero bytes";
  EXPECT_EQ(broken_by(std::string(size, '\n')), "") << "empty lines";
  EXPECT_EQ(broken_by(std::string(size, 'x')), "") << "one word";
  EXPECT_EQ(broken_by(head + repeated("-A INPUT\xff\n", size / 10)), "")
      << "a problem in each line";
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 120.0) << "seconds";
}

}  // namespace
}  // namespace untrack
