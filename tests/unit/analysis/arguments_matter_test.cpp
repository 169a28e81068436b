// No argument is overlooked where two rulesets are compared: what iptables takes
// (tests/accepted/arguments.txt), in a rule that is the only one, makes of a ruleset another than
// it is without. Those that make no difference are named here, with the reason.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/difference/difference.hpp"
#include "tests/paths.hpp"
#include "tests/unit/analysis/program/read_ruleset.hpp"

namespace untrack {
namespace {

// Words that an argument ends in, or `-j TARGET` anywhere in it.
struct Idle {
  std::string_view words;
  std::string_view why;
};
constexpr std::array idle = {
    Idle{"-j LOG", "what is logged is not compared"},
    Idle{"-j NFLOG", "what is logged is not compared"},
    Idle{"-j ULOG", "what is logged is not compared"},
    Idle{"-j TRACE", "what is logged is not compared"},
    Idle{"-j AUDIT", "what is logged is not compared"},
    Idle{"-j LED", "no packet meets it"},
    Idle{"-j IDLETIMER", "tells programs, and does nothing to packets"},
    Idle{"-j NOTRACK", "of a ruleset that tracks nothing"},
    Idle{"-j CT --notrack", "of a ruleset that tracks nothing"},
    Idle{"-j RETURN", "to the policy, which decides either way"},
    Idle{"-j SET", "fills a set that no rule asks"},
    Idle{"-j RATEEST", "measures a rate that no rule asks"},
    Idle{"INPUT -f", "fragments are put together before INPUT (ip_local_deliver)"},
    Idle{"--src-range 1.2.3.9-1.2.3.4", "nothing lies between"},
    Idle{"--length 20:10", "nothing lies between"},
    Idle{"--espspi 5:1", "nothing lies between"},
    Idle{"--ttl-gt 255", "no number is greater"},
    Idle{"--tcp-flags \"\" SYN", "a flag that is not looked at is never set"},
    Idle{"--tcp-flags SYN ACK", "a flag that is not looked at is never set"},
    Idle{"--mark 1 -m mark --mark 2", "not both"},
};

const Idle* idle_words_of(std::string_view argument) {
  const auto found = std::ranges::find_if(idle, [&](const Idle& row) {
    return row.words.starts_with("-j ")
               ? (std::string(argument) + ' ').find(std::string(row.words) + ' ') !=
                     std::string::npos
               : argument.ends_with(row.words);
  });
  return found == idle.end() ? nullptr : &*found;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ' ' && !is_quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, word) != names.end();
}

struct Written {
  std::string without;
  std::string with;
};

// Nothing: no rule is appended. A rule without a target accepts what a policy drops, or drops what
// one accepts, since policies other than those of table filter accept.
std::optional<Written> written(std::string_view argument) {
  std::vector<std::string> words = words_of(argument);
  std::string table = "filter";
  const auto named = std::ranges::find(words, "-t");
  if (named != words.end()) {
    table = named[1];
    words.erase(named, named + 2);
  }
  if (!is_one_of(words[0], {"-A", "--append"})) return std::nullopt;
  words[0] = "-A";
  const std::string chain = words[1];
  const bool has_target = std::ranges::any_of(words, [](const std::string& word) {
    return is_one_of(word, {"-j", "--jump", "-g", "--goto"});
  });
  const bool is_built_in =
      is_one_of(chain, {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"});
  const bool drops = table == "filter";
  Written made;
  made.without = fmt::format("*{}\n:{} {}\n", table, is_built_in ? chain : "PREROUTING",
                             drops ? "DROP" : "ACCEPT");
  if (!is_built_in) made.without += fmt::format(":{} -\n-A PREROUTING -j {}\n", chain, chain);
  made.with = fmt::format("{}{}{}\nCOMMIT\n", made.without, fmt::join(words, " "),
                          has_target ? "" : (drops ? " -j ACCEPT" : " -j DROP"));
  made.without += "COMMIT\n";
  return made;
}

bool are_alike(const Written& texts, IpVersion version) {
  const auto read = [&](const std::string& text) {
    auto made = std::make_unique<ReadRuleset>();
    const std::array inputs{
        Input{made->sources.add("rules", text), Format::iptables_save, version}};
    made->ruleset = parse(made->sources, inputs);
    resolve(made->ruleset);
    return made;
  };
  const auto before = read(texts.without);
  const auto after = read(texts.with);
  FreeVariables variables;
  const Program old_program(before->ruleset, version, true, variables);
  const Program new_program(after->ruleset, version, true, variables);
  const std::array<const Program*, 2> programs = {&old_program, &new_program};
  return difference(*World::make(programs)).is_equivalent;
}

TEST(ArgumentsMatter, WhereTwoRulesetsAreCompared) {
  std::ifstream file(UNTRACK_SOURCE_DIR "/tests/accepted/arguments.txt");
  ASSERT_TRUE(file);
  std::string line;
  int count = 0;
  std::set<std::string_view> seen;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t blank = line.find(' ');
    const std::string_view kind = std::string_view(line).substr(0, blank);
    if (!is_one_of(kind, {"yes", "host", "odd", "mixed-yes"})) continue;
    const std::string_view argument = std::string_view(line).substr(blank + 3);
    const auto texts = written(argument);
    if (!texts) continue;
    ++count;
    const Idle* const known = idle_words_of(argument);
    if (known != nullptr) seen.insert(known->words);
    const IpVersion version = line[blank + 1] == '4' ? IpVersion::ipv4 : IpVersion::ipv6;
    EXPECT_EQ(are_alike(*texts, version), known != nullptr)
        << line << (known == nullptr ? "" : known->why);
  }
  EXPECT_GT(count, 300);
  EXPECT_EQ(seen.size(), idle.size()) << "some of `idle` are in no argument any more";
}

}  // namespace
}  // namespace untrack
