// A ruleset from its text, for the tests of what the analysis takes from rules.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "model/resolve.hpp"
#include "parser/parse.hpp"

namespace untrack {

struct ReadRuleset {
  Sources sources;
  Ruleset ruleset;
};

inline std::unique_ptr<ReadRuleset> read_ruleset(std::string_view text, Format format) {
  auto made = std::make_unique<ReadRuleset>();
  const std::array inputs{
      Input{made->sources.add("rules", std::string(text)), format, IpVersion::ipv4}};
  made->ruleset = parse(made->sources, inputs);
  resolve(made->ruleset);
  return made;
}

// Of iptables, the rules of table filter alone.
inline std::unique_ptr<ReadRuleset> read_filter(std::string_view rules) {
  return read_ruleset("*filter\n:INPUT ACCEPT\n" + std::string(rules) + "COMMIT\n",
                      Format::iptables_save);
}

}  // namespace untrack
