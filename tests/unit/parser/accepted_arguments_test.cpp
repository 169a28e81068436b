// Our reader refuses what iptables refuses: tests/accepted/arguments.txt, whose other half asks
// iptables itself.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/paths.hpp"
#include "tests/unit/parser/command_text.hpp"

namespace untrack::test {
namespace {

enum class Answer { silent, noted, refused };

Answer answer_to(std::string_view text, IpVersion version, std::string& said) {
  Ruleset ruleset;
  const std::vector<iptables::Word> words = split(text);
  const iptables::Command command = iptables::read_command(words, {version, "filter"}, ruleset);
  Answer answer = Answer::silent;
  for (const Problem& problem : ruleset.problems) {
    said += problem.message + " [" + problem.label + "]\n";
    if (problem.kind != ProblemKind::note) {
      answer = Answer::refused;
    } else if (answer == Answer::silent) {
      answer = Answer::noted;
    }
  }
  EXPECT_FALSE(command.kind == iptables::CommandKind::none && answer != Answer::refused)
      << "no command, and nobody said why: " << text;
  return answer;
}

struct Kind {
  std::string_view name;
  Answer answer;
};
constexpr std::array kinds = {
    Kind{"yes", Answer::silent},       Kind{"no", Answer::refused},
    Kind{"note", Answer::noted},       Kind{"odd", Answer::noted},
    Kind{"strict", Answer::refused},   Kind{"mixed-yes", Answer::silent},
    Kind{"mixed-no", Answer::refused}, Kind{"host", Answer::silent},
    Kind{"gap", Answer::silent},
};

TEST(AcceptedArguments, AreThoseOfIptables) {
  std::ifstream file(UNTRACK_SOURCE_DIR "/tests/accepted/arguments.txt");
  ASSERT_TRUE(file);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t blank = line.find(' ');
    const std::string_view name = std::string_view(line).substr(0, blank);
    const IpVersion version = line[blank + 1] == '4' ? IpVersion::ipv4 : IpVersion::ipv6;
    std::string said;
    const Answer answer = answer_to(std::string_view(line).substr(blank + 3), version, said);
    bool is_known = false;
    for (const Kind& kind : kinds) {
      if (kind.name != name) continue;
      is_known = true;
      EXPECT_EQ(static_cast<int>(answer), static_cast<int>(kind.answer)) << line << '\n' << said;
    }
    EXPECT_TRUE(is_known) << line;
    ++count;
  }
  EXPECT_GT(count, 700);
}

}  // namespace
}  // namespace untrack::test
